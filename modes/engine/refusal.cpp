#include "modes/engine/refusal.hpp"

#include <array>

#include <fmt/core.h>

namespace launch {
namespace {

struct StatusRow {
  int status;
  std::string_view phrase;
};

/// The statuses with which the engine itself answers.
constexpr std::array kPhrases{
    StatusRow{400, "Bad Request"},
    StatusRow{408, "Request Timeout"},
    StatusRow{413, "Content Too Large"},
    StatusRow{414, "URI Too Long"},
    StatusRow{417, "Expectation Failed"},
    StatusRow{431, "Request Header Fields Too Large"},
    StatusRow{500, "Internal Server Error"},
    StatusRow{501, "Not Implemented"},
    StatusRow{504, "Gateway Timeout"},
    StatusRow{505, "HTTP Version Not Supported"},
};

std::string_view phrase_of(int status) {
  for (const StatusRow& row : kPhrases)
    if (row.status == status) return row.phrase;
  return "Error";
}

}  // namespace

std::string refusal(int status, std::string_view reason) {
  return fmt::format(
      "HTTP/1.1 {} {}\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n"
      "Connection: close\r\n\r\n{}\n",
      status, phrase_of(status), reason.size() + 1, reason);
}

std::string overloaded(Persistence persistence, bool head_only) {
  constexpr std::string_view kReason = "too many requests are in progress\n";
  const std::string_view said =
      persistence == Persistence::none        ? "Connection: close\r\n"
      : persistence == Persistence::explicit_ ? "Connection: keep-alive\r\n"
                                              : "";
  return fmt::format(
      "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\n"
      "Content-Type: text/plain\r\nContent-Length: {}\r\n{}\r\n{}",
      kReason.size(), said, head_only ? "" : kReason);
}

}  // namespace launch
