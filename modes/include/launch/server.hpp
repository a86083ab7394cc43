#pragma once

#include <httplib.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <ctime>
#include <functional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "launch/registrations.hpp"

namespace launch {

// What launch::Server sets where cpp-httplib's own defaults (5 requests per
// connection, 5 s, bodies of any size) do not suit a server. An app that sets
// them again wins.
inline constexpr std::size_t kDefaultKeepAliveMaxCount =
    1'000'000;  ///< requests
inline constexpr std::time_t kDefaultKeepAliveTimeoutSeconds = 75;
inline constexpr std::size_t kDefaultPayloadMaxLength = 8 << 20;  ///< bytes
inline constexpr std::time_t kDefaultReadTimeoutSeconds = 30;
inline constexpr std::time_t kDefaultWriteTimeoutSeconds = 30;

/// What a start-up or shut-down hook is told about the worker that runs it.
struct WorkerInfo {
  int id = 1;       ///< 1..workers
  int workers = 1;  ///< processes that serve
  int threads = 1;  ///< handler threads in this process
};

using WorkerHook = std::function<void(const WorkerInfo&)>;

/// The app did what only launch may do, such as opening the port.
struct ContractError : std::logic_error {
  using std::logic_error::logic_error;
};

/// The server an app registers its handlers on: an httplib::Server that keeps
/// a record of what is registered and leaves ports, processes and threads to
/// launch. Setters of sockets (address family, socket options, TCP_NODELAY,
/// idle interval) and `new_task_queue` are accepted and have no effect.
class __attribute__((visibility("default"))) Server : public httplib::Server {
 public:
  Server() {
    httplib::Server::set_keep_alive_max_count(kDefaultKeepAliveMaxCount);
    httplib::Server::set_keep_alive_timeout(kDefaultKeepAliveTimeoutSeconds);
    httplib::Server::set_payload_max_length(kDefaultPayloadMaxLength);
    httplib::Server::set_read_timeout(kDefaultReadTimeoutSeconds, 0);
    httplib::Server::set_write_timeout(kDefaultWriteTimeoutSeconds, 0);
  }

  // Handlers.

  Server& Get(const std::string& pattern, Handler handler) {
    return add<Handler>(&httplib::Server::Get, "GET", pattern,
                        std::move(handler));
  }
  Server& Post(const std::string& pattern, Handler handler) {
    return add<Handler>(&httplib::Server::Post, "POST", pattern,
                        std::move(handler));
  }
  Server& Post(const std::string& pattern, HandlerWithContentReader handler) {
    return add<HandlerWithContentReader>(&httplib::Server::Post, "POST",
                                         pattern, std::move(handler));
  }
  Server& Put(const std::string& pattern, Handler handler) {
    return add<Handler>(&httplib::Server::Put, "PUT", pattern,
                        std::move(handler));
  }
  Server& Put(const std::string& pattern, HandlerWithContentReader handler) {
    return add<HandlerWithContentReader>(&httplib::Server::Put, "PUT", pattern,
                                         std::move(handler));
  }
  Server& Patch(const std::string& pattern, Handler handler) {
    return add<Handler>(&httplib::Server::Patch, "PATCH", pattern,
                        std::move(handler));
  }
  Server& Patch(const std::string& pattern, HandlerWithContentReader handler) {
    return add<HandlerWithContentReader>(&httplib::Server::Patch, "PATCH",
                                         pattern, std::move(handler));
  }
  Server& Delete(const std::string& pattern, Handler handler) {
    return add<Handler>(&httplib::Server::Delete, "DELETE", pattern,
                        std::move(handler));
  }
  Server& Delete(const std::string& pattern, HandlerWithContentReader handler) {
    return add<HandlerWithContentReader>(&httplib::Server::Delete, "DELETE",
                                         pattern, std::move(handler));
  }
  Server& Options(const std::string& pattern, Handler handler) {
    return add<Handler>(&httplib::Server::Options, "OPTIONS", pattern,
                        std::move(handler));
  }

  // Files.

