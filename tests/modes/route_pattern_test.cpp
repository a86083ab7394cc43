#include "modes/http/route_pattern.hpp"

#include <random>
#include <regex>

#include "tests/support/catch.hpp"

using namespace launch;

namespace {

/// "no", or the captures of a match: "yes|12|abc".
std::string matched(const std::string& expression, const std::string& path) {
  const auto pattern = RoutePattern::parse(expression);
  if (!pattern) return "not simple";
  std::vector<Capture> captures;
  if (!pattern->match(path, captures)) return "no";
  std::string text = "yes";
  for (const Capture& capture : captures)
    text += '|' + path.substr(capture.begin, capture.end - capture.begin);
  return text;
}

std::string by_regex(const std::string& expression, const std::string& path) {
  std::smatch matches;
  if (!std::regex_match(path, matches, std::regex(expression))) return "no";
  std::string text = "yes";
  for (std::size_t i = 1; i < matches.size(); ++i)
    text += '|' + matches[i].str();
  return text;
}

}  // namespace

TEST_CASE("a simple route matches and captures as written", "[route]") {
  CHECK(matched("/", "/") == "yes");
  CHECK(matched("/", "/a") == "no");
  CHECK(matched("", "") == "yes");
  CHECK(matched(R"(/orders/(\d+))", "/orders/12") == "yes|12");
  CHECK(matched(R"(/orders/(\d+))", "/orders/") == "no");
  CHECK(matched(R"(/orders/(\d{1,3}))", "/orders/1234") == "no");
  CHECK(matched(R"(/a/([^/]+)/b/([^/]+)/([a-f0-9]+)/(\w+)/(.*))",
                "/a/x y/b/2/ff/w_1/the/rest") == "yes|x y|2|ff|w_1|the/rest");
  CHECK(matched("/files/(.*)", "/files/") == "yes|");
  CHECK(matched("/files/(.*)", "/files/a\nb") == "no");
  CHECK(matched("/(.*)/(.*)", "/a/b/c") == "yes|a/b|c");
  CHECK(matched("/a/?", "/a/") == "yes");
  CHECK(matched("/a/?", "/a") == "yes");
  CHECK(matched(R"(/v1\.0)", "/v1x0") == "no");
  CHECK(matched("^/a$", "/a") == "yes");
  CHECK(matched("/((a+)b)(?:c)", "/aabc") == "yes|aab|aa");
}

TEST_CASE("a route that is no simple one is left to std::regex", "[route]") {
  for (const std::string expression :
       {"/a|/b",   "/(a)+",   "/(?:ab)*",     R"(/(a)\1)",  "/a+?",
        "/(?=a)a", R"(/\ba)", "/[[:alpha:]]", "/[]a]",      "/(",
        "/)",      "/[a",     "/a{2",         "/a{3,2}",    "/*",
        "/a**",    R"(/\n)",  "/\xc3\xa4",    R"(/[\d-z])", "/[z-a]",
        "/a$b",    "/[^]"}) {
    CAPTURE(expression);
    if (expression == "/*") {
      CHECK(matched(expression, "//") == "yes");
    } else {
      CHECK_FALSE(RoutePattern::parse(expression).has_value());
    }
  }
}

TEST_CASE("only a route without choices has one text", "[route]") {
  CHECK(*RoutePattern::parse("/a/b")->literal() == "/a/b");
  CHECK(*RoutePattern::parse(R"(/a\.b)")->literal() == "/a.b");
  CHECK(RoutePattern::parse("")->literal()->empty());
  CHECK(RoutePattern::parse("/(a)")->literal() == nullptr);
  CHECK(RoutePattern::parse("/a?")->literal() == nullptr);
}

TEST_CASE("a simple route has a short path for example", "[route]") {
  CHECK(RoutePattern::parse(R"(/o/(\d{2,})/?[^a]x*(.*))")->example() ==
        "/o/00b");
  CHECK(RoutePattern::parse("")->example().empty());
}

TEST_CASE("a long path costs a simple route no stack", "[route]") {
  const std::string tail(1'000'000, 'x');
  CHECK(matched("/files/(.*)", "/files/" + tail) == "yes|" + tail);
}

TEST_CASE("simple routes agree with std::regex on random paths", "[route]") {
  const std::vector<std::string> pieces{
      "/",        "a",      "b",       R"(\d)",  "[ab]",
      "[^/]",     ".",      R"(\w)",   "(a)",    "(b?)",
      "(.*)",     "(a*)",   "([^/]+)", "(/a)",   R"((\d{1,2}))",
      "a+",       "[a-c]*", "(?:b)",   "((a)b)", R"(\.)",
      "[^ab]{2}", R"(\S+)", "[.]"};
  const std::string letters = "aab/b1.2_\n";
  std::mt19937 random{42};
  const auto below = [&](std::size_t n) { return random() % n; };
  int matches = 0;
  for (int i = 0; i < 3000; ++i) {
    std::string expression;
    for (std::size_t n = below(6) + 1; n > 0; --n)
      expression += pieces[below(pieces.size())];
    std::string path;
    for (std::size_t n = below(8); n > 0; --n)
      path += letters[below(letters.size())];
    CAPTURE(expression, path);
    const std::string expected = by_regex(expression, path);
    REQUIRE(matched(expression, path) == expected);
    REQUIRE(by_regex(expression, RoutePattern::parse(expression)->example()) !=
            "no");
    if (expected != "no") ++matches;
  }
  CHECK(matches > 100);  // or it would prove nothing
}
