// What signals do to a worker.

#include "tests/support/worker_run.hpp"

using namespace worker_run;

TEST_CASE("SIGQUIT ends a worker at once", "[worker]") {
  Worker worker{{.plan = plan(test_app("waits"), GENERATE(1, 4))}};
  worker.told();
  RawClient client = worker.client();
  client.send(kWait);
  CHECK(eventually([&] { return worker.stats().at("connections") == 1; }));
  worker.signal(SIGQUIT);
  CHECK(worker.outcome() == Outcome::stopped);
  CHECK(client.is_closed());
}

TEST_CASE("an idle connection is waited for by SIGTERM, not by SIGINT",
          "[worker]") {
  WorkerPlan patient = plan(test_app("waits"), 1);
  patient.limits[static_cast<std::size_t>(Limit::keep_alive_drain)] = 600'000;
  Worker worker{{.plan = patient}};
  worker.told();
  RawClient client = worker.client();
  CHECK(body_of(client.get("/")) == "here\n");
  worker.signal(SIGTERM);
  CHECK(eventually([&] { return worker.logged("Shutting down"); }));
  const std::string last = client.get("/");
  CHECK(body_of(last) == "here\n");
  CHECK(last.find("Connection: close") != std::string::npos);
  CHECK(client.is_closed());
  CHECK(worker.outcome() == Outcome::stopped);

  Worker other{{.plan = patient}};
  other.told();
  RawClient idle = other.client();
  CHECK(body_of(idle.get("/")) == "here\n");
  other.signal(SIGINT);
  CHECK(idle.is_closed());
  CHECK(other.outcome() == Outcome::stopped);
}

TEST_CASE("a worker alone answers what needs a supervisor with one line",
          "[worker]") {
  Worker worker{{.plan = plan(test_app("waits"), 1)}};
  worker.told();
  for (const int signal : {SIGHUP, SIGTTIN, SIGTTOU, SIGUSR2}) {
    worker.signal(signal);
    CHECK(eventually([&] {
      return worker.logged("Received " + signal_name(signal) +
                           ", which needs a supervisor");
    }));
  }
  worker.signal(SIGWINCH);
  CHECK(body_of(worker.client().get("/")) == "here\n");
  worker.signal(SIGTERM);
  CHECK(worker.outcome() == Outcome::stopped);
}

TEST_CASE("a worker under a supervisor ignores what is meant for that one",
          "[worker]") {
  Worker worker{{.plan = plan(test_app("waits"), 1), .supervised = true}};
  CHECK(worker.told_byte() == '+');
  for (const int signal : {SIGHUP, SIGTTIN, SIGTTOU, SIGWINCH})
    worker.signal(signal);
  CHECK(body_of(worker.client().get("/")) == "here\n");
  worker.signal(SIGUSR2);  // but writes down its stacks
  CHECK(eventually([&] { return worker.logged("Stack of thread "); }));
  worker.signal(SIGTERM);
  CHECK(worker.outcome() == Outcome::stopped);
  CHECK_FALSE(worker.logged("Received"));
}

TEST_CASE("a drain delay of a worker alone serves on before the stop",
          "[worker]") {
  WorkerPlan slow = plan(test_app("waits"), 1);
  slow.drain_delay = kLongest;
  Worker worker{{.plan = slow}};
  worker.told();
  worker.signal(SIGTERM);
  CHECK(eventually([&] { return worker.logged("Serving for another"); }));
  CHECK(body_of(worker.client().get("/")) == "here\n");
  worker.signal(SIGTERM);
  CHECK(worker.outcome() == Outcome::stopped);
}
