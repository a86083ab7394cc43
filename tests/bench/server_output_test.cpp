#include "bench/compare/server_output.hpp"

#include <unistd.h>

#include "tests/support/catch.hpp"

namespace launch::bench {
namespace {

void print(const ServerOutput& output, const std::string& text) {
  REQUIRE(::write(output.fd(), text.data(), text.size()) ==
          static_cast<ssize_t>(text.size()));
}

TEST_CASE("a server's output is kept", "[output]") {
  const ServerOutput output;
  CHECK(output.tail().empty());
  print(output, "one\n");
  print(output, "two\n");
  CHECK(output.tail() == "one\ntwo\n");
}

TEST_CASE("a trim keeps the end, and writing goes on behind it", "[output]") {
  ServerOutput output;
  print(output, std::string(ServerOutput::kKept, 'a') + "the end\n");
  output.trim();
  print(output, "more\n");
  const std::string tail = output.tail();
  CHECK(tail.size() == ServerOutput::kKept);
  CHECK(tail.ends_with("aathe end\nmore\n"));
}

TEST_CASE("the line that speaks of an error is told", "[output]") {
  CHECK(telling_line("INFO:     Started server process [7]\n"
                     "ERROR:    app.so: no symbol launch_app\n"
                     "INFO:     Stopping\n") == "app.so: no symbol launch_app");
  CHECK(telling_line("launch: cannot listen on 127.0.0.1:80\n") ==
        "cannot listen on 127.0.0.1:80");
  CHECK(telling_line("  terminate called after throwing 'x'\r\n\n") ==
        "terminate called after throwing 'x'");
}

TEST_CASE("without an error the last line is told", "[output]") {
  CHECK(telling_line("one\ntwo\n\n") == "two");
  CHECK(telling_line("half a line") == "half a line");
  CHECK(telling_line("\n \n").empty());
  CHECK(telling_line("").empty());
}

TEST_CASE("a long line is cut", "[output]") {
  CHECK(telling_line(std::string(1000, 'x')).size() == 300);
}

}  // namespace
}  // namespace launch::bench
