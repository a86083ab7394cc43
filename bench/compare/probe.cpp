#include "bench/compare/probe.hpp"

#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <vector>

#include "bench/load/connection.hpp"
#include "bench/load/request.hpp"
#include "modes/base/descriptor.hpp"

namespace launch::bench {
namespace {

using Step = Connection::Step;

constexpr std::size_t kBufferSize = 16 * 1024;

// The next step of the connection, or its time-out at the deadline.
Step next_step(Connection& connection, int epoll, Clock::time_point deadline) {
  for (;;) {
    const auto left = std::chrono::ceil<milliseconds>(deadline - Clock::now());
    if (left <= milliseconds::zero()) return connection.time_out();
    constexpr milliseconds kLongest{60'000};
    epoll_event event{};
    const int ready = ::epoll_wait(
        epoll, &event, 1, static_cast<int>(std::min(left, kLongest).count()));
    if (ready > 0) return connection.on_events(event.events);
    if (ready < 0 && errno != EINTR)
      throw std::system_error(errno, std::generic_category(), "epoll_wait");
  }
}

struct Answer {
  int status = 0;       ///< 0 without a complete answer
  std::string problem;  ///< one sentence on it, where it is not good
};

Answer ask(const std::string& host, std::uint16_t port, const RequestKind& kind,
           milliseconds timeout) {
  const Clock::time_point deadline = Clock::now() + timeout;
  const Request request = render_request(kind, host, port);
  const Endpoint endpoint = resolve(host, port);
  const Descriptor epoll(::epoll_create1(EPOLL_CLOEXEC));
  if (!epoll)
    throw std::system_error(errno, std::generic_category(),
                            "cannot create an epoll descriptor");
  std::vector<char> buffer(kBufferSize);
  Connection connection(endpoint, epoll.get(), buffer);
  Step step = connection.open();
  for (;;) {
    switch (step) {
      case Step::pending:
        step = next_step(connection, epoll.get(), deadline);
        break;
      case Step::connected:
        step = connection.send(request);
        break;
      case Step::failed:
        return {0, connection.describe_failure()};
      case Step::answered:
        return {connection.status(), connection.describe_status()};
    }
  }
}

}  // namespace

std::optional<std::string> probe(const std::string& host, std::uint16_t port,
                                 const RequestKind& kind,
                                 milliseconds timeout) {
  const Answer answer = ask(host, port, kind, timeout);
  if (answer.status >= 200 && answer.status < 400) return std::nullopt;
  return answer.problem;
}

bool answers(const std::string& host, std::uint16_t port,
             milliseconds timeout) {
  return ask(host, port, RequestKind{}, timeout).status != 0;
}

}  // namespace launch::bench
