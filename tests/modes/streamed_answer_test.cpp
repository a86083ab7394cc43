#include "modes/engine/streamed_answer.hpp"

#include <stdexcept>

#include "tests/support/catch.hpp"
#include "tests/support/talk.hpp"

using namespace launch;
using httplib::DataSink;

namespace {

constexpr std::size_t kSize = 8u << 20;  // more than a socket keeps

/// An answer of kSize bytes in parts of 64 KiB, and its client.
struct Fixture {
  SocketPair sockets;
  HostedServer server;
  Responder responder{server};
  StackPool stacks;
  std::atomic<bool> closing{false};
  int released = 0;  ///< 1: the whole answer was produced, -1: it was not

  StreamedAnswer answer(httplib::ContentProvider provider) {
    Responder::Made made;
    made.routed = true;
    made.response.status = 200;
    made.response.set_content_provider(
        kSize, "text/plain", std::move(provider),
        [this](bool whole) { released = whole ? 1 : -1; });
    return {responder, stacks,
            StreamedAnswer::Parts{.fd = sockets.server.get(),
                                  .made = std::move(made),
                                  .request = {},
                                  .client = {},
                                  .local = {},
                                  .persistence = Persistence::implicit,
                                  .date = {}},
            closing};
  }
};

bool write_part(std::size_t, std::size_t left, DataSink& sink) {
  const std::string part(std::min<std::size_t>(left, 65'536), 'x');
  return sink.write(part.data(), part.size());
}

}  // namespace

TEST_CASE("a streamed answer waits for its client and keeps no thread",
          "[streamed]") {
  Fixture fixture;
  std::size_t received = 0;
  {
    StreamedAnswer answer = fixture.answer(write_part);
    answer.follow("earlier|");
    answer.resume();
    REQUIRE_FALSE(answer.finished());
    const std::string begin = fixture.sockets.received();
    CHECK(begin.starts_with("earlier|HTTP/1.1 200 OK\r\n"));
    CHECK(answer.sent() == begin.size());
    received = begin.size();
    while (!answer.finished()) {
      answer.resume();
      received += fixture.sockets.received().size();
    }
    received += answer.take_output().size();
    CHECK(answer.status() == 200);
    CHECK(answer.body_bytes() == kSize);
    CHECK_FALSE(answer.ends_connection());
  }
  CHECK(received > kSize);
  CHECK(received < kSize + 1000);  // the head
  CHECK(fixture.released == 1);
}

TEST_CASE("a streamed answer that is given up sees its client gone",
          "[streamed]") {
  Fixture fixture;
  bool failed = false;
  {
    StreamedAnswer answer = fixture.answer(
        [&](std::size_t offset, std::size_t left, DataSink& sink) {
          failed = !write_part(offset, left, sink);
          return !failed;
        });
    answer.resume();
    REQUIRE_FALSE(answer.finished());
    CHECK_FALSE(failed);
  }
  CHECK(failed);
  CHECK(fixture.released == -1);
}

TEST_CASE("a streamed answer to a client that left ends its connection",
          "[streamed]") {
  Fixture fixture;
  StreamedAnswer answer = fixture.answer(write_part);
  answer.resume();
  REQUIRE_FALSE(answer.finished());
  fixture.sockets.client.reset();
  answer.resume();
  CHECK(answer.finished());
  CHECK(answer.ends_connection());
}

TEST_CASE("a provider that throws is a 500, or the end of what was begun",
          "[streamed]") {
  Fixture fixture;
  StreamedAnswer early =
      fixture.answer([](std::size_t, std::size_t, DataSink&) -> bool {
        throw std::runtime_error("secret");
      });
  early.follow("earlier|");
  early.resume();
  REQUIRE(early.finished());
  CHECK(early.take_output().starts_with(
      "earlier|HTTP/1.1 500 Internal Server Error\r\n"));
  CHECK(early.status() == 500);
  CHECK(early.ends_connection());

  StreamedAnswer late = fixture.answer(
      [](std::size_t offset, std::size_t left, DataSink& sink) -> bool {
        if (offset > ResponseStream::kHighWater + 200'000)
          throw std::runtime_error("secret");
        return write_part(offset, left, sink);
      });
  std::string received;
  while (!late.finished()) {
    late.resume();
    received += fixture.sockets.received();
  }
  CHECK(received.starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(received.find("500") == std::string::npos);
  CHECK(late.status() == 200);
  CHECK(late.ends_connection());
}
