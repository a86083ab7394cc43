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
    const httplib::Request& request = builder.build(head, kRemote, kLocal);
    builder.set_body(body);
    return request;
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

TEST_CASE("a target is read in cpp-httplib's way", "[request]") {
  struct Row {
    std::string target;
    std::string kept;
    std::string path;
    std::string query;
    bool clear;
  };
  const auto row = GENERATE(values({
      Row{"/", "/", "/", "", true},
      Row{"/a?b", "/a?b", "/a", "b=;", true},
      Row{"/a?", "/a?", "/a", "", true},
      Row{"/a/%3F?b=%23", "/a/%3F?b=%23", "/a/?", "b=#;", true},
      Row{"//a", "//a", "//a", "", true},
      Row{"*", "*", "*", "", true},
      Row{"/a#b?c", "/a", "/a", "", true},
      Row{"/a??b", "/a??b", "/a", "b=;", true},
      Row{"/a?b?c", "/a?b?c", "/a", "b=;", false},
  }));
  CAPTURE(row.target);
  Fixture fixture;
  const std::string get = "GET";
  const httplib::Request& request = fixture.build(head_of(get, row.target));
  CHECK(request.target == row.kept);
  CHECK(request.path == row.path);
  std::string query;
  for (const auto& [name, value] : request.params)
    query += name + '=' + value + ';';
  CHECK(query == row.query);
  CHECK(fixture.builder.is_target_clear() == row.clear);
}

TEST_CASE("a request that is given away is replaced by a fresh one",
          "[request]") {
  Fixture fixture;
  const std::string get = "GET";
  const std::string target = "/given";
  const void* const path =
      fixture.build(head_of(get, target, {{"A", "1"}}), "body").path.data();
  const httplib::Request given = fixture.builder.release();
  // What its matches refer to has not moved.
  CHECK(given.path.data() == path);
  CHECK(headers_of(given) == "A=1;" + kAdded);
  const std::string other = "/other";
  const httplib::Request& next =
      fixture.build(head_of(get, other, {{"A", "2"}}));
  CHECK(headers_of(next) == "A=2;" + kAdded);
  CHECK(next.path == "/other");
  CHECK(given.path == "/given");
  CHECK(given.body == "body");
}