  bool set_base_dir(const std::string& dir,
                    const std::string& mount_point = std::string()) {
    return set_mount_point(mount_point, dir);
  }
  bool set_mount_point(const std::string& mount_point, const std::string& dir,
                       httplib::Headers headers = httplib::Headers()) {
    if (!httplib::Server::set_mount_point(mount_point, dir, std::move(headers)))
      return false;
    if (recorded())
      registrations_.mounts.push_back(mount_point.empty() ? "/" : mount_point);
    return true;
  }
  /// Removes one mount at a time, as httplib::Server does.
  bool remove_mount_point(const std::string& mount_point) {
    if (!httplib::Server::remove_mount_point(mount_point)) return false;
    auto& mounts = registrations_.mounts;
    const auto mount = std::find(mounts.begin(), mounts.end(), mount_point);
    if (recorded() && mount != mounts.end()) mounts.erase(mount);
    return true;
  }
  Server& set_file_extension_and_mimetype_mapping(const std::string& ext,
                                                  const std::string& mime) {
    httplib::Server::set_file_extension_and_mimetype_mapping(ext, mime);
    return *this;
  }
  Server& set_file_request_handler(Handler handler) {
    record(&Registrations::file_request_handler, handler);
    httplib::Server::set_file_request_handler(std::move(handler));
    return *this;
  }

  // What runs around the handlers.

  /// A Handler, or a HandlerWithResponse that may let the response be.
  template <typename ErrorHandler>
  Server& set_error_handler(ErrorHandler&& handler) {
    HandlerWithResponse decide;
    if constexpr (std::is_convertible_v<ErrorHandler, HandlerWithResponse>) {
      decide = std::forward<ErrorHandler>(handler);
    } else {
      decide = [plain = Handler(std::forward<ErrorHandler>(handler))](
                   const httplib::Request& request,
                   httplib::Response& response) {
        plain(request, response);
        return HandlerResponse::Handled;
      };
    }
    record(&Registrations::error_handler, decide);
    httplib::Server::set_error_handler(std::move(decide));
    return *this;
  }
  Server& set_exception_handler(ExceptionHandler handler) {
    record(&Registrations::exception_handler, handler);
    httplib::Server::set_exception_handler(std::move(handler));
    return *this;
  }
  Server& set_pre_routing_handler(HandlerWithResponse handler) {
    record(&Registrations::pre_routing_handler, handler);
    httplib::Server::set_pre_routing_handler(std::move(handler));
    return *this;
  }
  Server& set_post_routing_handler(Handler handler) {
    record(&Registrations::post_routing_handler, handler);
    httplib::Server::set_post_routing_handler(std::move(handler));
    return *this;
  }
  Server& set_expect_100_continue_handler(Expect100ContinueHandler handler) {
    record(&Registrations::expect_100_continue_handler, handler);
    httplib::Server::set_expect_100_continue_handler(std::move(handler));
    return *this;
  }
  Server& set_logger(httplib::Logger logger) {
    record(&Registrations::logger, logger);
    httplib::Server::set_logger(std::move(logger));
    return *this;
  }
  Server& set_default_headers(httplib::Headers headers) {
    record(&Registrations::default_headers, headers);
    httplib::Server::set_default_headers(std::move(headers));
    return *this;
  }

  // Limits.

  Server& set_keep_alive_max_count(std::size_t count) {
    httplib::Server::set_keep_alive_max_count(count);
    return *this;
  }
  template <typename Time>
  Server& set_keep_alive_timeout(const Time& timeout) {
    httplib::Server::set_keep_alive_timeout(timeout);
    return *this;
  }
  template <typename... Time>
  Server& set_read_timeout(const Time&... time) {
    httplib::Server::set_read_timeout(time...);
    return *this;
  }
  template <typename... Time>
  Server& set_write_timeout(const Time&... time) {
    httplib::Server::set_write_timeout(time...);
    return *this;
  }
  Server& set_payload_max_length(std::size_t length) {
    httplib::Server::set_payload_max_length(length);
    return *this;
  }

  // Sockets: launch opens them itself.

