#include "cli/during_plan.hpp"

#include <csignal>

#include "cli/command.hpp"
#include "tests/support/catch.hpp"

using namespace launch;
using namespace launch::cli;

namespace {

using Words = std::vector<std::string>;

constexpr const char* kForeign = "gunicorn='gunicorn' --bind {host}:{port} app";

bench::DuringPlan plan_of(DuringFlags during, const BenchFlags& flags = {}) {
  if (during.event.empty()) during.event = "reload";
  return make_during_plan(flags, during, "/bin/launch", 77);
}

std::string refusal_of(const DuringFlags& during,
                       const BenchFlags& flags = {}) {
  try {
    plan_of(during, flags);
    return "";
  } catch (const UsageError& error) {
    return error.what();
  }
}

std::string refused_without_during(const DuringFlags& during) {
  try {
    refuse_during_flags(during);
    return "";
  } catch (const UsageError& error) {
    return error.what();
  }
}

Words load_names(const bench::DuringPlan& plan) {
  Words names;
  for (const auto& load : plan.loads) names.emplace_back(load.name);
  return names;
}

}  // namespace

TEST_CASE("without a contender three prefork workers are measured",
          "[during]") {
  const auto plan = plan_of({});
  REQUIRE(plan.contenders.size() == 1);
  CHECK(plan.contenders[0].name == "launch");
  CHECK_FALSE(plan.contenders[0].foreign);
  CHECK(plan.contenders[0].argv == Words{"/bin/launch", "demo", "--mode",
                                         "prefork", "--workers", "3",
                                         "--log-level", "warning"});
  CHECK(plan.event.name == "reload");
  CHECK(plan.times == 20);
  CHECK(plan.own_spacing == milliseconds{100});
  CHECK(plan.foreign_spacing == seconds{1});
  CHECK(plan.around == seconds{1});
  CHECK(plan.timeout == seconds{10});
  CHECK(plan.connections == 64);
  CHECK(plan.request.target == "/");
  CHECK(plan.seed == 77);
  CHECK(load_names(plan) == Words{"close", "keepalive"});
}

TEST_CASE("flags become the plan of a run", "[during]") {
  BenchFlags flags;
  flags.app = "./orders.so";
  flags.paths = {"/orders"};
  flags.connections = 12;
  flags.timeout = "2s";
  flags.seed = 42;
  DuringFlags during;
  during.event = "stop";
  during.times = 200;
  during.loads = {"pausing", "close"};
  during.signal = "INT";
  during.spacing = "300ms";
  during.around = "2s";
  const auto plan = plan_of(during, flags);
  CHECK(plan.app == "./orders.so");
  CHECK(plan.contenders[0].argv[1] == "./orders.so");
  CHECK(plan.request.target == "/orders");
  CHECK(plan.connections == 12);
  CHECK(plan.timeout == seconds{2});
  CHECK(plan.seed == 42);
  CHECK(plan.event.signal == SIGINT);
  CHECK(plan.times == 200);
  CHECK(plan.own_spacing == milliseconds{300});
  CHECK(plan.foreign_spacing == milliseconds{300});
  CHECK(plan.around == seconds{2});
  CHECK(load_names(plan) == Words{"close", "pausing"});
}

TEST_CASE("contenders are commands with a place for the port", "[during]") {
  const auto plan = plan_of({.contenders = {kForeign, "ours=./launch demo"}});
  REQUIRE(plan.contenders.size() == 2);
  CHECK(plan.contenders[0].name == "gunicorn");
  CHECK(plan.contenders[0].foreign);
  CHECK(plan.contenders[0].argv ==
        Words{"gunicorn", "--bind", "{host}:{port}", "app"});
  CHECK(plan.contenders[1].name == "ours");
  CHECK_FALSE(plan.contenders[1].foreign);
  // Told where to listen, a launch is a server like any other.
  CHECK(plan_of({.contenders = {"x=launch --port {port}"}})
            .contenders[0]
            .foreign);
}

TEST_CASE("contenders that make no sense are refused with advice", "[during]") {
  CHECK(refusal_of({.contenders = {"gunicorn app"}})
            .starts_with("--contender \"gunicorn app\" has no name: write it "
                         "as in --contender gunicorn='gunicorn --bind "
                         "{host}:{port} app:app'"));
  CHECK(refusal_of({.contenders = {"=x {port}"}}).find("has no name") !=
        std::string::npos);
  CHECK(refusal_of({.contenders = {"g=gunicorn app"}})
            .starts_with("--contender g: the command has no {port}"));
  CHECK(refusal_of({.contenders = {"g="}}) ==
        "--contender g: the command is empty");
  CHECK(refusal_of({.contenders = {"g=a {port}", "g=b {port}"}}) ==
        "--contender g is given twice");
}

TEST_CASE("signals have names and numbers", "[during]") {
  CHECK(plan_of({.signal = "HUP"}).event.signal == SIGHUP);
  CHECK(plan_of({.signal = "SIGUSR1"}).event.signal == SIGUSR1);
  CHECK(plan_of({.signal = "12"}).event.signal == 12);
  CHECK(refusal_of({.signal = "LOUD"}) ==
        "--signal \"LOUD\" is no signal: write it as in --signal HUP");
  CHECK(refusal_of({.signal = "0"}).find("is no signal") != std::string::npos);
  CHECK(refusal_of({.event = "kill", .signal = "HUP"})
            .starts_with("--signal has no effect with --during kill"));
}

TEST_CASE("flags of the comparison have no effect during an event",
          "[during]") {
  CHECK(refusal_of({}, {.compare_all = true})
            .starts_with("--compare-all has no effect with --during"));
  CHECK(refusal_of({}, {.quick = true}).starts_with("--quick has no effect"));
  CHECK(refusal_of({}, {.workloads = {"cpu"}}).starts_with("--workload has"));
  CHECK(refusal_of({}, {.rounds = 3}).starts_with("--rounds has no effect"));
  CHECK(refusal_of({}, {.duration = "1s"}).starts_with("--duration has no"));
  CHECK(refusal_of({}, {.warmup = "1s"}).starts_with("--warmup has no"));
  CHECK(refusal_of({}, {.paths = {"/a", "/b"}}) ==
        "--during requests one path: give one --path");
  CHECK(refusal_of({}, {.app = "a.so"}) ==
        "say which path of a.so to request, as in --path /orders");
}

TEST_CASE("flags of an event have no effect without one", "[during]") {
  CHECK(refused_without_during({}).empty());
  CHECK(refused_without_during({.contenders = {kForeign}}) ==
        "--contender has no effect without --during, which says what to do to "
        "the server: add it, as in --during reload");
  CHECK(refused_without_during({.times = 3}).starts_with("--times has no"));
  CHECK(refused_without_during({.loads = {"close"}}).starts_with("--load has"));
  CHECK(refused_without_during({.signal = "HUP"}).starts_with("--signal has"));
  CHECK(refused_without_during({.spacing = "1s"}).starts_with("--spacing has"));
  CHECK(refused_without_during({.around = "1s"}).starts_with("--around has"));
}
