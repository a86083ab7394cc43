#include "modes/engine/refusal.hpp"

#include "tests/support/catch.hpp"

using namespace launch;

TEST_CASE("a refusal is a complete response", "[refusal]") {
  CHECK(refusal(400, "no") ==
        "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\n"
        "Content-Length: 3\r\nConnection: close\r\n\r\nno\n");
}

TEST_CASE("an overloaded engine says when to come again", "[refusal]") {
  CHECK(overloaded(Persistence::implicit, false) ==
        "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\n"
        "Content-Type: text/plain\r\nContent-Length: 34\r\n\r\n"
        "too many requests are in progress\n");
  CHECK(overloaded(Persistence::none, true) ==
        "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\n"
        "Content-Type: text/plain\r\nContent-Length: 34\r\n"
        "Connection: close\r\n\r\n");
  CHECK(overloaded(Persistence::explicit_, true) ==
        "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\n"
        "Content-Type: text/plain\r\nContent-Length: 34\r\n"
        "Connection: keep-alive\r\n\r\n");
}
