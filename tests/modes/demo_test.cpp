#include "modes/app/demo.hpp"

#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "modes/app/app.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/child.hpp"
#include "tests/support/memory_request.hpp"

using namespace launch;
using Catch::Matchers::StartsWith;

namespace {

struct Demo {
  App app = load_app(parse_app("demo"));

  Answer get(const std::string& target) {
    return ask(app.server(), "GET", target);
  }
};

nanoseconds thread_cpu_time() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return seconds{now.tv_sec} + nanoseconds{now.tv_nsec};
}

}  // namespace

TEST_CASE("the demo's root is 13 bytes of plain text", "[demo]") {
  const Answer answer = Demo().get("/");
  CHECK(answer.status == 200);
  CHECK(answer.body == "Hello, world!");
  CHECK(answer.header("Content-Type") == "text/plain");
}

TEST_CASE("the demo's /json is JSON", "[demo]") {
  const Answer answer = Demo().get("/json");
  CHECK(answer.header("Content-Type") == "application/json");
  CHECK(nlohmann::json::parse(answer.body)["message"] == "Hello, world!");
}

TEST_CASE("the demo's /cpu burns this thread's time", "[demo]") {
  Demo demo;
  const auto before = thread_cpu_time();
  CHECK(demo.get("/cpu?us=3000").status == 200);
  CHECK(thread_cpu_time() - before >= microseconds{3000});
}

TEST_CASE("the demo's /block takes at least its time", "[demo]") {
  Demo demo;
  const auto before = Clock::now();
  CHECK(demo.get("/block?ms=20").status == 200);
  CHECK(Clock::now() - before >= milliseconds{20});
}

TEST_CASE("the demo's /bytes has the size asked for", "[demo]") {
  CHECK(Demo().get("/bytes?n=0").body.empty());
  CHECK(Demo().get("/bytes?n=100000").body == std::string(100'000, 'x'));
}

TEST_CASE("the demo refuses numbers that are none or too large", "[demo]") {
  Demo demo;
  for (const char* target :
       {"/cpu", "/cpu?us=", "/cpu?us=-1", "/cpu?us=1x", "/cpu?us=10000001",
        "/cpu?us=99999999999999999999", "/block?ms=10001", "/block?ms=1.5",
        "/bytes?n=67108865", "/bytes?m=1"})
    CHECK(demo.get(target).status == 400);
  CHECK(demo.get("/block?ms=x").body ==
        "/block needs ms, a whole number from 0 to 10000: for example "
        "/block?ms=100\n");
}

TEST_CASE("the demo echoes a body under its own type", "[demo]") {
  Demo demo;
  const Answer answer =
      ask(demo.app.server(), "POST", "/echo", "<a/>", "text/xml");
  CHECK(answer.status == 200);
  CHECK(answer.body == "<a/>");
  CHECK(answer.header("Content-Type") == "text/xml");
}

TEST_CASE("the demo's /crash is a real one", "[demo]") {
  const ChildEnd end = run_in_child([] { Demo().get("/crash"); });
  CHECK(end.signal == SIGSEGV);
}

TEST_CASE("the demo's /whoami names worker, process and thread", "[demo]") {
  Demo demo;
  demo.app.start({2, 3, 1}, {3});
  const auto answer = nlohmann::json::parse(demo.get("/whoami").body);
  CHECK(answer["worker"] == 2);
  CHECK(answer["pid"] == ::getpid());
  CHECK(answer["thread"] == ::gettid());
}
