#include "bench/reference/normal_load.hpp"

#include <sys/epoll.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <deque>
#include <span>
#include <string>
#include <system_error>
#include <vector>

#include "bench/load/connection.hpp"
#include "bench/load/request.hpp"
#include "modes/base/descriptor.hpp"

namespace launch::bench {
namespace {

using Step = Connection::Step;
using Times = std::deque<Clock::time_point>;

/// How often what waits is compared with the time-out.
constexpr milliseconds kExpiryPeriod{20};
constexpr std::size_t kBufferSize = 64 * 1024;
constexpr std::size_t kEvents = 256;

/// A connection with the request it carries, if any.
struct Carrier : Connection {
  using Connection::Connection;

  Clock::time_point due;
  bool busy = false;
  bool fresh = false;  ///< made for one request
};

Request request_of(const NormalPlan& plan) {
  RequestKind kind;
  kind.target = plan.path;
  return render_request(kind, "127.0.0.1", plan.port);
}

class NormalClient {
 public:
  explicit NormalClient(const NormalPlan& plan)
      : plan_(plan),
        endpoint_(resolve("127.0.0.1", plan.port)),
        request_(request_of(plan)),
        epoll_(::epoll_create1(EPOLL_CLOEXEC)),
        buffer_(kBufferSize) {
    if (!epoll_)
      throw std::system_error(errno, std::generic_category(),
                              "cannot create the client's epoll descriptor");
    for (int i = 0; i < plan.connections; ++i) free_.push_back(&add(false));
  }

  NormalResult run() {
    const auto total = static_cast<std::uint64_t>(plan_.duration.count()) *
                       static_cast<std::uint64_t>(plan_.rate) / 1000;
    const Clock::time_point begin = now_ = Clock::now();
    next_expiry_ = begin + kExpiryPeriod;
    while (result_.requests < total || in_flight_ > 0 || !waiting_.empty()) {
      while (result_.requests < total && due_at(begin) <= now_)
        take_up(due_at(begin));
      if (now_ >= next_expiry_) expire();
      handle_events(result_.requests < total
                        ? std::min(due_at(begin), next_expiry_)
                        : next_expiry_);
      serve_waiting();
    }
    return std::move(result_);
  }

 private:
  /// When the next request falls due.
  Clock::time_point due_at(Clock::time_point begin) const {
    return begin + nanoseconds(1'000'000'000 * result_.requests /
                               static_cast<std::uint64_t>(plan_.rate));
  }

  Carrier& add(bool fresh) {
    Carrier& carrier = carriers_.emplace_back(endpoint_, epoll_.get(), buffer_);
    carrier.fresh = fresh;
    return carrier;
  }

  void take_up(Clock::time_point due) {
    ++result_.requests;
    result_.late_us.record(to_us(now_ - due));
    const auto every = static_cast<std::uint64_t>(plan_.fresh_every);
    if (every > 0 && result_.requests % every == 0) {
      if (free_fresh_.empty()) free_fresh_.push_back(&add(true));
      begin(take_front(free_fresh_), due);
    } else if (free_.empty()) {
      waiting_.push_back(due);
    } else {
      begin(take_front(free_), due);
    }
  }

  static Carrier& take_front(std::deque<Carrier*>& carriers) {
    Carrier& carrier = *carriers.front();
    carriers.pop_front();
    return carrier;
  }

  void begin(Carrier& carrier, Clock::time_point due) {
    carrier.due = due;
    carrier.busy = true;
    ++in_flight_;
    advance(carrier,
            carrier.is_closed() ? carrier.open() : carrier.send(request_));
  }

  /// Does what follows from `step` until the connection has to wait.
  void advance(Carrier& carrier, Step step) {
    if (step == Step::connected) step = carrier.send(request_);
    if (step == Step::answered) return answered(carrier);
    if (step == Step::failed) fail(carrier, carrier.describe_failure());
  }

  void answered(Carrier& carrier) {
    if (carrier.status() != 200)
      return fail(carrier, request_.name + ": answered with status " +
                               std::to_string(carrier.status()));
    now_ = Clock::now();
    result_.latency_us.record(to_us(now_ - carrier.due));
    if (carrier.fresh || !carrier.is_reusable()) carrier.close();
    release(carrier);
  }

  void fail(Carrier& carrier, const std::string& why) {
    count_failure(why);
    carrier.close();
    release(carrier);
  }

  void count_failure(const std::string& why) {
    ++result_.failures;
    if (result_.first_failure.empty()) result_.first_failure = why;
  }

  void release(Carrier& carrier) {
    carrier.busy = false;
    --in_flight_;
    (carrier.fresh ? free_fresh_ : free_).push_back(&carrier);
  }

  /// Those that have waited longest get the connections that are free now.
  void serve_waiting() {
    for (; !waiting_.empty() && !free_.empty(); waiting_.pop_front())
      begin(take_front(free_), waiting_.front());
  }

  /// Gives up what has been due for the time-out.
  void expire() {
    next_expiry_ = now_ + kExpiryPeriod;
    const Clock::time_point limit = now_ - plan_.timeout;
    for (Carrier& carrier : carriers_)
      if (carrier.busy && carrier.due <= limit)
        advance(carrier, carrier.time_out());
    for (; !waiting_.empty() && waiting_.front() <= limit; waiting_.pop_front())
      count_failure(request_.name +
                    ": no connection was free within the time-out");
  }

  void handle_events(Clock::time_point until) {
    for (const epoll_event& event : wait(until)) {
      auto& carrier =
          static_cast<Carrier&>(*static_cast<Connection*>(event.data.ptr));
      if (carrier.busy)
        advance(carrier, carrier.on_events(event.events));
      else if ((event.events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0)
        carrier.close();
    }
  }

  std::span<const epoll_event> wait(Clock::time_point until) {
    const auto rest =
        std::max(until - Clock::now(), Clock::duration::zero()).count();
    const timespec limit{rest / 1'000'000'000, rest % 1'000'000'000};
    const int ready =
        ::epoll_pwait2(epoll_.get(), events_.data(), static_cast<int>(kEvents),
                       &limit, nullptr);
    if (ready < 0 && errno != EINTR)
      throw std::system_error(errno, std::generic_category(),
                              "cannot wait for answers");
    now_ = Clock::now();
    return {events_.data(), static_cast<std::size_t>(std::max(ready, 0))};
  }

  static std::uint64_t to_us(Clock::duration took) {
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<microseconds>(took).count());
  }

  const NormalPlan plan_;
  const Endpoint endpoint_;
  const Request request_;
  Descriptor epoll_;
  std::vector<char> buffer_;
  std::array<epoll_event, kEvents> events_{};
  std::deque<Carrier> carriers_;
  std::deque<Carrier*> free_;        ///< kept open; the longest idle first
  std::deque<Carrier*> free_fresh_;  ///< closed
  Times waiting_;                    ///< of requests that found none free
  std::uint64_t in_flight_ = 0;
  Clock::time_point now_;
  Clock::time_point next_expiry_;
  NormalResult result_;
};

}  // namespace

NormalResult run_normal_load(const NormalPlan& plan) {
  return NormalClient(plan).run();
}

}  // namespace launch::bench
