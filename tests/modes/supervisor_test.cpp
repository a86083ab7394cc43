#include "modes/supervisor/supervisor.hpp"

#include <fstream>

#include "tests/support/supervised.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace launch;
using nlohmann::json;

namespace {

/// A stand-in that gets ready as long as there is no file "broken".
std::string works_unless(const TemporaryFolder& folder) {
  return "[ -e " + folder.file("broken") +
         " ] && echo '!no such table' >&201 && exit 3; " + kWorks;
}

}  // namespace

TEST_CASE("a killed worker is replaced under its id", "[supervisor]") {
  Supervised service(2, kWorks);
  const std::vector<pid_t> workers = service.ready_pids();
  ::kill(workers.at(1), SIGKILL);
  CHECK(eventually([&] {
    const pid_t now = service.stats_of(2).at("pid").get<pid_t>();
    return now != 0 && now != workers.at(1);
  }));
  CHECK(service.stats_of(1).at("pid") == workers.at(0));
  CHECK(service.logged("Worker 2 [pid " + std::to_string(workers.at(1)) +
                       "] died: signal 9 (SIGKILL) (it lived "));
  CHECK(service.logged(" s and answered 0 requests); replacing it\n"));
  service.signal(SIGTERM);
  CHECK(service.outcome() == Outcome::stopped);
}

TEST_CASE("an app that cannot start ends the service", "[supervisor]") {
  Supervised service(2, [](int id, int) {
    return Supervised::shell(id == 1 ? "exit 3" : "exec sleep 60");
  });
  CHECK(service.outcome() == Outcome::app_failed);
  CHECK(service.ready_line().empty());
  CHECK(service.logged("the application could not be started in worker 1"));
}

TEST_CASE("the reason that a worker tells is the service's reason",
          "[supervisor]") {
  Supervised service(2, "echo '!the database is away' >&201; exit 3");
  CHECK(service.outcome() == Outcome::app_failed);
  CHECK(service.logged("INFO:     the database is away\n"));
  CHECK_FALSE(service.logged("WARNING"));
}

TEST_CASE("a replacement that cannot start is told with its reason",
          "[supervisor]") {
  Supervised service(1, [started = false](int, int) mutable {
    return Supervised::shell(
        std::exchange(started, true) ? "echo '!gone' >&201; exit 3" : kWorks);
  });
  ::kill(service.ready_pids().at(0), SIGKILL);
  CHECK(eventually([&] {
    return service.logged("died: exit code 3: gone (it lived ") &&
           service.logged("; replacing it in 1");
  }));
}

TEST_CASE("a service that only crashes gives up", "[supervisor]") {
  Supervised service(1, "printf x >&201; kill -SEGV $$");
  CHECK(service.outcome() == Outcome::crash_loop);
  CHECK(service.logged("died: signal 11 (SIGSEGV) ("));
  CHECK(service.logged("gave up after 5 deaths of workers in a row"));
}

TEST_CASE("a program that cannot be started is a death with its reason",
          "[supervisor]") {
  Supervised service(
      1, [](int, int) { return std::vector<std::string>{"/no/such/worker"}; });
  CHECK(service.outcome() == Outcome::crash_loop);
  CHECK(
      service.logged("Worker 1 could not be started: cannot start "
                     "/no/such/worker: No such file "
                     "or directory"));
}

TEST_CASE("a second signal kills at once", "[supervisor]") {
  Supervised service(2, kStubborn);
  const std::vector<pid_t> workers = service.ready_pids();
  service.signal(SIGTERM);
  REQUIRE(eventually(
      [&] { return service.logged("Received SIGTERM: stopping gracefully"); }));
  CHECK_FALSE(gone(workers.at(0)));
  service.signal(SIGTERM);
  CHECK(service.outcome() == Outcome::stopped);
  CHECK(service.logged("Received SIGTERM: stopping at once"));
  for (const pid_t pid : workers) CHECK(gone(pid));
}

TEST_CASE("a worker that does not stop is killed in the end", "[supervisor]") {
  Supervised service(1, kStubborn, [](ServePlan& plan) {
    plan.graceful_timeout = milliseconds{50};
  });
  const pid_t worker = service.ready_pids().at(0);
  service.signal(SIGTERM);
  CHECK(service.outcome() == Outcome::stopped);
  CHECK(gone(worker));
  CHECK(service.logged("it did not stop in time"));
}

// --- reload ---

TEST_CASE("a reload replaces each worker under its id", "[supervisor]") {
  Supervised service(3, kWorks);
  const std::vector<pid_t> old = service.ready_pids();
  service.signal(SIGHUP);
  for (int id = 1; id <= 3; ++id) {
    const pid_t before = old.at(static_cast<std::size_t>(id) - 1);
    CHECK(service.successor_of(id, before) != before);
    CHECK(eventually([&] { return gone(before); }));
  }
  CHECK(eventually([&] { return service.logged("every worker is new"); }));
  CHECK(service.logged("Received SIGHUP: reloading"));
  service.signal(SIGTERM);
  CHECK(service.outcome() == Outcome::stopped);
}

