#include "modes/http/router.hpp"

#include "tests/support/catch.hpp"

using namespace launch;

namespace {

std::vector<Route> gets(const std::vector<std::string>& patterns) {
  std::vector<Route> routes;
  for (const std::string& pattern : patterns)
    routes.push_back({"GET", pattern, httplib::Server::Handler{}});
  return routes;
}

struct Lookup {
  Router router;
  RouterMemory memory;
  httplib::Request request;

  explicit Lookup(const std::vector<Route>& routes) : router(routes) {
    request.path.reserve(8192);
  }

  /// The position of the route; -1 for none.
  int operator()(const std::string& path, Method method = Method::get) {
    request.path.assign(path);
    const auto found = router.find(method, request, memory);
    return found ? static_cast<int>(*found) : -1;
  }
};

/// All that a handler can see of matches.
std::string seen(const std::smatch& matches) {
  std::string text = std::to_string(matches.size());
  for (std::size_t i = 0; i <= matches.size(); ++i)
    text += '|' + matches[i].str() + '@' + std::to_string(matches.position(i)) +
            (matches[i].matched ? "" : "!");
  return text + '<' + matches.prefix().str() + '>' + matches.suffix().str() +
         (matches.prefix().matched ? "+" : "-") +
         (matches.suffix().matched ? "+" : "-") +
         (matches.ready() ? "" : "unready");
}

}  // namespace

TEST_CASE("the first route registered that matches wins", "[router]") {
  Lookup find(gets({"/a", R"(/(\w+))", "/b", "/a", "/c|/d", "/e/(x|y)+"}));
  CHECK(find("/a") == 0);
  CHECK(find("/b") == 1);  // the expression before it matches too
  CHECK(find("/c") == 1);
  CHECK(find("/c.") == -1);
  CHECK(find("/e/xy") == 5);
  CHECK(find("/") == -1);
  CHECK(find("/a", Method::post) == -1);
}

TEST_CASE("routes belong to their method, and HEAD to GET", "[router]") {
  auto routes = gets({"/a"});
  routes.push_back({"POST", "/b", httplib::Server::Handler{}});
  routes.push_back({"POST", "/a", httplib::Server::Handler{}});
  routes.push_back({"PUT", "/a", httplib::Server::HandlerWithContentReader{}});
  Lookup find(routes);
  CHECK(find("/a") == 0);
  CHECK(find("/a", Method::post) == 1);
  CHECK(find.router.size(Method::post) == 2);
  CHECK(find.router.size(Method::put) == 0);
  CHECK(find.router.reads_content(Method::put));
  CHECK_FALSE(find.router.reads_content(Method::post));
  CHECK(routed_as("HEAD") == Method::get);
  CHECK(routed_as("PATCH") == Method::patch);
  CHECK_FALSE(routed_as("TRACE"));
  CHECK_FALSE(routed_as("get"));
}

TEST_CASE("matches are what std::regex_match makes them", "[router]") {
  const std::vector<std::string> patterns{
      "/", "/plain", R"(/o/(\d+))", "/a/([^/]+)/(.*)", "/(x)?(y)?", "/r/(a|b)"};
  Lookup find(gets(patterns));
  for (const std::string& path : std::vector<std::string>{
           "/", "/plain", "/o/1", "/o/123456", "/a/b/", "/a/bcd/e/f", "/y",
           "/xy", "/r/b", "/o/7", "/plain", "/", "/a/1/22"}) {
    CAPTURE(path);
    const int index = find(path);
    REQUIRE(index >= 0);
    std::smatch expected;
    REQUIRE(std::regex_match(path, expected,
                             std::regex(patterns[std::size_t(index)])) == true);
    CHECK(seen(find.request.matches) == seen(expected));
  }
}

TEST_CASE("a long path that is the first of its route is matched", "[router]") {
  Lookup find(gets({"/files/(.*)"}));
  const std::string name(8100, 'x');
  CHECK(find("/files/" + name) == 0);
  CHECK(find.request.matches[1].str() == name);
  CHECK(find.request.matches.position(1) == 7);
}

TEST_CASE("a path that moved in memory is matched anew", "[router]") {
  Lookup find(gets({R"(/(\w+)/(\w+))"}));
  CHECK(find("/a/b") == 0);
  find.request.path = std::string(100'000, 'x');  // elsewhere
  find.request.path = "/c/d";
  CHECK(find("/c/d") == 0);
  CHECK(find.request.matches[2].str() == "d");
  CHECK(find.request.matches[2].first == find.request.path.begin() + 3);
}
