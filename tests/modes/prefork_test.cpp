#include "modes/supervisor/prefork.hpp"

#include "tests/support/supervised.hpp"

using namespace launch;
using nlohmann::json;

TEST_CASE("a service tells when all workers are ready", "[prefork]") {
  Supervised service(3, kWorks);
  const json ready = json::parse(service.ready_line());
  CHECK(ready.at("pid") == service.pid());
  CHECK(ready.at("mode") == "prefork");
  CHECK(ready.at("addresses") == json{service.url()});
  REQUIRE(ready.at("workers").size() == 3);
  for (int id = 1; id <= 3; ++id) {
    const json& worker = ready.at("workers").at(static_cast<size_t>(id) - 1);
    CHECK(worker.at("id") == id);
    CHECK_FALSE(gone(worker.at("pid").get<pid_t>()));
    CHECK(service.stats_of(id).at("pid") == worker.at("pid"));
  }
  CHECK(service.logged("Started parent process [" +
                       std::to_string(service.pid()) + "]"));
  CHECK(service.logged("launch running on " + service.url() +
                       " (Press CTRL+C to quit)"));
}

TEST_CASE("a service stops on request and leaves nobody behind", "[prefork]") {
  for (const int signal : {SIGTERM, SIGINT}) {
    Supervised service(2, kWorks);
    const std::vector<pid_t> workers = service.ready_pids();
    service.signal(signal);
    CHECK(service.outcome() == Outcome::stopped);
    for (const pid_t pid : workers) CHECK(gone(pid));
    CHECK(service.last_stats_of(1).at("pid") == 0);
    CHECK(service.logged("Stopping parent process ["));
  }
}

TEST_CASE("workers end when their supervisor is killed", "[prefork]") {
  Supervised service(2, kWorks);
  const std::vector<pid_t> workers = service.ready_pids();
  service.signal(SIGKILL);
  for (const pid_t pid : workers) CHECK(eventually([&] { return gone(pid); }));
}

TEST_CASE("the port is free once the service has stopped", "[prefork]") {
  Supervised service(1, kWorks);
  service.ready_pids();
  CHECK_THROWS(bind_listener("127.0.0.1", service.port()));
  service.signal(SIGTERM);
  CHECK(service.outcome() == Outcome::stopped);
  CHECK(bind_listener("127.0.0.1", service.port()).port == service.port());
}