TEST_CASE("a reload to what does not start leaves the old workers alone",
          "[supervisor]") {
  const TemporaryFolder folder;
  Supervised service(2, works_unless(folder));
  const std::vector<pid_t> old = service.ready_pids();
  std::ofstream(folder.file("broken")).close();
  service.signal(SIGHUP);
  CHECK(eventually([&] {
    return service.logged(
        "ERROR:    The reload failed, the old workers serve on: no such table");
  }));
  CHECK(service.pid_of(1) == old.at(0));
  CHECK(service.pid_of(2) == old.at(1));
  CHECK(service.processes() == 2);
  std::filesystem::remove(folder.file("broken"));
  service.signal(SIGHUP);
  CHECK(eventually([&] { return service.logged("every worker is new"); }));
}

TEST_CASE("an old worker that does not leave holds up no reload",
          "[supervisor]") {
  Supervised service(1, kStubborn, [](ServePlan& plan) {
    plan.graceful_timeout = milliseconds{50};
  });
  const pid_t old = service.ready_pids().at(0);
  service.signal(SIGHUP);
  CHECK(service.successor_of(1, old) != old);
  CHECK(eventually([&] { return gone(old); }));
  CHECK(service.logged("with SIGKILL: it did not stop in time"));
}

// --- more and fewer workers, none, new ones ---

TEST_CASE("signals add a worker and take one away, but not the last",
          "[supervisor]") {
  Supervised service(1, kWorks);
  const pid_t first = service.ready_pids().at(0);
  service.signal(SIGTTIN);
  CHECK(eventually([&] { return service.processes() == 2; }));
  CHECK(service.logged("Going from 1 to 2 workers"));
  service.signal(SIGTTOU);
  CHECK(eventually([&] { return service.processes() == 1; }));
  service.signal(SIGTTOU);
  CHECK(eventually([&] { return service.logged("1 workers it stays"); }));
  CHECK(service.pid_of(1) == first);
}

TEST_CASE("without a terminal the workers can be sent away and called back",
          "[supervisor]") {
  Supervised service(2, kWorks);
  service.ready_pids();
  service.signal(SIGWINCH);
  CHECK(eventually([&] { return service.processes() == 0; }));
  CHECK_THROWS(bind_listener("127.0.0.1", service.port()));
  service.signal(SIGHUP);
  CHECK(eventually([&] { return service.pid_of(2) != 0; }));
  service.signal(SIGTERM);
  CHECK(service.outcome() == Outcome::stopped);
}

TEST_CASE("a worker that has served long enough is replaced", "[supervisor]") {
  Supervised service(2, kWorks, [](ServePlan& plan) {
    plan.supervision.watch.max_lifetime = milliseconds{300};
  });
  const std::vector<pid_t> old = service.ready_pids();
  service.successor_of(1, old.at(0));
  service.successor_of(2, old.at(1));
  CHECK(service.logged("is replaced: max_lifetime"));
}

TEST_CASE("a worker that takes too long to start is given up", "[supervisor]") {
  const TemporaryFolder folder;
  Supervised service(
      1,
      "[ -e " + folder.file("slow") + " ] && { touch " + folder.file("slow") +
          "2; rm " + folder.file("slow") + "; exec sleep 60; }; " + kWorks,
      [](ServePlan& plan) { plan.supervision.boot_timeout = seconds{2}; });
  const pid_t first = service.ready_pids().at(0);
  std::ofstream(folder.file("slow")).close();
  ::kill(first, SIGKILL);
  CHECK(service.successor_of(1, first) != 0);
  CHECK(service.logged("it did not get ready within 2000 ms"));
}

TEST_CASE("a quick stop does not ask the workers twice", "[supervisor]") {
  Supervised service(1, "trap '' TERM INT; printf x >&201; exec sleep 60");
  const pid_t worker = service.ready_pids().at(0);
  service.signal(SIGQUIT);
  CHECK(service.outcome() == Outcome::stopped);
  CHECK(gone(worker));
  CHECK(service.logged("Received SIGQUIT: stopping at once"));
}

TEST_CASE("a drain delay serves on before the stop", "[supervisor]") {
  Supervised service(1, kWorks,
                     [](ServePlan& plan) { plan.drain_delay = kLongest; });
  const pid_t worker = service.ready_pids().at(0);
  service.signal(SIGTERM);
  CHECK(eventually([&] { return service.logged("Serving for another"); }));
  CHECK_FALSE(gone(worker));
  service.signal(SIGTERM);  // does not wait for it
  CHECK(service.outcome() == Outcome::stopped);
}
