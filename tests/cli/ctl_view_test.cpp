#include "cli/ctl_view.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/example_status.hpp"

using namespace launch;
using namespace launch::cli;

TEST_CASE("the status is a few lines and a table", "[ctl_view]") {
  CHECK(status_text(example_status(), 0) ==
        "launch 0.1.0  prefork  pid 40  ready  up 1m 30s\n"
        "workers      1 of 2 ready, generation 1\n"
        "listening    http://127.0.0.1:8000 (3 of 2048 queued)\n"
        "latency      p50 <= 0.1 ms, p99 > 10 s, mean 1785.7 ms, 7 requests\n"
        "overflows    0\n"
        "last reload  failed: Worker 1: no \"main\"\n"
        "\n" +
            workers_text(example_status(), 0));
}

TEST_CASE("a worker is a row", "[ctl_view]") {
  CHECK(
      workers_text(example_status(), 0) ==
      "worker  pid  state      up  requests  connections  busy  restarts  "
      "memory  causes    request\n"
      "     1   41  ready  1h 02m         6            2   1/4         1  "
      "5.2 MB  signal 1  GET /slow\n"
      "     2    -  down       0s         2            0   0/4         0       "
      "-\n");
  CHECK(workers_text({}, 0) == "no workers\n");
}

TEST_CASE("no line of a view is wider than the terminal", "[ctl_view]") {
  ServiceStatus status = example_status();
  status.last_reload->error = std::string(30, 'a') + ' ' + std::string(30, 'b');
  for (const std::string& text :
       {status_text(status, 60), workers_text(status, 60),
        top_text(status, status, 60)}) {
    std::size_t begin = 0;
    for (auto end = text.find('\n'); end != std::string::npos;
         begin = end + 1, end = text.find('\n', begin)) {
      INFO(text.substr(begin, end - begin));
      CHECK(end - begin <= 60);
    }
  }
}

TEST_CASE("the live view shows what happened since the frame before",
          "[ctl_view]") {
  const ServiceStatus before = example_status();
  ServiceStatus now = before;
  now.uptime_s += 2;
  now.workers[0].requests += 30;
  now.workers[1].requests += 10;
  now.latency.counts[2] += 40;
  now.latency.sum_s += 0.02;
  CHECK(top_text(now, before, 0) ==
        "launch 0.1.0  prefork  pid 40  ready  up 1m 32s\n"
        "1 of 2 workers ready, 20 requests/s, 2 connections, 1 in progress, "
        "3 queued\n"
        "latency p50 <= 0.5 ms, p99 <= 0.5 ms, mean 0.5 ms, 40 requests\n"
        "\n"
        "worker  pid  state      up  requests/s  share  connections  busy  "
        "restarts  memory  request\n"
        "     1   41  ready  1h 02m          15   75 %            2   1/4  "
        "       1  5.2 MB  GET /slow\n"
        "     2    -  down       0s           5   25 %            0   0/4  "
        "       0       -\n");
}

TEST_CASE("the first frame and an idle one know no rates", "[ctl_view]") {
  const ServiceStatus status = example_status();
  const std::string first = top_text(status, std::nullopt, 0);
  CHECK(first.find("- requests/s") != std::string::npos);
  CHECK(first.find("latency -\n") != std::string::npos);
  ServiceStatus later = status;
  later.uptime_s += 1;
  const std::string idle = top_text(later, status, 0);
  CHECK(idle.find("0 requests/s") != std::string::npos);
  CHECK(idle.find("latency no requests\n") != std::string::npos);
}

TEST_CASE("a worker that is new counts from nothing", "[ctl_view]") {
  ServiceStatus before = example_status();
  before.workers.pop_back();
  ServiceStatus now = example_status();
  now.uptime_s += 1;
  CHECK(top_text(now, before, 0).find(" 2 requests/s") != std::string::npos);
}

TEST_CASE("what a client sent cannot act on the terminal", "[ctl_view]") {
  ServiceStatus status = example_status();
  status.workers[0].request = "GET /\x1b[2J\n";
  const std::string text = workers_text(status, 0);
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(text.find("GET /\\x1b[2J\\x0a") != std::string::npos);
}

TEST_CASE("a service that drains says so", "[ctl_view]") {
  ServiceStatus status = example_status();
  status.ready = false;
  CHECK(status_text(status, 0).find("  draining  ") != std::string::npos);
}

TEST_CASE("what does not fit below is counted", "[ctl_view]") {
  CHECK(cut_to_height("a\nb\nc\n", 3) == "a\nb\nc\n");
  CHECK(cut_to_height("a\nb\nc\nd\n", 3) == "a\nb\n... 2 more lines\n");
  CHECK(cut_to_height("a\nb\n", 0) == "a\nb\n");
}
