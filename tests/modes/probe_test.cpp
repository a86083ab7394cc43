#include <sys/wait.h>

#include <cerrno>

#include "tests/support/catch.hpp"
#include "tests/support/sanitized.hpp"
#include "tests/support/test_apps.hpp"

using namespace launch;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

std::string probe_error(const std::string& name) {
  return app_error([&] { probe_app(test_app(name)); });
}

bool no_child_left() {
  return ::waitpid(-1, nullptr, WNOHANG) == -1 && errno == ECHILD;
}

}  // namespace

TEST_CASE("a good app and the demo pass the probe", "[probe]") {
  CHECK(probe_error("httplib_server_app") == "");
  CHECK(app_error([] { probe_app(parse_app("demo")); }) == "");
  CHECK(no_child_left());
}

TEST_CASE("the probe reports errors as loading does", "[probe]") {
  CHECK(probe_error("throws_at_registration") ==
        "throws_at_registration.so: its registration failed: the price list "
        "is missing");
  CHECK_THAT(probe_error("no_record"),
             StartsWith("no_record.so: has no launch record"));
  CHECK_THAT(probe_error("does_not_exist"), Contains("cannot open the app"));
}

TEST_CASE("a crash in a static constructor is one sentence", "[probe]") {
  CHECK(probe_error("crashes_in_static_constructor") ==
        "crashes_in_static_constructor.so: crashed in a static constructor or "
        "in its registration: signal 11 (SIGSEGV)");
  // The sanitizers' dlopen() lets the exception through.
  if (kAddressSanitized || kThreadSanitized) return;
  CHECK(probe_error("throws_in_static_constructor") ==
        "throws_in_static_constructor.so: a static constructor threw, or its "
        "registration threw where it must not: too early");
}

TEST_CASE("an abort in the registration is one sentence", "[probe]") {
  CHECK_THAT(probe_error("aborts_at_registration"),
             Contains("signal 6 (SIGABRT)"));
}

TEST_CASE("an app that calls exit() is one sentence", "[probe]") {
  CHECK_THAT(probe_error("exits_at_registration"),
             Contains("ended the process with exit code 0"));
}

TEST_CASE("an app that never returns is given up", "[probe]") {
  const std::string error = app_error(
      [] { probe_app(test_app("never_returns"), {}, milliseconds{200}); });
  CHECK_THAT(error, StartsWith("never_returns.so: did not return within 200 "
                               "ms"));
  CHECK(no_child_left());
}

TEST_CASE("the probe is prepared before the app's code runs, we are not",
          "[probe]") {
  const auto prepare = [] { ::setenv("LAUNCH_TEST_PREPARED", "1", 1); };
  CHECK(app_error([&] { probe_app(test_app("hooks"), prepare); }) == "");
  CHECK(std::getenv("LAUNCH_TEST_PREPARED") == nullptr);
  CHECK(app_error([] {
          probe_app(test_app("aborts_at_registration"),
                    [] { throw std::runtime_error("not prepared"); });
        }) == "not prepared");
}
