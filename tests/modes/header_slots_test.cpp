#include "modes/http/header_slots.hpp"

#include <map>

#include "tests/support/catch.hpp"

using namespace launch;

namespace {

struct List : std::vector<std::pair<std::string, std::string>> {
  void emplace(std::string name, std::string value) {
    emplace_back(std::move(name), std::move(value));
  }
};
using Map = std::multimap<std::string, std::string>;

}  // namespace

TEMPLATE_TEST_CASE("a request gets its own headers and none of the last",
                   "[slots]", List, Map) {
  TestType headers;
  HeaderSlots<TestType> slots;
  const auto fill =
      [&](const std::vector<std::pair<std::string, std::string>>& fields) {
        slots.start(headers);
        for (const auto& [name, value] : fields)
          slots.put(headers, name, value);
        slots.finish(headers);
        std::string text;
        for (const auto& [name, value] : headers)
          text += name + '=' + value + ' ';
        return text;
      };
  CHECK(fill({{"a", "1"}, {"b", "2"}, {"c", "3"}}) == "a=1 b=2 c=3 ");
  CHECK(fill({{"a", "4"}, {"b", "5"}, {"c", "6"}}) == "a=4 b=5 c=6 ");
  CHECK(fill({{"a", "7"}}) == "a=7 ");
  CHECK(fill({{"a", "8"}, {"d", "9"}, {"d", "0"}}) == "a=8 d=9 d=0 ");
  CHECK(fill({}) == "");
}

TEST_CASE("the nodes of one request serve the next", "[slots]") {
  Map headers;
  HeaderSlots<Map> slots;
  slots.start(headers);
  slots.put(headers, "a", "1");
  slots.finish(headers);
  const auto* const first = &*headers.begin();
  slots.start(headers);
  slots.put(headers, "b", "2");
  slots.finish(headers);
  CHECK(&*headers.begin() == first);
  CHECK(first->first == "b");
}
