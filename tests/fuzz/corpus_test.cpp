// What the fuzz targets begin with, without a fuzzer.

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/fuzz/properties.hpp"
#include "tests/fuzz/reference.hpp"
#include "tests/support/catch.hpp"

namespace {

/// Runs `check` on each file of a folder of the corpus; how many there were.
int try_all(const std::string& folder, void (*check)(std::string_view)) {
  int files = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(LAUNCH_CORPUS "/" + folder)) {
    INFO(entry.path().string());
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    CHECK_NOTHROW(check(bytes));
    ++files;
  }
  return files;
}

}  // namespace

TEST_CASE("the corpus of heads keeps what must hold", "[fuzz]") {
  CHECK(try_all("head", fuzz::check_head) >= 20);
}

TEST_CASE("the corpus of chunked bodies keeps what must hold", "[fuzz]") {
  CHECK(try_all("chunked", fuzz::check_chunked) >= 15);
}

TEST_CASE("the reference reads requests as the RFC says", "[fuzz]") {
  const auto read = [](std::string_view bytes) {
    const auto request = reference::parse_request(bytes);
    return request ? static_cast<int>(request->length) : -1;
  };
  const std::string_view get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  CHECK(get.size() == 27);
  CHECK(read(get) == 27);
  CHECK(read("\r\nGET / HTTP/1.0\r\n\r\nmore") == 20);
  CHECK(read("GET / HTTP/1.1\r\n\r\n") == -1);
  CHECK(read("GET / HTTP/1.0\nHost: a\n\n") == -1);
  CHECK(read("GET / HTTP/1.0\r\nA : b\r\n\r\n") == -1);
  CHECK(read("GET / HTTP/1.0\r\nA: b\r\n c\r\n\r\n") == -1);
  CHECK(read("PUT / HTTP/1.0\r\nContent-Length: 3\r\n\r\nabcd") == 40);
  CHECK(read("PUT / HTTP/1.0\r\nContent-Length: 3\r\n\r\nab") == -1);
  CHECK(read("PUT / HTTP/1.0\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\n"
             "abc") == -1);
}

TEST_CASE("the reference reads chunked bodies as the RFC says", "[fuzz]") {
  const auto body = reference::parse_chunked(
      "3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\nT: v\r\n\r\nmore");
  REQUIRE(body);
  CHECK(body->body == "abc0123456789");
  CHECK(body->length == 38);
  CHECK_FALSE(body->plain);
  CHECK(reference::parse_chunked("0\r\n\r\n")->plain);
  CHECK_FALSE(reference::parse_chunked("3\r\nabcd\r\n0\r\n\r\n"));
  CHECK_FALSE(reference::parse_chunked("0x3\r\nabc\r\n0\r\n\r\n"));
  CHECK_FALSE(reference::parse_chunked("3\nabc\r\n0\r\n\r\n"));
  CHECK_FALSE(
      reference::parse_chunked("10000000000000003\r\nabc\r\n0\r\n\r\n"));
}
