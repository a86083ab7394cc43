#include "modes/app/demo.hpp"

#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include <fmt/format.h>

#include "modes/base/clock.hpp"

namespace launch {
namespace {

using httplib::Request;
using httplib::Response;

constexpr char kText[] = "text/plain";
constexpr char kJson[] = "application/json";

/// A number that an endpoint takes in its query.
struct Parameter {
  std::string_view path;
  const char* name;
  std::uint64_t max;
};
constexpr Parameter kCpuMicroseconds{"/cpu", "us", 10'000'000};
constexpr Parameter kBlockMilliseconds{"/block", "ms", 10'000};
constexpr Parameter kBytes{"/bytes", "n", 64 << 20};

/// The parameter's value; otherwise nothing, and the response says why.
std::optional<std::uint64_t> read(const Parameter& parameter,
                                  const Request& request, Response& response) {
  const std::string text = request.get_param_value(parameter.name);
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [parsed_to, error] = std::from_chars(text.data(), end, value);
  if (error == std::errc{} && parsed_to == end && value <= parameter.max)
    return value;
  response.status = 400;
  response.set_content(
      fmt::format("{0} needs {1}, a whole number from 0 to {2}: for example "
                  "{0}?{1}=100\n",
                  parameter.path, parameter.name, parameter.max),
      kText);
  return std::nullopt;
}

nanoseconds thread_cpu_time() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return seconds{now.tv_sec} + nanoseconds{now.tv_nsec};
}

/// About a microsecond of arithmetic, so that the time is spent in the handler
/// and not in asking the kernel for it.
void work_a_little(std::uint64_t& state) {
  for (int i = 0; i < 1000; ++i) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    asm volatile("" : "+r"(state));
  }
}

void burn(microseconds amount) {
  const nanoseconds end = thread_cpu_time() + amount;
  std::uint64_t state = 1;
  while (thread_cpu_time() < end) work_a_little(state);
}

[[noreturn]] void crash() {
  ::signal(SIGSEGV, SIG_DFL);  // a sanitizer's handler would only exit
  ::raise(SIGSEGV);
  std::abort();  // SIGSEGV is blocked
}

}  // namespace

void register_demo(Server& server) {
  const auto worker = std::make_shared<WorkerInfo>();
  server.on_start([worker](const WorkerInfo& info) { *worker = info; });

  server.Get("/", [](const Request&, Response& response) {
    response.set_content("Hello, world!", kText);
  });
  server.Get("/json", [](const Request&, Response& response) {
    response.set_content(R"({"message":"Hello, world!"})", kJson);
  });
  server.Get("/cpu", [](const Request& request, Response& response) {
    if (const auto us = read(kCpuMicroseconds, request, response)) {
      burn(microseconds{*us});
      response.set_content(fmt::format("burnt {} us\n", *us), kText);
    }
  });
  server.Get("/block", [](const Request& request, Response& response) {
    if (const auto ms = read(kBlockMilliseconds, request, response)) {
      std::this_thread::sleep_for(milliseconds{*ms});
      response.set_content(fmt::format("blocked {} ms\n", *ms), kText);
    }
  });
  server.Get("/bytes", [](const Request& request, Response& response) {
    if (const auto n = read(kBytes, request, response))
      response.set_content(std::string(*n, 'x'), "application/octet-stream");
  });
  server.Post("/echo", [](const Request& request, Response& response) {
    const std::string type = request.get_header_value("Content-Type");
    response.set_content(request.body,
                         type.empty() ? "application/octet-stream" : type);
  });
  server.Get("/crash", [](const Request&, Response&) { crash(); });
  server.Get("/whoami", [worker](const Request&, Response& response) {
    response.set_content(fmt::format(R"({{"worker":{},"pid":{},"thread":{}}})",
                                     worker->id, ::getpid(), ::gettid()),
                         kJson);
  });
}

}  // namespace launch
