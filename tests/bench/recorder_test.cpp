#include "bench/load/recorder.hpp"

#include <string>

#include "tests/support/catch.hpp"

namespace launch::bench {
namespace {

using namespace std::chrono_literals;

const auto kWords = [](const char* words) {
  return [words] { return std::string(words); };
};

TEST_CASE("good answers count with their times", "[recorder]") {
  Recorder recorder;
  recorder.answered(200, 1500ns, kWords("never asked for"));
  recorder.answered(302, 40ms, kWords("never asked for"));
  LoadResult result;
  recorder.move_into(result);
  CHECK(result.requests == 2);
  CHECK(result.response_time_us.count() == 2);
  CHECK(result.response_time_us.min() == 1);
  CHECK(result.response_time_us.max() == 40'000);
  CHECK(result.statuses == std::map<int, std::uint64_t>{{200, 1}, {302, 1}});
  CHECK(result.errors.total() == 0);
  CHECK(result.first_error.empty());
}

TEST_CASE("a bad status is an error and not throughput", "[recorder]") {
  Recorder recorder;
  recorder.answered(404, 1ms, kWords("not found"));
  recorder.answered(500, 1ms, kWords("too late to be the first"));
  LoadResult result;
  recorder.move_into(result);
  CHECK(result.requests == 0);
  CHECK(result.response_time_us.count() == 0);
  CHECK(result.errors.status == 2);
  CHECK(result.statuses == std::map<int, std::uint64_t>{{404, 1}, {500, 1}});
  CHECK(result.first_error == "not found");
}

TEST_CASE("failures count by kind", "[recorder]") {
  Recorder recorder;
  recorder.failed(ErrorKind::connect, kWords("first"));
  for (int i = 0; i < 2; ++i) recorder.failed(ErrorKind::read, kWords(""));
  for (int i = 0; i < 3; ++i) recorder.failed(ErrorKind::write, kWords(""));
  for (int i = 0; i < 4; ++i) recorder.failed(ErrorKind::timeout, kWords(""));
  LoadResult result;
  recorder.move_into(result);
  CHECK(result.errors.connect == 1);
  CHECK(result.errors.read == 2);
  CHECK(result.errors.write == 3);
  CHECK(result.errors.timeout == 4);
  CHECK(result.errors.total() == 10);
  CHECK(result.first_error == "first");
}

TEST_CASE("nothing of one interval is left for the next", "[recorder]") {
  Recorder recorder;
  recorder.answered(200, 1ms, kWords(""));
  recorder.answered(404, 1ms, kWords("gone"));
  recorder.clear();
  LoadResult result;
  recorder.move_into(result);
  CHECK(result.requests == 0);
  CHECK(result.errors.total() == 0);
  CHECK(result.statuses.empty());
  CHECK(result.first_error.empty());
}

}  // namespace
}  // namespace launch::bench
