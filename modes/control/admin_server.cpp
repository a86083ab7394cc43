#include "modes/control/admin_server.hpp"

#include "modes/control/admin_pages.hpp"
#include "modes/engine/refusal.hpp"
#include "modes/http/message_framer.hpp"
#include "modes/http/request_head.hpp"

namespace launch {
namespace {

/// Nothing here needs more, and nobody is to fill our memory.
constexpr FramingLimits kAdminLimits{
    .target = 1024, .header_line = 4096, .head = 16'384, .body = 16'384};

}  // namespace

void AdminServer::serve(std::span<const pollfd> polled,
                        const std::function<ServiceStatus()>& status,
                        Clock::time_point now) {
  clients_.serve(polled, now,
                 [&](PolledClient& client) { answer(client, status); });
}

void AdminServer::answer(PolledClient& client,
                         const std::function<ServiceStatus()>& status) {
  MessageFramer framer;
  RequestHead head;
  const auto state = framer.feed(client.input, kAdminLimits, &head);
  // Whoever waits for leave to send a body gets the answer instead.
  const bool is_whole = state == MessageFramer::State::complete ||
                        (framer.head_complete() && framer.expects_continue());
  if (state == MessageFramer::State::invalid) {
    client.output = refusal(framer.status(), framer.reason());
  } else if (is_whole) {
    client.output = admin_response(head, date_.at(std::time(nullptr)), status);
  } else {
    return;
  }
  client.finished = true;
}

}  // namespace launch
