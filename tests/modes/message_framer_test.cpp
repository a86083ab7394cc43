#include "modes/http/message_framer.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "tests/support/catch.hpp"

using namespace launch;
using State = MessageFramer::State;

namespace {

constexpr FramingLimits kLimits{};

/// What a framer makes of bytes: "complete 33", "invalid 400", "incomplete".
std::string verdict(const MessageFramer& framer, State state) {
  switch (state) {
    case State::incomplete:
      return "incomplete";
    case State::complete:
      return "complete " + std::to_string(framer.length());
    case State::invalid:
      return "invalid " + std::to_string(framer.status());
  }
  return "";
}

std::string framed(const std::string& bytes, FramingLimits limits = kLimits) {
  MessageFramer framer;
  const State state = framer.feed(bytes, limits);
  return verdict(framer, state);
}

/// As framed(), with the bytes arriving in two pieces.
std::string framed_in_two(const std::string& bytes, std::size_t cut,
                          FramingLimits limits = kLimits) {
  MessageFramer framer;
  const State state = framer.feed(bytes.substr(0, cut), limits);
  return verdict(
      framer, state == State::incomplete ? framer.feed(bytes, limits) : state);
}

/// As framed(), with one more byte at a time.
std::string framed_bytewise(const std::string& bytes,
                            FramingLimits limits = kLimits) {
  MessageFramer framer;
  State state = State::incomplete;
  for (std::size_t size = 1; size <= bytes.size(); ++size) {
    state = framer.feed(std::string_view{bytes}.substr(0, size), limits);
    if (state != State::incomplete) break;
  }
  return verdict(framer, state);
}

/// A request with Host and these header lines, each with its line end.
std::string get(const std::string& headers) {
  return "GET / HTTP/1.1\r\nHost: a\r\n" + headers + "\r\n";
}
std::string post(const std::string& headers, const std::string& body) {
  return "POST / HTTP/1.1\r\nHost: a\r\n" + headers + "\r\n" + body;
}
std::string chunked(const std::string& body) {
  return post("Transfer-Encoding: chunked\r\n", body);
}

const std::vector<std::string> kAccepted{
    get(""),
    "\r\n" + get(""),
    "\r\n\r\n\r\n" + get(""),
    "GET / HTTP/1.0\r\n\r\n",
    "GET / HTTP/1.0\r\nHost: a\r\n\r\n",
    "GET /a?b=%20&c=\xc3\xa4 HTTP/1.1\r\nhOsT:\r\n\r\n",
    "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
    "M-SEARCH / HTTP/1.1\r\nHost: a\r\n\r\n",
    "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n",
    get("X-Empty:\r\n"),
    get("X-Tab: a\tb \t\r\n"),
    get("X-Utf-8: \xc3\xa4\r\n"),
    get("X:no space\r\n"),
    get("Expect: 100-Continue\r\n"),
    post("Content-Length: 0\r\n", ""),
    post("content-length:5\r\n", "12345"),
    post("Content-Length: 00005 \r\n", "12345"),
    post("Content-Length: 4\r\n", "\r\n\r\n"),
    chunked("0\r\n\r\n"),
    chunked("5\r\n12345\r\n0\r\n\r\n"),
    chunked("a\r\n0123456789\r\nA\r\n0123456789\r\n00\r\n\r\n"),
    chunked("5;name=value;other\r\n12345\r\n0;last\r\n\r\n"),
    chunked("5;name=\"quoted\"\r\n12345\r\n0\r\n\r\n"),
    chunked("4\r\n\r\n\r\n\r\n0\r\n\r\n"),
    post("Transfer-Encoding:  CHUNKED\r\n", "0\r\n\r\n"),
};

struct Refused {
  int status;
  std::string bytes;
};

const std::string kManyDigits(20, '9');

const std::vector<Refused> kRefused{
    // the request line
    {400, "GET /\r\nHost: a\r\n\r\n"},
    {400, "GET\r\nHost: a\r\n\r\n"},
    {400, "GET  HTTP/1.1\r\nHost: a\r\n\r\n"},
    {400, "GET  / HTTP/1.1\r\nHost: a\r\n\r\n"},
    {400, "GET /  HTTP/1.1\r\nHost: a\r\n\r\n"},
    {400, "GET / HTTP/1.1 \r\nHost: a\r\n\r\n"},
    {400, " GET / HTTP/1.1\r\nHost: a\r\n\r\n"},
    {400, "G(T / HTTP/1.1\r\nHost: a\r\n\r\n"},
    {400, "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n"},
    {400, "GET /a\tb HTTP/1.1\r\nHost: a\r\n\r\n"},
    {400, "GET /a\x7f HTTP/1.1\r\nHost: a\r\n\r\n"},
    {400, std::string("GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n", 28)},
    {400, "\rGET / HTTP/1.1\r\nHost: a\r\n\r\n"},
    {400, "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"},
    {400, "GET / HTTP/1.1\nHost: a\r\n\r\n"},
    {400, "GET / HTTP/1.1\rHost: a\r\n\r\n"},
    {400, "GET / http/1.1\r\nHost: a\r\n\r\n"},
    {400, "GET / HTTP/2\r\nHost: a\r\n\r\n"},
    {400, "GET / HTTP/x.y\r\nHost: a\r\n\r\n"},
    {505, "GET / HTTP/2.0\r\nHost: a\r\n\r\n"},
    {505, "GET / HTTP/0.9\r\nHost: a\r\n\r\n"},
    {505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
    {400, "GET hello HTTP/1.1\r\nHost: a\r\n\r\n"},
    {400, "GET * HTTP/1.1\r\nHost: a\r\n\r\n"},
    {400, "GET a:443 HTTP/1.1\r\nHost: a\r\n\r\n"},
    {400, "GET ://a HTTP/1.1\r\nHost: a\r\n\r\n"},
    // Host
    {400, "GET / HTTP/1.1\r\n\r\n"},
    {400, "GET / HTTP/1.1\r\nHost: a b\r\n\r\n"},
    {400, "GET / HTTP/1.1\r\nHost: a/c\r\n\r\n"},
    {400, "GET / HTTP/1.1\r\nHost: a@d\r\n\r\n"},
    {400, get("Host: a\r\n")},
    {400, "GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n"},
    // headers
    {400, get("X : a\r\n")},
    {400, get("X\t: a\r\n")},
    {400, get(": a\r\n")},
    {400, get("X\r\n")},
    {400, get("X: a\r\n folded\r\n")},
    {400, get("X: a\r\n\tfolded\r\n")},
    {400, "GET / HTTP/1.1\r\n Host: a\r\n\r\n"},
    {400, get("X: a\nY: b\r\n")},
    {400, get("X: a\rY: b\r\n")},
    {400, get(std::string("X: a\0b\r\n", 8))},
    {400, get("X: a\x01\r\n")},
    {400, get("X\xc3\xa4: a\r\n")},
    {417, get("Expect: a miracle\r\n")},
    // the length of the body
    {400, post("Content-Length: 5\r\nContent-Length: 5\r\n", "12345")},
    {400, post("Content-Length: 5, 5\r\n", "12345")},
    {400, post("Content-Length:\r\n", "")},
    {400, post("Content-Length: -1\r\n", "")},
    {400, post("Content-Length: +5\r\n", "12345")},
    {400, post("Content-Length: 0x5\r\n", "12345")},
    {400, post("Content-Length: 5 5\r\n", "12345")},
    {400, post("Content-Length: " + kManyDigits + "9\r\n", "")},
    {413, post("Content-Length: 8388609\r\n", "")},
    {400,
     post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n")},
    {400,
     post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n")},
    {400, post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
               "0\r\n\r\n")},
    {501, post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n")},
    {501, post("Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n")},
    {501, post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n")},
    {501, post("Transfer-Encoding: identity\r\n", "")},
    {501, post("Transfer-Encoding:\r\n", "")},
    {400, "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
    // chunks
    {400, chunked("\r\n")},
    {400, chunked("g\r\n")},
    {400, chunked("-1\r\n")},
    {400, chunked("+1\r\n1\r\n")},
    {400, chunked("0x1\r\n1\r\n")},
    {400, chunked(" 1\r\n1\r\n")},
    {400, chunked("1 \r\n1\r\n")},
    {400, chunked("1 ;a\r\n1\r\n")},
    {400, chunked("1\n1\r\n0\r\n\r\n")},
    {400, chunked("1\r1\r\n0\r\n\r\n")},
    {400, chunked("1;a\nb\r\n1\r\n0\r\n\r\n")},
    {400, chunked("1;a\rb\r\n1\r\n0\r\n\r\n")},
    {400, chunked("1;" + std::string(256, 'x') + "\r\n1\r\n0\r\n\r\n")},
    {400, chunked("fffffffffffffffff\r\n")},
    {400, chunked("1\r\n12\r\n0\r\n\r\n")},
    {400, chunked("1\r\n1\n0\r\n\r\n")},
    {413, chunked("800001\r\n")},
    {413, chunked("ffffffffffffffff\r\n")},
    {400, chunked("0\r\nX: a\r\n\r\n")},
    {400, chunked("0\r\n0\r\n\r\n")},
};

}  // namespace

TEST_CASE("well-formed requests end where they should, however cut",
          "[framer]") {
  for (const std::string& request : kAccepted) {
    CAPTURE(request);
    const std::string whole = "complete " + std::to_string(request.size());
    CHECK(framed(request) == whole);
    CHECK(framed(request + "GET /next HTTP/1.1\r\n") == whole);
    CHECK(framed_bytewise(request) == whole);
    for (std::size_t cut = 1; cut < request.size(); ++cut)
      CHECK(framed_in_two(request, cut) == whole);
    for (std::size_t size = 0; size < request.size(); ++size)
      CHECK(framed(request.substr(0, size)) == "incomplete");
  }
}

TEST_CASE("what two readers could understand differently is refused",
          "[framer]") {
  for (const Refused& refused : kRefused) {
    CAPTURE(refused.bytes);
    const std::string expected = "invalid " + std::to_string(refused.status);
    CHECK(framed(refused.bytes) == expected);
    CHECK(framed_bytewise(refused.bytes) == expected);
    for (std::size_t cut = 1; cut < refused.bytes.size(); ++cut)
      CHECK(framed_in_two(refused.bytes, cut) == expected);
  }
}

TEST_CASE("a refusal has a reason and stays", "[framer]") {
  MessageFramer framer;
  CHECK(framer.feed("GET / HTTP/1.1\r\n\r\n", kLimits) == State::invalid);
  CHECK(framer.reason() == "exactly one Host header is needed");
  CHECK(framer.feed(get(""), kLimits) == State::invalid);
  framer.reset();
  CHECK(framer.feed(get(""), kLimits) == State::complete);
}

TEST_CASE("a target and a header line may be 8192 bytes long", "[framer]") {
  // "GET ", " HTTP/1.1\r\n" and "Host: a\r\n\r\n" are 26 bytes more.
  const auto with_target = [](std::size_t size) {
    return framed("GET " + std::string(size, '/') +
                  " HTTP/1.1\r\nHost: a\r\n\r\n");
  };
  CHECK(with_target(8192) == "complete 8218");
  CHECK(with_target(8193) == "invalid 414");
  // With the line's end, for cpp-httplib's sake: "X: " and "\r\n" take 5.
  const auto with_header = [](std::size_t size) {
    return framed(get("X: " + std::string(size, 'x') + "\r\n"));
  };
  CHECK(with_header(8187) == "complete 8219");
  CHECK(with_header(8188) == "invalid 431");
}

TEST_CASE("a head has a greatest length, however it arrives", "[framer]") {
  FramingLimits limits;
  limits.head = 40;
  // "GET / HTTP/1.1\r\n" 16, "Host: a\r\n" 9, "X: ...\r\n" 5 + 10 = 40.
  const std::string longest = get("X: " + std::string(10, 'x') + "\r\n");
  const std::string longer = get("X: " + std::string(11, 'x') + "\r\n");
  const std::string blank = "\r\n" + longest;
  CHECK(framed(longest, limits) == "complete 42");
  CHECK(framed_bytewise(longest, limits) == "complete 42");
  for (const std::string& refused : {longer, blank}) {
    CHECK(framed(refused, limits) == "invalid 431");
    CHECK(framed_bytewise(refused, limits) == "invalid 431");
  }
  CHECK(framed(std::string(41, 'x'), limits) == "incomplete");
  CHECK(framed(std::string(42, 'x'), limits) == "invalid 431");
  std::string lines;
  for (int i = 0; i < 21; ++i) lines += "\r\n";
  CHECK(framed(lines, limits) == "invalid 431");
}

TEST_CASE("a body has a greatest size, with chunks counted together",
          "[framer]") {
  FramingLimits limits;
  limits.body = 5;
  CHECK(framed(post("Content-Length: 5\r\n", "12345"), limits) ==
        "complete 52");
  CHECK(framed(post("Content-Length: 6\r\n", ""), limits) == "invalid 413");
  const std::string two = chunked("3\r\n123\r\n2\r\n12\r\n0\r\n\r\n");
  const std::string more = chunked("3\r\n123\r\n3\r\n123\r\n0\r\n\r\n");
  CHECK(framed(two, limits) == "complete " + std::to_string(two.size()));
  CHECK(framed(more, limits) == "invalid 413");
  CHECK(framed_bytewise(more, limits) == "invalid 413");
}

TEST_CASE("pipelined requests are found one after the other", "[framer]") {
  const std::string first = "\r\n" + post("Content-Length: 3\r\n", "abc");
  const std::string second = chunked("1\r\nx\r\n0\r\n\r\n");
  const std::string third = get("");
  std::string bytes = first + second + third + "GET /ha";
  MessageFramer framer;
  std::string found;
  while (framer.feed(bytes, kLimits) == State::complete) {
    found += bytes.substr(framer.start(), framer.length() - framer.start());
    bytes.erase(0, framer.length());
    framer.reset();
  }
  CHECK(found == first.substr(2) + second + third);
  CHECK(bytes == "GET /ha");
}

TEST_CASE("who waits for 100 Continue is known with the head", "[framer]") {
  const std::string head =
      post("Content-Length: 1\r\nExpect: 100-continue\r\n", "");
  MessageFramer framer;
  CHECK(framer.feed(head.substr(0, head.size() - 1), kLimits) ==
        State::incomplete);
  CHECK_FALSE(framer.head_complete());
  CHECK(framer.feed(head, kLimits) == State::incomplete);
  CHECK(framer.head_complete());
  CHECK(framer.expects_continue());

  MessageFramer old;
  CHECK(old.feed("POST / HTTP/1.0\r\nContent-Length: 1\r\n"
                 "Expect: 100-continue\r\n\r\n",
                 kLimits) == State::incomplete);
  CHECK_FALSE(old.expects_continue());
}

TEST_CASE("whether the client goes on is read as RFC 9112 says", "[framer]") {
  const auto goes_on = [](const std::string& version,
                          const std::string& headers) {
    MessageFramer framer;
    REQUIRE(framer.feed(
                "GET / HTTP/" + version + "\r\nHost: a\r\n" + headers + "\r\n",
                kLimits) == State::complete);
    return framer.is_persistent();
  };
  CHECK(goes_on("1.1", ""));
  CHECK(goes_on("1.1", "Connection: keep-alive\r\n"));
  CHECK(goes_on("1.1", "Connection: closed, xclose\r\n"));
  CHECK(goes_on("1.1", "X-Connection: close\r\n"));
  CHECK_FALSE(goes_on("1.1", "Connection: close\r\n"));
  CHECK_FALSE(goes_on("1.1", "connection:Close\r\n"));
  CHECK_FALSE(goes_on("1.1", "Connection: TE , close\r\n"));
  CHECK_FALSE(goes_on("1.1", "Connection: te\r\nConnection: close\r\n"));
  CHECK_FALSE(goes_on("1.1", "Connection: close, keep-alive\r\n"));
  CHECK_FALSE(goes_on("1.0", ""));
  CHECK(goes_on("1.0", "Connection: keep-alive\r\n"));
  CHECK(goes_on("1.0", "Connection: Keep-Alive, TE\r\n"));
  CHECK_FALSE(goes_on("1.0", "Connection: close\r\n"));
}
