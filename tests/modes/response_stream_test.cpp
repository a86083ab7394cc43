#include "modes/http/response_stream.hpp"

#include <string>

#include "tests/support/catch.hpp"

using namespace launch;

namespace {

class FakeSink final : public OutputSink {
 public:
  bool drain(std::string& bytes) override {
    if (gone) return false;
    taken += bytes.size();
    bytes.clear();
    return true;
  }
  bool gone = false;
  std::size_t taken = 0;
};

struct Fixture {
  std::string output;
  FakeSink sink;
  std::atomic<bool> closing{false};
  const PeerAddress remote{"10.0.0.1", 1234};
  const PeerAddress local{"10.0.0.2", 80};

  ResponseStream stream() { return {output, sink, remote, local, closing}; }
};

const std::string kHead = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n";

/// What a stream made of one response head.
struct Written {
  std::string output;
  std::string status;
  bool ends;
};
Written write_head(const std::string& head, bool closing = false) {
  Fixture fixture;
  fixture.closing = closing;
  ResponseStream stream = fixture.stream();
  CHECK(stream.write(head.data(), head.size()) ==
        static_cast<ssize_t>(head.size()));
  return {fixture.output, stream.status(), stream.ends_connection()};
}

}  // namespace

TEST_CASE("a handler sees both addresses and no socket", "[stream]") {
  Fixture fixture;
  const ResponseStream stream = fixture.stream();
  std::string ip;
  int port = 0;
  stream.get_remote_ip_and_port(ip, port);
  CHECK(ip + ":" + std::to_string(port) == "10.0.0.1:1234");
  stream.get_local_ip_and_port(ip, port);
  CHECK(ip + ":" + std::to_string(port) == "10.0.0.2:80");
  CHECK(stream.socket() == INVALID_SOCKET);
}

TEST_CASE("a response gathers behind what is already there", "[stream]") {
  Fixture fixture;
  fixture.output = "earlier ";
  ResponseStream stream = fixture.stream();
  stream.write(kHead.data(), kHead.size());
  stream.write("hi", 2);
  CHECK(fixture.output == "earlier " + kHead + "hi");
  CHECK_FALSE(stream.drained());
}

TEST_CASE("a head may come in parts, and a body with it", "[stream]") {
  const std::string all = kHead + "hi";
  // Cut in the head, in the blank line behind it, in the body, and nowhere.
  for (const std::size_t cut :
       {std::size_t{9}, all.size() - 3, all.size() - 1, all.size()}) {
    Fixture fixture;
    ResponseStream stream = fixture.stream();
    CHECK(stream.write(all.data(), cut) == static_cast<ssize_t>(cut));
    stream.write(all.data() + cut, all.size() - cut);
    CHECK(fixture.output == kHead + "hi");
    CHECK(stream.status() == "200 OK");
    CHECK(stream.body_bytes() == 2);
  }
}

TEST_CASE("only a response that goes on beyond the high water is drained",
          "[stream]") {
  Fixture fixture;
  ResponseStream stream = fixture.stream();
  stream.write(kHead.data(), kHead.size());
  const std::string large(ResponseStream::kHighWater + 1, 'x');
  stream.write(large.data(), large.size());
  CHECK_FALSE(stream.drained());
  CHECK(fixture.output.size() == kHead.size() + large.size());
  CHECK(stream.write("end", 3) == 3);
  CHECK(stream.drained());
  CHECK(fixture.sink.taken == kHead.size() + large.size());
  CHECK(fixture.output == "end");
}

TEST_CASE("writing fails once the client is gone", "[stream]") {
  Fixture fixture;
  fixture.sink.gone = true;
  ResponseStream stream = fixture.stream();
  stream.write(kHead.data(), kHead.size());
  const std::string large(ResponseStream::kHighWater + 1, 'x');
  stream.write(large.data(), large.size());
  CHECK(stream.write("end", 3) == -1);
}

TEST_CASE("the head tells its status and whether the connection ends",
          "[stream]") {
  CHECK(write_head(kHead).status == "200 OK");
  CHECK_FALSE(write_head(kHead).ends);
  CHECK_FALSE(write_head("HTTP/1.1 200 OK\r\n"
                         "transfer-encoding: chunked\r\n\r\n")
                  .ends);
  CHECK_FALSE(write_head("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n"
                         "Connection: close\r\n\r\n")
                  .ends);
  CHECK(write_head("HTTP/1.1 404 Not Found\r\nConnection: close\r\n"
                   "Connection: close\r\nContent-Length: 0\r\n\r\n")
            .ends);
  CHECK(write_head("HTTP/1.1 200 OK\r\nconnection: x, Close\r\n"
                   "Content-Length: 0\r\n\r\n")
            .ends);
  CHECK_FALSE(write_head("HTTP/1.1 200 OK\r\nConnection: keep-alive\r\n"
                         "Content-Length: 0\r\n\r\n")
                  .ends);
  CHECK_FALSE(write_head(kHead, false).ends);
}

TEST_CASE("a response without a length ends, and says so", "[stream]") {
  const Written written = write_head(
      "HTTP/1.1 200 OK\r\nContent-Type: a\r\nConnection: close\r\n\r\n");
  CHECK(written.ends);
  CHECK(written.output ==
        "HTTP/1.1 200 OK\r\nContent-Type: a\r\nConnection: close\r\n\r\n");
}

TEST_CASE("a stop that came during the handler is said in its answer",
          "[stream]") {
  const Written written = write_head(
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n"
      "X: y\r\n\r\n",
      true);
  CHECK(written.ends);
  CHECK(written.output ==
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n"
        "X: y\r\n\r\n");

  const std::string said =
      "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n";
  CHECK(write_head(said, true).output == said);
}

TEST_CASE("how the connection goes on is said as its client needs it",
          "[stream]") {
  const std::string own =
      "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
  const auto said = [&](Persistence persistence) {
    Fixture fixture;
    ResponseStream stream = fixture.stream();
    stream.set_persistence(persistence);
    stream.write(own.data(), own.size());
    CHECK(stream.ends_connection() == (persistence == Persistence::none));
    return fixture.output;
  };
  CHECK(said(Persistence::implicit) ==
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  CHECK(said(Persistence::explicit_) ==
        "HTTP/1.1 200 OK\r\nConnection: keep-alive\r\n"
        "Content-Length: 0\r\n\r\n");
  CHECK(said(Persistence::none) == own);
}

TEST_CASE("a handler's wish to close is said once", "[stream]") {
  const Written written = write_head(
      "HTTP/1.1 200 OK\r\nConnection: close\r\nConnection: close\r\n"
      "Content-Length: 0\r\n\r\n");
  CHECK(written.ends);
  CHECK(written.output ==
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
}
