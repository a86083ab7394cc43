#include "modes/serve.hpp"

#include <unistd.h>

#include "modes/supervisor/listener.hpp"
#include "tests/support/catch.hpp"

using namespace launch;

TEST_CASE("the ready line is one line of JSON", "[serve]") {
  std::vector<Bound> listeners(2);
  listeners[0].url = "http://127.0.0.1:8000";
  listeners[1].url = "unix:/run/app.sock";
  CHECK(ready_json("prefork", listeners, {{1, 7}, {2, 8}}) ==
        R"({"pid":)" + std::to_string(::getpid()) +
            R"(,"mode":"prefork",)"
            R"("addresses":["http://127.0.0.1:8000","unix:/run/app.sock"],)"
            R"("workers":[{"id":1,"pid":7},{"id":2,"pid":8}]})");
}

TEST_CASE("a taken port ends the start before the app is loaded", "[serve]") {
  const Bound bound = bind_listener("127.0.0.1", 0);
  ServePlan plan;
  plan.app = {.text = "/no/such/app.so", .path = "/no/such/app.so"};
  for (const Mode& mode : kModes) {
    plan.mode = mode;
    plan.binds = {TcpAddress{"127.0.0.1", bound.port}};
    const ServeResult result = serve(plan);
    CHECK(result.outcome == Outcome::failed);
    CHECK(result.message.find("the address is in use by another process") !=
          std::string::npos);
  }
}

TEST_CASE("an app that is not there ends the start in every mode", "[serve]") {
  ServePlan plan;
  plan.app = {.text = "/no/such/app.so", .path = "/no/such/app.so"};
  plan.binds = {TcpAddress{"127.0.0.1", 0}};
  for (const Mode& mode : kModes) {
    plan.mode = mode;
    const ServeResult result = serve(plan);
    CHECK(result.outcome == Outcome::app_failed);
    CHECK(result.message.find("/no/such/app.so") != std::string::npos);
  }
}
