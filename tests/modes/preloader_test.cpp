#include "modes/supervisor/preloader.hpp"

#include <sys/mman.h>

#include <csignal>

#include "tests/support/catch.hpp"
#include "tests/support/eventually.hpp"

using namespace launch;

namespace {

/// Templates that are shells: none of them can be cloned. What a real one does
/// is seen in the tests of run_template() and from end to end.
struct Shells {
  explicit Shells(const std::string& script)
      : preloader([this, script](int channel) {
          ++started;
          return WorkerStart{.argv = {"/bin/bash", "-c", script},
                             .scoreboard = board.get(),
                             .channel = channel};
        }) {}

  std::vector<Preloader::Result> results(std::size_t count) {
    std::vector<Preloader::Result> all;
    CHECK(eventually([&] {
      for (auto& result : preloader.take()) all.push_back(std::move(result));
      return all.size() >= count;
    }));
    return all;
  }

  int started = 0;
  Descriptor board{::memfd_create("board", MFD_CLOEXEC)};
  Preloader preloader;
};

}  // namespace

TEST_CASE("a template that cannot load the app fails all who wait for it",
          "[preloader]") {
  Shells shells("echo '!no such table' >&201; exit 3");
  shells.preloader.want(1, 5, false);
  shells.preloader.want(2, 6, false);
  CHECK(shells.started == 1);
  const auto results = shells.results(2);
  REQUIRE(results.size() == 2);
  CHECK(results[0].id == 1);
  CHECK(results[0].seat == 5);
  CHECK_FALSE(results[0].worker);
  CHECK(results[0].status.code == 3);
  CHECK(results[0].reason == "no such table");
  CHECK(results[1].seat == 6);
  CHECK(shells.preloader.pids().empty());
}

TEST_CASE(
    "a template that dies while nobody waits is started again when needed",
    "[preloader]") {
  Shells shells("printf + >&201; exec sleep 60");
  shells.preloader.want(1, 1, false);
  CHECK(shells.preloader.forget(1));
  CHECK_FALSE(shells.preloader.forget(1));
  REQUIRE(shells.preloader.pids().size() == 1);
  ::kill(shells.preloader.pids()[0], SIGKILL);
  CHECK(eventually([&] {
    CHECK(shells.preloader.take().empty());
    return shells.preloader.pids().empty();
  }));
  shells.preloader.want(1, 1, false);
  CHECK(shells.started == 2);
}

TEST_CASE("a template that breaks off instead of a clone fails the order",
          "[preloader]") {
  Shells shells("printf + >&201; exec 203>&-; exec sleep 60");
  shells.preloader.want(1, 1, false);
  const auto results = shells.results(1);
  REQUIRE(results.size() == 1);
  CHECK_FALSE(results[0].worker);
  CHECK(results[0].reason.starts_with(
      "the process of --preload could not be cloned: "));
}

TEST_CASE("a reload has a template of its own, which may take over",
          "[preloader]") {
  Shells shells("exec sleep 60");
  shells.preloader.want(1, 1, false);
  shells.preloader.want(1, 2, true);
  REQUIRE(shells.preloader.pids().size() == 2);
  const pid_t next = shells.preloader.pids()[1];
  shells.preloader.adopt_next();
  CHECK(shells.preloader.pids() == std::vector<pid_t>{next});

  shells.preloader.want(2, 3, true);
  const pid_t another = shells.preloader.pids().at(1);
  shells.preloader.drop_next();  // while a worker is wanted of it
  REQUIRE(shells.preloader.pids().size() == 2);
  CHECK(shells.preloader.pids()[0] == next);
  CHECK(shells.preloader.pids()[1] != another);
  CHECK(shells.preloader.forget(3));
  shells.preloader.drop_next();
  CHECK(shells.preloader.pids() == std::vector<pid_t>{next});
  shells.preloader.clear();
  CHECK(shells.preloader.pids().empty());
}

TEST_CASE("a template that cannot be started fails the wish", "[preloader]") {
  Preloader preloader([](int) {
    return WorkerStart{.argv = {"/no/such/program"}, .scoreboard = 0};
  });
  preloader.want(1, 1, false);
  const auto results = preloader.take();
  REQUIRE(results.size() == 1);
  CHECK(results[0].reason.find("/no/such/program") != std::string::npos);
}
