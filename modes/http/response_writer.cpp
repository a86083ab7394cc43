#include "modes/http/response_writer.hpp"

#include <strings.h>

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>

#include "modes/http/field.hpp"
#include "modes/http/httplib_access.hpp"

namespace launch {
namespace {

/// Headers for which a plain response has no place, or a place of its own.
enum class Role : std::uint8_t { other, framing, date, content_type };

struct RoleRow {
  std::string_view name;
  Role role;
};
constexpr std::array kRoles{
    RoleRow{"Connection", Role::framing},
    RoleRow{"Keep-Alive", Role::framing},
    RoleRow{"Accept-Ranges", Role::framing},
    RoleRow{"Content-Length", Role::framing},
    RoleRow{"Transfer-Encoding", Role::framing},
    RoleRow{"Content-Type", Role::content_type},
    RoleRow{"Date", Role::date},
};

Role role_of(std::string_view name) {
  for (const RoleRow& row : kRoles)
    if (same_word(name, row.name)) return row.role;
  return Role::other;
}

/// What cpp-httplib writes of a header's name or value.
std::string_view up_to_nul(const std::string& text) {
  return std::string_view{text}.substr(0, text.find('\0'));
}

/// The lines that a response gets beside the handler's, in their order.
class OwnLines {
 public:
  OwnLines(const httplib::Request& request, const httplib::Response& response,
           bool says_type, Persistence persistence) {
    if (request.method == "HEAD") add("Accept-Ranges", "bytes");
    if (persistence == Persistence::none) add("Connection", "close");
    if (persistence == Persistence::explicit_) add("Connection", "keep-alive");
    const std::size_t length = response.body.size();
    if (allows_body(response.status) || length > 0) {
      const auto end = std::to_chars(digits_.data(),
                                     digits_.data() + digits_.size(), length);
      add("Content-Length",
          {digits_.data(), static_cast<std::size_t>(end.ptr - digits_.data())});
    } else if (response.status != 204) {
      add("Content-Length", "0");
    }
    if (length > 0 && !says_type) add("Content-Type", "text/plain");
  }
  OwnLines(const OwnLines&) = delete;
  OwnLines& operator=(const OwnLines&) = delete;

  /// Writes those that come before a header of that name.
  void write_before(const char* name, std::string& output) {
    while (next_ < count_ && ::strcasecmp(lines_[next_].name, name) < 0)
      write(output);
  }
  void write_rest(std::string& output) {
    while (next_ < count_) write(output);
  }

 private:
  struct Line {
    const char* name;
    std::string_view value;
  };

  void add(const char* name, std::string_view value) {
    lines_[count_++] = {name, value};
  }
  void write(std::string& output) {
    const Line& line = lines_[next_++];
    output.append(line.name).append(": ").append(line.value).append("\r\n");
  }

  std::array<char, 20> digits_;
  std::array<Line, 4> lines_;
  std::size_t count_ = 0;
  std::size_t next_ = 0;
};

}  // namespace

ResponseWriter::ResponseWriter() : status_lines_(status_lines()) {}

std::optional<HandlerHeaders> ResponseWriter::plain(
    const httplib::Response& response) const {
  const auto status = static_cast<std::size_t>(response.status);
  if (status >= status_lines_.size() || status_lines_[status].empty() ||
      response.content_provider_ || response.content_length_ > 0 ||
      (!allows_body(response.status) && !response.body.empty()))
    return std::nullopt;
  HandlerHeaders set;
  for (const auto& header : response.headers) {
    const Role role = role_of(header.first);
    if (role == Role::framing) return std::nullopt;
    set.date |= role == Role::date;
    set.content_type |= role == Role::content_type;
  }
  return set;
}

void ResponseWriter::write(const httplib::Request& request,
                           const httplib::Response& response,
                           HandlerHeaders set, Persistence persistence,
                           std::string_view date, std::string& output) const {
  output += status_lines_[static_cast<std::size_t>(response.status)];
  if (!set.date) output += date;
  OwnLines own{request, response, set.content_type, persistence};
  for (const auto& [name, value] : response.headers) {
    own.write_before(name.c_str(), output);
    output.append(up_to_nul(name)).append(": ");
    output.append(up_to_nul(value)).append("\r\n");
  }
  own.write_rest(output);
  output += "\r\n";
  if (request.method != "HEAD") output += response.body;
}

}  // namespace launch
