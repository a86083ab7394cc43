#include "modes/supervisor/seat.hpp"

#include <ctime>
#include <memory>

#include "tests/support/catch.hpp"

using namespace launch;
using namespace std::chrono_literals;

TEST_CASE("a latency is counted in the first cell that holds it", "[seat]") {
  Latency latency{};
  latency.record(100us, 1);
  latency.record(101us, 2);
  latency.record(9s, 1);
  latency.record(11s, 1);
  CHECK(latency.cells[0] == 1);   // up to 100 us
  CHECK(latency.cells[1] == 2);   // up to 250 us
  CHECK(latency.cells[15] == 1);  // up to 10 s
  CHECK(latency.cells[16] == 1);
  CHECK(latency.sum_us == 100 + 2 * 101 + 9'000'000 + 11'000'000);
  Latency sum{};
  sum.add(latency);
  sum.add(latency);
  CHECK(sum.cells[1] == 4);
  CHECK(sum.sum_us == 2 * latency.sum_us);
}

TEST_CASE("a running request is shown until it ends", "[seat]") {
  RunningRequest request{};
  CHECK(request.since() == 0);
  request.begin("GET", "/orders/7");
  CHECK(request.since() != 0);
  CHECK(request.text() == "GET /orders/7");
  request.begin("HEAD", "/");
  CHECK(request.text() == "HEAD /");
  request.end();
  CHECK(request.since() == 0);
}

TEST_CASE("a long request is cut off", "[seat]") {
  RunningRequest request{};
  request.begin("GET", std::string(1000, 'x'));
  CHECK(request.text() == "GET " + std::string(108, 'x'));
  request.begin(std::string(1000, 'M'), "/");
  CHECK(request.text() == std::string(111, 'M') + ' ');
}

TEST_CASE("a seat tells what it is busy with", "[seat]") {
  const auto seat = std::make_unique<Seat>();
  seat->threads = 1;
  CHECK(seat->busy_threads() == 0);
  CHECK(seat->longest_request().empty());
  seat->running[0].begin("GET", "/first");
  CHECK(seat->busy_threads() == 1);
  const std::uint64_t first = seat->running[0].since();
  while (coarse_ms() == first) {
  }
  seat->running[5].begin("GET", "/second");
  CHECK(seat->longest_request() == "GET /first");
  seat->running[0].end();
  CHECK(seat->longest_request() == "GET /second");
  seat->threads = 4;
  seat->busy = 3;
  CHECK(seat->busy_threads() == 3);
}

TEST_CASE("the coarse clock is the monotonic one", "[seat]") {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  const auto ms = static_cast<std::uint64_t>(now.tv_sec) * 1000 +
                  static_cast<std::uint64_t>(now.tv_nsec) / 1'000'000;
  CHECK(coarse_ms() + 20 >= ms);
  CHECK(coarse_ms() <= ms + 20'000);
}
