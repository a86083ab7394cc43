#include "bench/load/response_parser.hpp"

#include <initializer_list>
#include <string>
#include <vector>

#include "tests/support/catch.hpp"

namespace launch::bench {
namespace {

using Progress = ResponseParser::Progress;

/// What came of a message, as one line that can be compared and printed.
std::string outcome(const ResponseParser& parser, Progress progress) {
  switch (progress) {
    case Progress::complete:
      return std::to_string(parser.status()) +
             (parser.keep_alive() ? " keep" : " close");
    case Progress::failed:
      return "failed: " + std::string(parser.problem());
    case Progress::more:
      break;
  }
  return "more";
}

/// Feeds the portions as they are; `closed` is the end of the connection.
std::string parse(std::initializer_list<std::string_view> portions,
                  bool head_request = false, bool closed = false) {
  ResponseParser parser;
  parser.start(head_request);
  Progress progress = Progress::more;
  for (const std::string_view portion : portions)
    progress = parser.feed(portion);
  if (closed) progress = parser.finish();
  return outcome(parser, progress);
}

/// The outcome of `message`, which must not depend on how it is cut.
std::string parse_cut(std::string_view message, bool head_request = false,
                      bool closed = false) {
  const std::string whole = parse({message}, head_request, closed);
  for (std::size_t cut = 1; cut < message.size(); ++cut) {
    INFO("cut at " << cut);
    CHECK(parse({message.substr(0, cut), message.substr(cut)}, head_request,
                closed) == whole);
  }
  ResponseParser parser;
  parser.start(head_request);
  Progress progress = Progress::more;
  for (const char byte : message) progress = parser.feed({&byte, 1});
  if (closed) progress = parser.finish();
  CHECK(outcome(parser, progress) == whole);
  return whole;
}

TEST_CASE("an answer with a length is complete at its last byte", "[parser]") {
  CHECK(parse_cut("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
                  "Content-Length: 13\r\n\r\nHello, world!") == "200 keep");
  CHECK(parse_cut("HTTP/1.1 200 OK\r\ncontent-length:3 \r\n\r\nab") == "more");
  CHECK(parse_cut("HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n") == "200 keep");
}

TEST_CASE("lines may end in a single line feed", "[parser]") {
  CHECK(parse_cut("HTTP/1.1 200 OK\nContent-Length: 2\n\nok") == "200 keep");
}

TEST_CASE("a long body is skipped without a look at it", "[parser]") {
  ResponseParser parser;
  parser.start(false);
  CHECK(parser.feed("HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n") ==
        Progress::more);
  const std::string portion(1'000'000, '\n');
  CHECK(parser.feed(portion) == Progress::more);
  CHECK(parser.feed(portion) == Progress::more);
  CHECK(parser.feed(portion) == Progress::complete);
}

TEST_CASE("chunks are joined and trailers skipped", "[parser]") {
  const std::string head =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  CHECK(parse_cut(head + "5\r\nhello\r\nA;name=value\r\n0123456789\r\n"
                         "0\r\n\r\n") == "200 keep");
  CHECK(parse_cut(head + "1\r\nx\r\n000\r\nDigest: 1\r\nX: y\r\n\r\n") ==
        "200 keep");
  CHECK(parse_cut(head + "1\r\nx\r\n0\r\n") == "more");
  CHECK(parse_cut(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: br, gzip, Chunked\r\n\r\n"
            "0\r\n\r\n") == "200 keep");
}

TEST_CASE("interim answers are skipped", "[parser]") {
  CHECK(parse_cut("HTTP/1.1 100 Continue\r\n\r\n"
                  "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
                  "HTTP/1.1 201 Created\r\nContent-Length: 1\r\n\r\nx") ==
        "201 keep");
}

TEST_CASE("some answers have no body whatever they say", "[parser]") {
  CHECK(parse_cut("HTTP/1.1 204 No Content\r\n\r\n") == "204 keep");
  CHECK(parse_cut("HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n") ==
        "304 keep");
  CHECK(parse_cut("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", true) ==
        "200 keep");
  CHECK(parse_cut("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                  true) == "200 keep");
}

TEST_CASE("the connection is kept or closed as the answer says", "[parser]") {
  const std::string rest = "Content-Length: 0\r\n\r\n";
  CHECK(parse_cut("HTTP/1.1 200 OK\r\nConnection: close\r\n" + rest) ==
        "200 close");
  CHECK(parse_cut("HTTP/1.1 200 OK\r\nConnection: TE, Close\r\n" + rest) ==
        "200 close");
  CHECK(parse_cut("HTTP/1.0 200 OK\r\n" + rest) == "200 close");
  CHECK(parse_cut("HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\n" + rest) ==
        "200 keep");
  CHECK(parse_cut("HTTP/1.1 200 OK\r\nConnection: keep-alive\r\n"
                  "Connection: close\r\n" +
                  rest) == "200 close");
}

TEST_CASE("a body without a length ends with the connection", "[parser]") {
  const std::string answer = "HTTP/1.1 200 OK\r\n\r\nall that there is";
  CHECK(parse_cut(answer) == "more");
  CHECK(parse_cut(answer, false, true) == "200 close");
  CHECK(parse_cut("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nx", false,
                  true) == "200 close");
}

TEST_CASE("a connection closed too early is an error", "[parser]") {
  CHECK(parse_cut("", false, true) ==
        "failed: the connection was closed without an answer");
  CHECK(parse_cut("HTTP/1.1 200 OK\r\nContent-Le", false, true) ==
        "failed: the connection was closed in the middle of the head");
  CHECK(parse_cut("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhalf", false,
                  true) ==
        "failed: the connection was closed in the middle of the body");
  CHECK(parse_cut("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx",
                  false, true) ==
        "failed: the connection was closed in the middle of the body");
}

TEST_CASE("what is not HTTP is an error at once", "[parser]") {
  const std::string bad = "failed: this is not an HTTP/1.x status line";
  for (const char* message :
       {"SSH-2.0-OpenSSH_9.2\r\n", "S", "HTTP/2", "HTTP/2 200 OK\r\n", "\r\n",
        "HTTP/1.1 20 OK\r\n", "HTTP/1.1 2000 OK\r\n", "HTTP/1.1  200 OK\r\n",
        "HTTP/1.x 200 OK\r\n", "HTTP/1.1 099 Low\r\n", "HTTP/1.1\r\n",
        "http/1.1 200 OK\r\n"}) {
    INFO(message);
    CHECK(parse_cut(message) == bad);
  }
}

TEST_CASE("bad header lines are errors", "[parser]") {
  const std::string bad = "failed: this is not a header line";
  for (const char* line :
       {"no colon", ": no name", "Space : before", "\tfold", " Folded: line"}) {
    INFO(line);
    CHECK(parse_cut("HTTP/1.1 200 OK\r\nA: b\r\n" + std::string(line) +
                    "\r\n") == bad);
  }
}

TEST_CASE("a length that cannot be trusted is an error", "[parser]") {
  const auto with = [](const std::string& headers) {
    return parse_cut("HTTP/1.1 200 OK\r\n" + headers + "\r\n");
  };
  CHECK(with("Content-Length: 9223372036854775807\r\n") == "more");
  CHECK(with("Content-Length: 9223372036854775808\r\n") ==
        "failed: Content-Length is too large");
  CHECK(with("Content-Length: 99999999999999999999\r\n") ==
        "failed: Content-Length is too large");
  CHECK(with("Content-Length: -1\r\n") ==
        "failed: Content-Length is not a number");
  CHECK(with("Content-Length: 5, 5\r\n") ==
        "failed: Content-Length is not a number");
  CHECK(with("Content-Length:\r\n") == "failed: Content-Length is empty");
  CHECK(with("Content-Length: 0\r\nContent-Length: 0\r\n") == "200 keep");
  CHECK(with("Content-Length: 1\r\nContent-Length: 2\r\n") ==
        "failed: there are two different Content-Length headers");
  CHECK(with("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n") ==
        "failed: there are both Content-Length and Transfer-Encoding");
}

TEST_CASE("bad chunks are errors", "[parser]") {
  const auto with = [](const std::string& chunks) {
    return parse_cut("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" +
                     chunks);
  };
  CHECK(with("x") == "failed: this is not the size of a chunk");
  CHECK(with("\r\n") == "failed: this is not the size of a chunk");
  CHECK(with("5 five\r\n") == "failed: this is not the size of a chunk");
  CHECK(with("fffffffffffffffff\r\n") ==
        "failed: the size of a chunk is too large");
  CHECK(with("2\r\nabc") == "failed: a chunk is longer than its size");
}

TEST_CASE("bytes that nobody asked for are an error", "[parser]") {
  const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  CHECK(parse({answer, answer}) ==
        "failed: more bytes follow the complete answer");
  CHECK(parse({answer + "\n"}) ==
        "failed: more bytes follow the complete answer");
}

TEST_CASE("switching protocols is an error", "[parser]") {
  CHECK(parse_cut("HTTP/1.1 101 Switching Protocols\r\n\r\n") ==
        "failed: the server switches protocols, which nobody asked for");
}

TEST_CASE("an endless head is an error", "[parser]") {
  ResponseParser parser;
  parser.start(false);
  CHECK(parser.feed("HTTP/1.1 200 OK\r\n") == Progress::more);
  const std::string line = "X: " + std::string(997, 'x') + "\r\n";
  Progress progress = Progress::more;
  int lines = 0;
  while (progress == Progress::more && lines < 100) {
    progress = parser.feed(line);
    ++lines;
  }
  CHECK(progress == Progress::failed);
  CHECK(lines == 66);  // 17 + 65 * 1002 bytes still fit into 65 536: no
}

TEST_CASE("the bytes at fault are kept, the first of them", "[parser]") {
  ResponseParser parser;
  parser.start(false);
  parser.feed("SSH-2.0-" + std::string(500, 'x') + "\r\n");
  CHECK(parser.excerpt().size() == ResponseParser::kMaxExcerpt);
  CHECK(parser.excerpt().substr(0, 8) == "SSH-2.0-");

  parser.start(false);
  parser.feed("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
  CHECK(parser.excerpt() == "HTTP/1.1 404 Not Found");
}

TEST_CASE("nothing of one answer is left for the next", "[parser]") {
  ResponseParser parser;
  parser.start(true);
  parser.feed("HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\n");
  CHECK_FALSE(parser.keep_alive());
  parser.start(false);
  parser.feed("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1");
  parser.start(false);
  CHECK(parser.feed("HTTP/1.1 200 OK\r\nTransfer-Enc") == Progress::more);
  parser.start(false);
  CHECK(parser.feed("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx") ==
        Progress::complete);
  CHECK(parser.keep_alive());
}

}  // namespace
}  // namespace launch::bench
