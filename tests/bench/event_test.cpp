#include "bench/during/event.hpp"

#include <set>
#include <string>

#include "tests/support/catch.hpp"

namespace launch::bench {
namespace {

TEST_CASE("events are found by name", "[event]") {
  CHECK(find_event("reload")->signal == SIGHUP);
  CHECK(find_event("upgrade")->signal == SIGUSR2);
  CHECK(find_event("stop")->signal == SIGTERM);
  CHECK(find_event("hang")->flag == "--hang-timeout");
  CHECK_FALSE(find_event("earthquake"));
  CHECK_FALSE(find_event(""));
}

TEST_CASE("each event has its own name, words and a number of times",
          "[event]") {
  std::set<std::string_view> names;
  for (const Event& event : kEvents) {
    CHECK(names.insert(event.name).second);
    CHECK_FALSE(event.singular.empty());
    CHECK_FALSE(event.plural.empty());
    CHECK_FALSE(event.summary.empty());
    CHECK(event.times > 0);
  }
}

TEST_CASE("only a dead worker's and a stopped server's requests may be lost",
          "[event]") {
  for (const Event& event : kEvents) {
    INFO(event.name);
    const bool is_end = event.name == "kill" || event.name == "hang";
    CHECK((event.allowed == Allowed::held_by_dead_worker) == is_end);
    CHECK((event.allowed == Allowed::refused_while_down) ==
          (event.name == "stop"));
  }
}

TEST_CASE("a signal of one's own is for the server's first process",
          "[event]") {
  CHECK(takes_signal(*find_event("reload")));
  CHECK(takes_signal(*find_event("upgrade")));
  CHECK(takes_signal(*find_event("stop")));
  CHECK_FALSE(takes_signal(*find_event("scale")));
  CHECK_FALSE(takes_signal(*find_event("kill")));
  CHECK_FALSE(takes_signal(*find_event("hang")));
  CHECK_FALSE(takes_signal(*find_event("recycle")));
}

TEST_CASE("repetitions are counted in words", "[event]") {
  CHECK(counted(*find_event("reload"), 200) == "200 reloads");
  CHECK(counted(*find_event("reload"), 1) == "1 reload");
  CHECK(counted(*find_event("scale"), 2) == "2 changes of scale");
}

}  // namespace
}  // namespace launch::bench
