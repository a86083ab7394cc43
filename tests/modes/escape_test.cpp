#include "modes/http/escape.hpp"

#include <nlohmann/json.hpp>

#include "tests/support/catch.hpp"

using namespace launch;

namespace {

std::string hex(std::string_view text, std::size_t longest = kUnlimited) {
  std::string to;
  append_hex_escaped(to, text, longest);
  return to;
}

std::string json(std::string_view text, std::size_t longest = kUnlimited) {
  std::string to;
  append_json_escaped(to, text, longest);
  return to;
}

struct Row {
  std::string_view text;
  std::string_view hex;
  std::string_view json;
};

using namespace std::string_view_literals;

const Row kRows[]{
    {"", "", ""},
    {"/plain?a=b&c=%20~", "/plain?a=b&c=%20~", "/plain?a=b&c=%20~"},
    {"a\"b", "a\\x22b", "a\\\"b"},
    {"a\\b", "a\\x5cb", "a\\\\b"},
    {"a\r\nb", "a\\x0d\\x0ab", "a\\u000d\\u000ab"},
    {"\t", "\\x09", "\\u0009"},
    {"\0x"sv, "\\x00x", "\\u0000x"},
    {"\x1b[31m\x7f", "\\x1b[31m\\x7f", "\\u001b[31m\\u007f"},
    {"\\x22", "\\x5cx22", "\\\\x22"},  // no escape of its own passes for ours
    {"\xc3\xa9", "\\xc3\\xa9", "\\u00e9"},
    {"\xc2\x9b", "\\xc2\\x9b", "\\u009b"},  // a terminal's CSI in one byte
    {"\xe2\x80\xae", "\\xe2\\x80\\xae", "\\u202e"},
    {"\xef\xbf\xbf", "\\xef\\xbf\\xbf", "\\uffff"},
    {"\xf0\x9f\x98\x80", "\\xf0\\x9f\\x98\\x80", "\\ud83d\\ude00"},
    {"\xf4\x8f\xbf\xbf", "\\xf4\\x8f\\xbf\\xbf", "\\udbff\\udfff"},
    // What is no UTF-8: stray, cut off, too long, a surrogate, too large.
    {"\x80", "\\x80", "\\ufffd"},
    {"\xff"
     "a",
     "\\xffa", "\\ufffda"},
    {"\xc3", "\\xc3", "\\ufffd"},
    {"\xc3\"", "\\xc3\\x22", "\\ufffd\\\""},  // takes no quote with it
    {"\xe2\x82"
     "a",
     "\\xe2\\x82a", "\\ufffda"},
    {"\xc0\xaf", "\\xc0\\xaf", "\\ufffd\\ufffd"},
    {"\xe0\x80\xaf", "\\xe0\\x80\\xaf", "\\ufffd\\ufffd\\ufffd"},
    {"\xed\xa0\x80", "\\xed\\xa0\\x80", "\\ufffd\\ufffd\\ufffd"},
    {"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80",
     "\\ufffd\\ufffd\\ufffd\\ufffd"},
    {"\xf0\x9f\x98", "\\xf0\\x9f\\x98", "\\ufffd"},
};

}  // namespace

TEST_CASE("texts are escaped to printable ASCII", "[escape]") {
  for (const Row& row : kRows) {
    CAPTURE(row.hex);
    CHECK(hex(row.text) == row.hex);
    CHECK(json(row.text) == row.json);
  }
}

TEST_CASE("a JSON reader gets back every valid text", "[escape]") {
  for (const std::string text :
       {"a\"b\\c\r\n\t\x01\x7f", "\xc3\xa9\xe2\x80\xae\xf0\x9f\x98\x80",
        "\xef\xbf\xbf\xf4\x8f\xbf\xbf"}) {
    std::string quoted = "\"";
    append_json_escaped(quoted, text);
    quoted += '"';
    CHECK(nlohmann::json::parse(quoted).get<std::string>() == text);
  }
}

TEST_CASE("every pair of bytes stays within its quotes", "[escape]") {
  for (int a = 0; a < 256; ++a)
    for (int b = 0; b < 256; ++b) {
      const std::string text{static_cast<char>(a), static_cast<char>(b)};
      for (const char c : hex(text))
        if (c < 0x20 || c == 0x7f || c == '"') FAIL(a << ' ' << b);
      std::string quoted = "\"";
      append_json_escaped(quoted, text);
      quoted += '"';
      for (const char c : quoted)
        if (c < 0x20 || c == 0x7f) FAIL(a << ' ' << b);
      if (!nlohmann::json::accept(quoted)) FAIL(a << ' ' << b);
    }
}

TEST_CASE("a text that is cut says so and is never over its limit",
          "[escape]") {
  CHECK(hex("abcdef", 6) == "abcdef");
  CHECK(hex("abcdefg", 6) == "abc...");
  CHECK(hex("abcdef\"", 10) == "abcdef\\x22");
  CHECK(hex("abcdef\"", 9) == "abcdef...");
  CHECK(hex("ab\"cdef", 8) == "ab...");                 // no half of \x22
  CHECK(json("ab\xf0\x9f\x98\x80xyz", 16) == "ab...");  // no half of a pair
  CHECK(json("ab\xf0\x9f\x98\x80xyz", 17) == "ab\\ud83d\\ude00xyz");
  CHECK(json("ab\xf0\x9f\x98\x80xyzz", 17) == "ab\\ud83d\\ude00...");
  CHECK(hex("abcdefg", 2) == "..");
  CHECK(hex("abcdefg", 0).empty());
  CHECK(hex("", 0).empty());
}
