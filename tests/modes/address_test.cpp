#include "modes/supervisor/address.hpp"

#include <stdexcept>
#include <vector>

#include "tests/support/catch.hpp"

using namespace launch;

namespace {

std::string refusal_of(const std::string& text) {
  try {
    return "accepted as " + to_string(parse_address(text));
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
}

}  // namespace

TEST_CASE("an address is a host and a port, a path or a descriptor",
          "[address]") {
  struct Row {
    std::string text;
    Address address;
  };
  const std::vector<Row> rows{
      {"127.0.0.1:8000", TcpAddress{"127.0.0.1", 8000}},
      {"localhost:0", TcpAddress{"localhost", 0}},
      {"example.org:65535", TcpAddress{"example.org", 65535}},
      {"[::1]:80", TcpAddress{"::1", 80}},
      {"[fe80::1%eth0]:80", TcpAddress{"fe80::1%eth0", 80}},
      {"[::]:8000", TcpAddress{"::", 8000}},
      {"unix:/run/app.sock", UnixAddress{"/run/app.sock"}},
      {"unix:app.sock", UnixAddress{"app.sock"}},
      {"unix:/tmp/with:colon", UnixAddress{"/tmp/with:colon"}},
      {"unix:" + std::string(107, 'x'), UnixAddress{std::string(107, 'x')}},
      {"fd:0", InheritedAddress{0}},
      {"fd:17", InheritedAddress{17}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(parse_address(row.text) == row.address);
    CHECK(to_string(row.address) == row.text);
  }
  CHECK(parse_address(":8000") == Address{TcpAddress{"0.0.0.0", 8000}});
}

TEST_CASE("what is no address is refused with what to write", "[address]") {
  struct Row {
    std::string text;
    std::string sentence;
  };
  const std::string no_port =
      " names no port: write HOST:PORT, [IPv6]:PORT, unix:PATH or fd:N";
  const std::string bad_port =
      ": the port is not a whole number from 0 to 65535";
  const std::string no_brackets =
      ": an IPv6 address stands in brackets, as in [::1]:8000";
  const std::string no_descriptor =
      " names no descriptor: write its number, as in fd:3";
  const std::vector<Row> rows{
      {"", no_port},
      {"localhost", no_port},
      {"[::1]", no_port},
      {"localhost:", bad_port},
      {"localhost:http", bad_port},
      {"localhost:65536", bad_port},
      {"localhost:-1", bad_port},
      {"localhost:-0", bad_port},
      {"localhost:+1", bad_port},
      {"localhost:1 ", bad_port},
      {"::1:8000", no_brackets},
      {"[]:8000", no_brackets},
      {"[::1:8000", no_brackets},
      {"http://localhost:8000", no_brackets},
      {"fd:", no_descriptor},
      {"fd:three", no_descriptor},
      {"fd:-1", no_descriptor},
      {"fd:1000001", no_descriptor},
      {"unix:", " names no path: write, say, unix:/run/app.sock"},
      {"unix:" + std::string(108, 'x'),
       ": the path has 108 bytes, and that of a socket at most 107"},
  };
  for (const Row& row : rows)
    CHECK(refusal_of(row.text) == '"' + row.text + '"' + row.sentence);
}
