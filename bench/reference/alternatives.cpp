// The bare server built in other ways, to compare what the choices of an engine
// cost: bench/alternatives. See kUsage.

#include "bench/reference/alternatives.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <optional>
#include <string_view>

#include <fmt/core.h>

#include "modes/base/sanitizer.hpp"

#ifdef LAUNCH_THREAD_SANITIZER
// A connection's next event may come, and another thread close it, before
// epoll_ctl() has returned. The kernel orders the two; the thread sanitizer,
// which looks at epoll_ctl() from outside, cannot know.
extern "C" const char* __tsan_default_suppressions() {
  return "race:launch::bench::Epoll::control\n";
}
#endif

namespace launch::bench {
namespace {

constexpr std::array kAlternatives = {
    Alternative{"epoll", "one thread, level-triggered epoll", false,
                serve_epoll},
    Alternative{"epoll-edge", "one thread, edge-triggered epoll", false,
                serve_epoll_edge},
    Alternative{"asio", "one thread, callbacks of Boost.Asio", false,
                serve_asio},
    Alternative{"asio-fiber",
                "one thread, a coroutine of Boost.Asio per connection", false,
                serve_asio_fiber},
    Alternative{"fiber-each", "as epoll, in a fiber per connection", false,
                serve_fiber_each},
    Alternative{"fiber-request", "as epoll, in a fiber per request", false,
                serve_fiber_request},
    Alternative{"fiber-incomplete",
                "as epoll, in a fiber only what cannot be answered at once",
                false, serve_fiber_incomplete},
    Alternative{"shared-oneshot",
                "threads share an epoll of one-shot events, re-armed each time",
                true, serve_shared_oneshot},
    Alternative{"shared-edge",
                "threads share an epoll of edges, one serves a connection",
                true, serve_shared_edge},
    Alternative{"handoff", "one thread polls and hands the events to others",
                true, serve_handoff},
    Alternative{"loops", "threads with an epoll and connections of their own",
                true, serve_loops},
};

constexpr char kUsage[] =
    R"(usage: alternatives --loop NAME [--port N] [--threads N]
       alternatives --list
Answers every request with "Hello, world!", on 127.0.0.1.
  --loop NAME    how, see below
  --port N       default: a free one
  --threads N    of one that has several; 1 to 256, default 2
  --list         prints the names
)";

struct Options {
  bool lists = false;
  const Alternative* loop = nullptr;
  std::uint16_t port = 0;
  std::optional<int> threads{};
};

const Alternative* find_alternative(std::string_view name) {
  const auto* const found =
      std::find_if(kAlternatives.begin(), kAlternatives.end(),
                   [&](const Alternative& one) { return one.name == name; });
  return found == kAlternatives.end() ? nullptr : found;
}

bool take(std::string_view flag, std::string_view value, Options& options) {
  if (flag == "--port") return parse_number(value, options.port);
  if (flag == "--loop") return (options.loop = find_alternative(value));
  if (flag != "--threads") return false;
  int& threads = options.threads.emplace();
  return parse_number(value, threads) && threads >= 1 && threads <= 256;
}

/// Nothing when the arguments make no sense.
std::optional<Options> parse(int argc, char** argv) {
  Options options;
  options.lists = argc == 2 && argv[1] == std::string_view("--list");
  if (options.lists) return options;
  for (int i = 1; i < argc; i += 2)
    if (i + 1 == argc || !take(argv[i], argv[i + 1], options)) return {};
  if (options.loop == nullptr) return {};
  if (options.threads && !options.loop->is_pool) return {};
  return options;
}

int serve(const Options& options) {
  const Descriptor stop = stop_signals();
  raise_descriptor_limit(kMostDescriptors);
  std::uint16_t port = options.port;
  const Descriptor listener = listen_locally(port);
  if (!listener) {
    fmt::print(stderr, "alternatives: cannot listen on 127.0.0.1:{}: {}\n",
               port, std::strerror(errno));
    return 1;
  }
  fmt::print("listening on 127.0.0.1:{}\n", port);
  std::fflush(stdout);
  const ConstantAnswer answer("Hello, world!");
  options.loop->serve(
      {listener.get(), stop.get(), options.threads.value_or(2), answer});
  return 0;
}

}  // namespace
}  // namespace launch::bench

int main(int argc, char** argv) {
  using namespace launch::bench;
  const auto options = parse(argc, argv);
  if (!options) {
    fmt::print(stderr, "{}", kUsage);
    for (const Alternative& one : kAlternatives)
      fmt::print(stderr, "  {:<17}{}\n", one.name, one.what);
    return 2;
  }
  if (!options->lists) return serve(*options);
  for (const Alternative& one : kAlternatives) fmt::print("{}\n", one.name);
  return 0;
}
