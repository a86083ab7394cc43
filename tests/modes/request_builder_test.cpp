#include "modes/http/request_builder.hpp"

#include "tests/support/catch.hpp"

using namespace launch;

namespace {

const PeerAddress kRemote{"10.0.0.1", 1234};
const PeerAddress kLocal{"10.0.0.2", 80};

RequestHead head_of(const std::string& method, const std::string& target,
                    const std::vector<HeaderField>& fields = {}) {
  RequestHead head;
  head.method = method;
  head.target = target;
  for (const HeaderField& field : fields)
    head.add(field, known_field(field.name));
  return head;
}

/// The headers of a request, in the order of its map.
std::string headers_of(const httplib::Request& request) {
  std::string text;
  for (const auto& [name, value] : request.headers)
    text += name + '=' + value + ';';
  return text;
}

const std::string kAdded =
    "LOCAL_ADDR=10.0.0.2;LOCAL_PORT=80;REMOTE_ADDR=10.0.0.1;REMOTE_PORT=1234;";

struct Fixture {
  RequestBuilder builder;
  const httplib::Request& build(const RequestHead& head,
                                std::string_view body = {}) {
    return builder.build(head, body, kRemote, kLocal);
  }
};

}  // namespace

TEST_CASE("a request has the parts that the client sent", "[request]") {
  Fixture fixture;
  const std::string method = "POST";
  const std::string target = "/a%20b/%41?x=1&y=a+b%2B&x=2";
  RequestHead head = head_of(method, target, {{"Host", "h"}, {"X-B", "50%25"}});
  const httplib::Request& request = fixture.build(head, "body");
  CHECK(request.method == "POST");
  CHECK(request.target == target);
  CHECK(request.path == "/a b/A");
  CHECK(request.version == "HTTP/1.1");
  CHECK(request.body == "body");
  CHECK(request.get_param_value("y") == "a b+");
  CHECK(request.get_param_value("x", 1) == "2");
  CHECK(request.remote_addr == "10.0.0.1");
  CHECK(request.remote_port == 1234);
  CHECK(request.local_addr == "10.0.0.2");
  CHECK(request.local_port == 80);
  // Names in the order of the alphabet, values decoded, as in cpp-httplib.
  CHECK(headers_of(request) ==
        "Host=h;LOCAL_ADDR=10.0.0.2;LOCAL_PORT=80;REMOTE_ADDR=10.0.0.1;"
        "REMOTE_PORT=1234;X-B=50%;");
}

TEST_CASE("nothing of a request is left in the next", "[request]") {
  Fixture fixture;
  const std::string method = "POST";
  const std::string first_target = "/first?a=1";
  const std::string second_target = "/";
  const std::string get = "GET";
  fixture.build(head_of(method, first_target,
                        {{"A", "1"}, {"B", "2"}, {"a", "3"}, {"C", "4"}}),
                "body");
  const httplib::Request& second =
      fixture.build(head_of(get, second_target, {{"A", "5"}, {"a", "6"}}));
  CHECK(headers_of(second) == "A=5;a=6;" + kAdded);
  CHECK(second.params.empty());
  CHECK(second.body.empty());
  CHECK(second.path == "/");

  const httplib::Request& third = fixture.build(head_of(
      get, second_target, {{"B", "7"}, {"A", "8"}, {"Empty", ""}, {"A", "9"}}));
  CHECK(headers_of(third) == "A=8;A=9;B=7;" + kAdded);
  const httplib::Request& fourth = fixture.build(head_of(get, second_target));
  CHECK(headers_of(fourth) == kAdded);
}

TEST_CASE("the characters of the path never move", "[request]") {
  Fixture fixture;
  const std::string get = "GET";
  const std::string root = "/";
  const void* const before = fixture.build(head_of(get, root)).path.data();
  for (const std::string& target :
       {'/' + std::string(8000, 'a') + "%41", '/' + std::string(8191, 'a'),
        std::string{"/%41"}, std::string{"/"}}) {
    const void* const now = fixture.build(head_of(get, target)).path.data();
    CHECK(now == before);
  }
}

TEST_CASE("the memory of a large body is given back", "[request]") {
  Fixture fixture;
  const std::string post = "POST";
  const std::string target = "/";
  fixture.build(head_of(post, target), std::string(1'000'000, 'x'));
  CHECK(fixture.build(head_of(post, target), "x").body.capacity() < 65'537);
}

TEST_CASE("only a target that everybody reads alike is plain", "[request]") {
  for (const char* plain : {"/", "/a?b", "/a?", "/a/%3F?b=%23", "//a"})
    CHECK(is_plain_target(plain));
  for (const char* odd : {"*", "a", "?a", "/a?b?c", "/a#b", "http://h/", ""})
    CHECK_FALSE(is_plain_target(odd));
}
