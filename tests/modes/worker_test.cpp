#include "modes/worker.hpp"

#include <filesystem>
#include <fstream>

#include "tests/support/worker_run.hpp"

using namespace worker_run;

TEST_CASE("a worker alone tells that it is ready, serves and stops",
          "[worker]") {
  for (const int signal : {SIGTERM, SIGINT}) {
    Worker worker{{.plan = plan(test_app("waits"), GENERATE(1, 4))}};
    CHECK(worker.told() == "ready");
    CHECK(worker.told().empty());  // and closes the descriptor
    CHECK(worker.logged("Started server process [" +
                        std::to_string(worker.pid()) + "]"));
    CHECK(worker.logged("Waiting for application startup."));
    CHECK(worker.logged("Application startup complete."));
    CHECK(worker.logged("launch running on " + worker.url() +
                        " (Press CTRL+C to quit)"));
    RawClient client = worker.client();
    CHECK(body_of(client.get("/")) == "here\n");
    worker.signal(signal);
    CHECK(client.is_closed());
    CHECK(worker.outcome() == Outcome::stopped);
    CHECK(worker.logged("Shutting down"));
    CHECK(worker.logged("Finished server process ["));
  }
}

TEST_CASE("a worker under a supervisor tells it with one byte", "[worker]") {
  Worker worker{{.plan = plan(test_app("waits"), 1), .supervised = true}};
  CHECK(worker.told_byte() == '+');
  CHECK(body_of(worker.client().get("/")) == "here\n");
  CHECK_FALSE(worker.logged("launch running on"));
  CHECK(worker.stats().at("pid") == 0);  // the supervisor's to enter
  worker.signal(SIGTERM);
  CHECK(worker.outcome() == Outcome::stopped);
}

TEST_CASE("a worker answers for its counters, and once at the end",
          "[worker]") {
  Worker worker{{.plan = plan(test_app("waits"), 1)}};
  worker.told();
  CHECK(worker.stats().at("requests") == 0);
  CHECK(worker.stats().at("pid") == worker.pid());
  RawClient client = worker.client();
  client.get("/");
  client.get("/");
  CHECK(eventually([&] { return worker.stats().at("requests") == 2; }));
  CHECK(worker.stats().at("connections") == 1);
  worker.signal(SIGTERM);
  const json last = worker.last_stats();
  CHECK(last.at("requests") == 2);
  CHECK(last.at("accepted") == 1);
  CHECK(last.at("connections") == 0);
  CHECK(worker.outcome() == Outcome::stopped);
}

TEST_CASE("a stop waits for the request in flight", "[worker]") {
  Worker worker{{.plan = plan(test_app("waits"), GENERATE(1, 4))}};
  worker.told();
  RawClient client = worker.client();
  client.send(kWait);
  CHECK(eventually([&] { return worker.stats().at("connections") == 1; }));
  worker.signal(SIGTERM);
  CHECK(eventually([&] { return worker.logged("Shutting down"); }));
  worker.release_handler();
  const std::string response = client.receive();
  CHECK(body_of(response) == "waited\n");
  CHECK(worker.outcome() == Outcome::stopped);
  CHECK_FALSE(worker.logged("were cut"));
}

TEST_CASE("a second signal ends a worker whose handler is blocked",
          "[worker]") {
  Worker worker{{.plan = plan(test_app("waits"), GENERATE(1, 4))}};
  worker.told();
  RawClient client = worker.client();
  client.send(kWait);
  CHECK(eventually([&] { return worker.stats().at("connections") == 1; }));
  worker.signal(SIGTERM);
  REQUIRE(eventually([&] { return worker.logged("Shutting down"); }));
  CHECK_FALSE(worker.has_ended());
  worker.signal(SIGTERM);
  CHECK(worker.outcome() == Outcome::stopped);
  CHECK(worker.logged("1 connections were cut while they were open or being"));
  CHECK(worker.logged("a handler did not return: ending without it"));
  CHECK(client.is_closed());
}

TEST_CASE("the graceful time-out ends a worker whose handler is blocked",
          "[worker]") {
  Worker worker{{.plan = plan(test_app("waits"), 1, milliseconds{50})}};
  worker.told();
  RawClient client = worker.client();
  client.send(kWait);
  CHECK(eventually([&] { return worker.stats().at("connections") == 1; }));
  worker.signal(SIGTERM);
  CHECK(worker.outcome() == Outcome::stopped);
  CHECK(worker.logged("a handler did not return"));
}

TEST_CASE("an app may stop its worker", "[worker]") {
  Worker worker{{.plan = plan(test_app("waits"), GENERATE(1, 4))}};
  worker.told();
  CHECK(body_of(worker.client().get("/stop")) == "stopping\n");
  CHECK(worker.outcome() == Outcome::stopped);
}

TEST_CASE("a worker whose app does not start tells its supervisor or the user",
          "[worker]") {
  const std::string sentence = "throws_at_start.so: a start-up hook threw: ";
  for (const bool supervised : {false, true}) {
    Worker worker{{.plan = plan(test_app("throws_at_start"), 1),
                   .supervised = supervised}};
    CHECK(worker.outcome() == Outcome::app_failed);
    CHECK(worker.logged(sentence) == !supervised);
    const std::string told = worker.told();
    CHECK(told.starts_with(supervised ? kFailedNews + sentence : ""));
    CHECK(told.empty() == !supervised);
  }
  Worker missing{{.plan = plan(test_app("does_not_exist"), 1)}};
  CHECK(missing.outcome() == Outcome::app_failed);
  CHECK(missing.logged("does_not_exist.so"));
}

TEST_CASE("hooks run before the first request and after the last", "[worker]") {
  std::string folder = std::filesystem::temp_directory_path() / "hooksXXXXXX";
  REQUIRE(::mkdtemp(folder.data()) != nullptr);
  const std::string file = folder + "/log";
  Worker worker{{.plan = plan(test_app("hooks"), 1), .hooks_log = file}};
  worker.told();
  CHECK(body_of(worker.client().get("/")) == "hooked\n");
  worker.signal(SIGTERM);
  CHECK(worker.outcome() == Outcome::stopped);
  std::ifstream stream(file);
  std::string events;
  for (std::string line; std::getline(stream, line);)
    events += line.substr(0, line.find('/')) + "; ";
  CHECK(events ==
        "start first 1; start second 1; stop second 1; stop first 1; ");
  std::filesystem::remove_all(folder);
}
