#include "cli/bench_plan.hpp"

#include "cli/command.hpp"
#include "tests/support/catch.hpp"

using namespace launch;
using namespace launch::cli;

namespace {

std::vector<std::string> contender_names(int cores) {
  std::vector<std::string> names;
  for (const auto& contender : contenders("launch", "demo", cores))
    names.push_back(contender.name);
  return names;
}

bench::ComparisonPlan plan_of(BenchFlags flags, int cores = 2) {
  flags.compare_all = true;
  return make_plan(flags, "/bin/launch", cores, 77);
}

std::string refusal_of(const BenchFlags& flags) {
  try {
    plan_of(flags);
    return "";
  } catch (const UsageError& error) {
    return error.what();
  }
}

std::vector<std::string> workload_names_of(const BenchFlags& flags) {
  std::vector<std::string> names;
  for (const auto& workload : plan_of(flags).workloads)
    names.push_back(workload.name);
  return names;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("the contenders are the usual sizes of every mode", "[plan]") {
  CHECK(contender_names(2) == Names{"single-1x1", "prefork-2x1",
                                    "thread-pool-1x2", "thread-pool-1x16",
                                    "prefork-2x8"});
  CHECK(contender_names(16) == Names{"single-1x1", "prefork-16x1",
                                     "thread-pool-1x16", "prefork-16x8"});
  // A mode with a pool of one is still another program than single.
  CHECK(contender_names(1) == Names{"single-1x1", "prefork-1x1",
                                    "thread-pool-1x1", "thread-pool-1x16",
                                    "prefork-1x8"});
}

TEST_CASE("a contender is started as a user would", "[plan]") {
  const auto all = contenders("/bin/launch", "./orders.so", 2);
  REQUIRE(all.size() == 5);
  const auto with = [](Names flags) {
    Names argv{"/bin/launch", "./orders.so", "--mode"};
    argv.insert(argv.end(), flags.begin(), flags.end());
    argv.insert(argv.end(), {"--log-level", "warning"});
    return argv;
  };
  CHECK(all[0].argv == with({"single"}));
  CHECK(all[1].argv == with({"prefork", "--workers", "2", "--threads", "1"}));
  CHECK(all[2].argv == with({"thread-pool", "--threads", "2"}));
  CHECK(all[3].argv == with({"thread-pool", "--threads", "16"}));
  CHECK(all[4].argv == with({"prefork", "--workers", "2", "--threads", "8"}));
  CHECK(all[4].mode == "prefork");
  CHECK(all[4].workers == 2);
  CHECK(all[4].threads == 8);
}

TEST_CASE("the demo has its own workloads", "[plan]") {
  CHECK(workload_names() == Names{"plain", "cpu", "block", "mixed"});
  CHECK(workload_names_of({}) == workload_names());
  CHECK(workload_names_of({.quick = true}) == Names{"plain", "block"});
  CHECK(workload_names_of({.workloads = {"mixed", "cpu"}}) ==
        Names{"cpu", "mixed"});
  CHECK(workload_names_of({.quick = true, .workloads = {"cpu"}}) ==
        Names{"cpu"});
  CHECK(workload_names_of({.paths = {"/json", "/whoami"}}) ==
        Names{"/json", "/whoami"});
}

TEST_CASE("an app of one's own is measured on the paths named", "[plan]") {
  const auto plan =
      plan_of({.app = "./orders.so", .paths = {"/orders?page=2"}});
  REQUIRE(plan.workloads.size() == 1);
  CHECK(plan.workloads[0].name == "/orders?page=2");
  REQUIRE(plan.workloads[0].mix.size() == 1);
  CHECK(plan.workloads[0].mix[0].target == "/orders?page=2");
}

TEST_CASE("flags become the plan", "[plan]") {
  BenchFlags flags;
  flags.connections = 128;
  flags.rounds = 4;
  flags.duration = "2s";
  flags.warmup = "500ms";
  flags.timeout = "3s";
  flags.seed = 42;
  const auto plan = plan_of(flags);
  CHECK(plan.app == "demo");
  for (const auto& workload : plan.workloads)
    CHECK(workload.connections == 128);
  CHECK(plan.rounds == 4);
  CHECK(plan.duration == seconds{2});
  CHECK(plan.warmup == milliseconds{500});
  CHECK(plan.timeout == seconds{3});
  CHECK(plan.seed == 42);
  CHECK(plan_of({}).seed == 77);
}

TEST_CASE("there are as many rounds as fit, within bounds", "[plan]") {
  // Default, 2 cores: a round is 5 starts of 150 ms and 20 trials of 950 ms,
  // 19.75 s; 104 s hold 5.
  CHECK(plan_of({}).rounds == 5);
  // Quick: 5 x 150 + 10 x 550 = 6.25 s; 19 s hold 3.
  CHECK(plan_of({.quick = true}).rounds == 3);
  // One workload: 5 x 150 + 5 x 950 = 5.5 s; 18 would fit, 10 are enough.
  CHECK(plan_of({.workloads = {"cpu"}}).rounds == 10);
  // A long duration still has rounds to compare.
  CHECK(plan_of({.duration = "60s"}).rounds == 3);
}

TEST_CASE("plans that make no sense are refused with advice", "[plan]") {
  CHECK_THROWS_WITH(
      make_plan({}, "launch", 2, 1),
      "say what to compare: launch bench --compare-all measures every mode");
  CHECK(refusal_of({.paths = {"/"}, .workloads = {"cpu"}}) ==
        "--path and --workload exclude each other: --workload names requests "
        "to the demo, --path those to any app");
  CHECK(refusal_of({.app = "a.so"}) ==
        "say which path of a.so to measure, as in --path /orders (launch "
        "check a.so prints its routes)");
  CHECK(refusal_of({.app = "a.so", .workloads = {"cpu"}}) ==
        "--workload is for the demo: name what to request of a.so with "
        "--path, as in --path /orders");
  CHECK(refusal_of({.paths = {"orders"}}) ==
        "--path \"orders\" is not a path: write it as in --path /orders");
  CHECK(refusal_of({.paths = {""}}).starts_with("--path \"\" is not a path"));
  CHECK(refusal_of({.paths = {"/a b"}})
            .starts_with("--path \"/a b\" is not a path"));
  CHECK(refusal_of({.paths = {"/a\r\nX: y"}}).find("is not a path") !=
        std::string::npos);
  CHECK(refusal_of({.paths = {"/a", "/b", "/a"}}) ==
        "--path /a is given twice");
  CHECK(refusal_of({.duration = "never"}).starts_with("--duration: \"never\""));
  CHECK(refusal_of({.warmup = "0"}).starts_with("--warmup: \"0\""));
}
