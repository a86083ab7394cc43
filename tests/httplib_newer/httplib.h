#pragma once

// A stand-in for the cpp-httplib of later releases than Debian's: of what
// differs there from 0.11.4, and of what launch's sources need beside it, the
// declarations. Sources compile against it; nothing is ever linked with it.

#include <sys/types.h>

#include <atomic>
#include <ctime>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <regex>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#define CPPHTTPLIB_VERSION "0.53.1"
#define INVALID_SOCKET (-1)

using socket_t = int;

namespace httplib {

using SocketOptions = std::function<void(socket_t)>;

/// In order of insertion, and without nodes.
struct Headers : std::vector<std::pair<std::string, std::string>> {
  using vector::vector;
  iterator emplace(const std::string& name, const std::string& value);
};
using Params = Headers;
using Ranges = std::vector<std::pair<ssize_t, ssize_t>>;

struct MultipartFormData {
  std::multimap<std::string, std::string> fields;
};

struct Request {
  std::string method, path, matched_route, body, version, target;
  Params params;
  Headers headers;
  std::string remote_addr, local_addr;
  int remote_port = -1, local_port = -1;
  MultipartFormData form;
  Ranges ranges;
  std::smatch matches;
  std::unordered_map<std::string, std::string> path_params;
};

struct Response {
  std::string version, body;
  int status = -1;
  Headers headers;
  void set_content(const std::string& body, const std::string& type);
};

class Stream {
 public:
  virtual ~Stream() = default;
  virtual bool is_readable() const = 0;
  virtual bool wait_readable() const = 0;
  virtual bool wait_writable() const = 0;
  virtual ssize_t read(char* to, size_t size) = 0;
  virtual ssize_t write(const char* from, size_t size) = 0;
  virtual void get_remote_ip_and_port(std::string& ip, int& port) const = 0;
  virtual void get_local_ip_and_port(std::string& ip, int& port) const = 0;
  virtual socket_t socket() const = 0;
  virtual time_t duration() const = 0;
};

std::string decode_path_component(const std::string& text);

namespace detail {

enum class EncodingType { None };
EncodingType encoding_type(const Request&, const Response&);
void parse_query_text(const char* text, size_t size, Params&);
void parse_query_text(const std::string& text, Params&);
bool parse_range_header(const std::string& value, Ranges&);

class MatcherBase {
 public:
  virtual ~MatcherBase() = default;
  virtual bool match(Request&) const = 0;
};

class BufferStream final : public Stream {
 public:
  bool is_readable() const override;
  bool wait_readable() const override;
  bool wait_writable() const override;
  ssize_t read(char*, size_t) override;
  ssize_t write(const char*, size_t) override;
  void get_remote_ip_and_port(std::string&, int&) const override;
  void get_local_ip_and_port(std::string&, int&) const override;
  socket_t socket() const override;
  time_t duration() const override;
  const std::string& get_buffer() const;
};

}  // namespace detail

class ContentReader;
using Logger = std::function<void(const Request&, const Response&)>;

class Server {
 public:
  enum class HandlerResponse { Handled, Unhandled };
  using Handler = std::function<void(const Request&, Response&)>;
  using ExceptionHandler =
      std::function<void(const Request&, Response&, std::exception_ptr)>;
  using HandlerWithResponse =
      std::function<HandlerResponse(const Request&, Response&)>;
  using HandlerWithContentReader =
      std::function<void(const Request&, Response&, const ContentReader&)>;
  using Expect100ContinueHandler =
      std::function<int(const Request&, Response&)>;

  Server();
  virtual ~Server();
  virtual bool is_valid() const;

  Server& Get(const std::string&, Handler);
  Server& Post(const std::string&, Handler);
  Server& Post(const std::string&, HandlerWithContentReader);
  Server& Put(const std::string&, Handler);
  Server& Put(const std::string&, HandlerWithContentReader);
  Server& Patch(const std::string&, Handler);
  Server& Patch(const std::string&, HandlerWithContentReader);
  Server& Delete(const std::string&, Handler);
  Server& Delete(const std::string&, HandlerWithContentReader);
  Server& Options(const std::string&, Handler);

  bool set_mount_point(const std::string&, const std::string&, Headers = {});
  bool remove_mount_point(const std::string&);
  Server& set_file_extension_and_mimetype_mapping(const std::string&,
                                                  const std::string&);
  Server& set_file_request_handler(Handler);
  template <class ErrorHandler>
  Server& set_error_handler(ErrorHandler&&);
  Server& set_exception_handler(ExceptionHandler);
  Server& set_pre_routing_handler(HandlerWithResponse);
  Server& set_post_routing_handler(Handler);
  Server& set_expect_100_continue_handler(Expect100ContinueHandler);
  Server& set_logger(Logger);
  Server& set_default_headers(Headers);
  Server& set_keep_alive_max_count(size_t);
  Server& set_keep_alive_timeout(time_t);
  Server& set_read_timeout(time_t, time_t = 0);
  Server& set_write_timeout(time_t, time_t = 0);
  Server& set_payload_max_length(size_t);
  void stop() noexcept;

 protected:
  bool process_request(Stream&, const std::string& remote_addr, int remote_port,
                       const std::string& local_addr, int local_port,
                       bool close_connection, bool& connection_closed,
                       const std::function<void(Request&)>& setup_request,
                       bool* websocket_upgraded = nullptr);

  std::atomic<socket_t> svr_sock_;
  size_t keep_alive_max_count_;
  time_t keep_alive_timeout_sec_;
  time_t read_timeout_sec_, read_timeout_usec_;
  time_t write_timeout_sec_, write_timeout_usec_;
  size_t payload_max_length_;

 private:
  template <typename H>
  using Matched =
      std::vector<std::pair<std::unique_ptr<detail::MatcherBase>, H>>;

  bool routing(Request&, Response&, Stream&);
  bool write_response_core(Stream&, bool close_connection, const Request&,
                           Response&, bool need_apply_ranges);

  std::vector<std::string> base_dirs_;
  Matched<Handler> get_handlers_, post_handlers_, put_handlers_,
      patch_handlers_, delete_handlers_, options_handlers_;
  Matched<HandlerWithContentReader> post_handlers_for_content_reader_,
      put_handlers_for_content_reader_, patch_handlers_for_content_reader_,
      delete_handlers_for_content_reader_;
  HandlerWithResponse error_handler_, pre_routing_handler_;
  Handler file_request_handler_, post_routing_handler_;
  ExceptionHandler exception_handler_;
  Expect100ContinueHandler expect_100_continue_handler_;
  Logger logger_;
  Headers default_headers_;
};

}  // namespace httplib