  Server& set_address_family(int) { return *this; }
  Server& set_tcp_nodelay(bool) { return *this; }
  Server& set_socket_options(const httplib::SocketOptions&) { return *this; }
  template <typename... Time>
  Server& set_idle_interval(const Time&...) {
    return *this;
  }

  bool listen(const std::string&, int, int = 0) { refuse_port("listen()"); }
  bool bind_to_port(const std::string&, int, int = 0) {
    refuse_port("bind_to_port()");
  }
  int bind_to_any_port(const std::string&, int = 0) {
    refuse_port("bind_to_any_port()");
  }
  bool listen_after_bind() { refuse_port("listen_after_bind()"); }

  /// False while the app registers, which is how a listen() through
  /// httplib::Server& is kept from opening a port and found out.
  bool is_valid() const override {
    if (!recording_) return httplib::Server::is_valid();
    port_asked_ = true;
    return false;
  }

  /// Stops this worker gracefully; under a supervisor a new one replaces it.
  void stop() {
    stop_asked_ = true;
    if (stop_action_) stop_action_();
  }

  // Hooks: run once in each worker, when it starts and when it stops.

  /// Runs before the first request is accepted, in order of registration. An
  /// exception fails the start of the worker.
  Server& on_start(WorkerHook hook) {
    start_hooks_.push_back(std::move(hook));
    return *this;
  }
  /// Runs after the last request is answered, in reverse order.
  Server& on_stop(WorkerHook hook) {
    stop_hooks_.push_back(std::move(hook));
    return *this;
  }

  const Registrations& registrations() const { return registrations_; }
  const std::vector<Route>& routes() const { return registrations_.routes; }

 protected:
  // For the host.

  /// From now on the record stands: what is registered later is forwarded, not
  /// recorded, and late_registration() says so.
  void end_registration() { recording_ = false; }
  bool late_registration() const { return late_registration_; }
  bool port_asked() const { return port_asked_; }
  /// Calls `action` at once when stop() was called before.
  void set_stop_action(std::function<void()> action) {
    stop_action_ = std::move(action);
    if (stop_asked_ && stop_action_) stop_action_();
  }
  const std::vector<WorkerHook>& start_hooks() const { return start_hooks_; }
  const std::vector<WorkerHook>& stop_hooks() const { return stop_hooks_; }

 private:
  template <typename H>
  using Forward = httplib::Server& (httplib::Server::*)(const std::string&, H);

  /// Whether a registration made now becomes part of the record.
  bool recorded() {
    if (!recording_) late_registration_ = true;
    return recording_;
  }

  template <typename H>
  Server& add(Forward<H> forward, const char* method,
              const std::string& pattern, H handler) {
    (this->*forward)(pattern, handler);
    if (recorded())
      registrations_.routes.push_back({method, pattern, std::move(handler)});
    return *this;
  }

  template <typename T>
  void record(T Registrations::*field, const T& value) {
    if (recorded()) registrations_.*field = value;
  }

  [[noreturn]] void refuse_port(const char* function) {
    port_asked_ = true;
    throw ContractError(std::string(function) +
                        " was called, but launch opens the port itself: "
                        "remove the call");
  }

  Registrations registrations_;
  std::vector<WorkerHook> start_hooks_;
  std::vector<WorkerHook> stop_hooks_;
  std::function<void()> stop_action_;
  std::atomic<bool> stop_asked_{false};
  std::atomic<bool> recording_{true};
  std::atomic<bool> late_registration_{false};
  mutable std::atomic<bool> port_asked_{false};
};

/// The launch::Server behind a reference that existing code passes around.
/// Throws ContractError when the server is a plain httplib::Server.
inline Server& hosted(httplib::Server& server) {
  if (auto* ours = dynamic_cast<Server*>(&server)) return *ours;
  throw ContractError(
      "launch's hooks need the server that launch passes in, "
      "not an httplib::Server of your own");
}

/// on_start() and on_stop() for functions that take httplib::Server&.
inline void on_start(httplib::Server& server, WorkerHook hook) {
  hosted(server).on_start(std::move(hook));
}
inline void on_stop(httplib::Server& server, WorkerHook hook) {
  hosted(server).on_stop(std::move(hook));
}

}  // namespace launch
