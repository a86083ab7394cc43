#include "bench/load/request.hpp"

#include <limits>
#include <map>
#include <stdexcept>
#include <string>

#include "tests/support/catch.hpp"

namespace launch::bench {
namespace {

std::string bytes_of(const RequestKind& kind) {
  return render_request(kind, "127.0.0.1", 8000).bytes;
}

RequestKind kind_of(std::string method, std::string target,
                    std::string body = {}, double weight = 1) {
  RequestKind kind;
  kind.method = std::move(method);
  kind.target = std::move(target);
  kind.body = std::move(body);
  kind.weight = weight;
  return kind;
}

TEST_CASE("a request is rendered with Host and its headers", "[request]") {
  CHECK(bytes_of(RequestKind{}) ==
        "GET / HTTP/1.1\r\nHost: 127.0.0.1:8000\r\n\r\n");
  RequestKind kind = kind_of("GET", "/orders?page=2");
  kind.headers = {{"Accept", "application/json"}};
  CHECK(bytes_of(kind) ==
        "GET /orders?page=2 HTTP/1.1\r\nHost: 127.0.0.1:8000\r\n"
        "Accept: application/json\r\n\r\n");
}

TEST_CASE("a Host of one's own replaces ours", "[request]") {
  RequestKind kind;
  kind.headers = {{"host", "shop.example"}};
  CHECK(bytes_of(kind) == "GET / HTTP/1.1\r\nhost: shop.example\r\n\r\n");
}

TEST_CASE("an IPv6 address stands in brackets", "[request]") {
  CHECK(render_request(RequestKind{}, "::1", 80).bytes ==
        "GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n");
}

TEST_CASE("a body comes with its length", "[request]") {
  CHECK(bytes_of(kind_of("POST", "/echo", "hello")) ==
        "POST /echo HTTP/1.1\r\nHost: 127.0.0.1:8000\r\n"
        "Content-Length: 5\r\n\r\nhello");
  CHECK(bytes_of(kind_of("PUT", "/x")) ==
        "PUT /x HTTP/1.1\r\nHost: 127.0.0.1:8000\r\n"
        "Content-Length: 0\r\n\r\n");
}

TEST_CASE("HEAD is marked, for its answer has no body", "[request]") {
  CHECK(render_request(kind_of("HEAD", "/"), "h", 1).is_head);
  CHECK_FALSE(render_request(kind_of("GET", "/"), "h", 1).is_head);
  CHECK(render_request(kind_of("GET", "/a"), "h", 1).name == "GET /a");
}

TEST_CASE("what would not be HTTP is refused", "[request]") {
  CHECK_THROWS_AS(bytes_of(kind_of("", "/")), std::invalid_argument);
  CHECK_THROWS_AS(bytes_of(kind_of("G T", "/")), std::invalid_argument);
  CHECK_THROWS_AS(bytes_of(kind_of("GET", "")), std::invalid_argument);
  CHECK_THROWS_AS(bytes_of(kind_of("GET", "orders")), std::invalid_argument);
  CHECK_THROWS_AS(bytes_of(kind_of("GET", "/a b")), std::invalid_argument);
  CHECK_THROWS_AS(bytes_of(kind_of("GET", "/a\r\nX: y")),
                  std::invalid_argument);
  RequestKind kind;
  kind.headers = {{"X", "a\r\nY: b"}};
  CHECK_THROWS_AS(bytes_of(kind), std::invalid_argument);
  kind.headers = {{"content-length", "3"}};
  CHECK_THROWS_AS(bytes_of(kind), std::invalid_argument);
}

TEST_CASE("a mix without sense is refused", "[request]") {
  CHECK_THROWS_AS(RequestMix({}, "h", 1, 1), std::invalid_argument);
  for (const double weight :
       {0.0, -1.0, std::numeric_limits<double>::infinity(),
        std::numeric_limits<double>::quiet_NaN()})
    CHECK_THROWS_AS(RequestMix({kind_of("GET", "/", "", weight)}, "h", 1, 1),
                    std::invalid_argument);
}

TEST_CASE("kinds are drawn in proportion to their weights", "[request]") {
  RequestMix mix({kind_of("GET", "/a", "", 6), kind_of("GET", "/b", "", 3),
                  kind_of("GET", "/c", "", 1)},
                 "h", 1, 7);
  std::map<std::string, int> drawn;
  for (int i = 0; i < 100'000; ++i) ++drawn[mix.next().name];
  CHECK(drawn["GET /a"] == Approx(60'000).margin(1'000));
  CHECK(drawn["GET /b"] == Approx(30'000).margin(1'000));
  CHECK(drawn["GET /c"] == Approx(10'000).margin(1'000));
}

TEST_CASE("the seed decides the order", "[request]") {
  const std::vector<RequestKind> kinds = {kind_of("GET", "/a"),
                                          kind_of("GET", "/b")};
  const auto order = [&](std::uint64_t seed) {
    RequestMix mix(kinds, "h", 1, seed);
    std::string names;
    for (int i = 0; i < 64; ++i) names += mix.next().name.back();
    return names;
  };
  CHECK(order(1) == order(1));
  CHECK(order(1) != order(2));
}

}  // namespace
}  // namespace launch::bench
