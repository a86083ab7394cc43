#include "modes/http/access_log.hpp"

#include <nlohmann/json.hpp>

#include "modes/http/escape.hpp"
#include "tests/support/catch.hpp"

using namespace launch;

namespace {

/// 1 000 000 000 s after the epoch is 2001-09-09 01:46:40 UTC.
const WallTime kBillion{microseconds{1'000'000'000'001'234}};

AccessEntry entry() {
  return {.time = kBillion,
          .client_ip = "192.0.2.1",
          .client_port = 4711,
          .method = "GET",
          .target = "/a?b=c",
          .version = "HTTP/1.1",
          .status = 200,
          .response_bytes = 13,
          .referer = "http://example.org/",
          .user_agent = "curl/8.0 (x; y)",
          .duration = microseconds{153},
          .worker = 2,
          .request_id = "00000000000000ab-1"};
}

std::string line(const AccessEntry& entry, AccessLogFormat format) {
  return format_access(entry, format, kUnlimited);
}

std::string common(const AccessEntry& entry) {
  return line(entry, AccessLogFormat::common);
}

/// The time field of a common line.
std::string time_of(WallTime time, seconds utc_offset) {
  AccessEntry at = entry();
  at.time = time;
  at.utc_offset = utc_offset;
  const std::string text = common(at);
  const auto begin = text.find('[');
  return text.substr(begin, text.find(']') + 1 - begin);
}

}  // namespace

TEST_CASE("each format is found by its name", "[access_log]") {
  for (const auto& row : kAccessLogFormats) {
    CHECK(find_access_log_format(row.name) == row.format);
    CHECK(to_string(row.format) == row.name);
  }
  CHECK_FALSE(find_access_log_format("apache").has_value());
  CHECK_FALSE(find_access_log_format("").has_value());
}

TEST_CASE("a line has the standard fields first and ours behind",
          "[access_log]") {
  CHECK(common(entry()) ==
        "192.0.2.1 - - [09/Sep/2001:01:46:40 +0000] \"GET /a?b=c HTTP/1.1\" "
        "200 13 153 2 00000000000000ab-1\n");
  CHECK(line(entry(), AccessLogFormat::combined) ==
        "192.0.2.1 - - [09/Sep/2001:01:46:40 +0000] \"GET /a?b=c HTTP/1.1\" "
        "200 13 \"http://example.org/\" \"curl/8.0 (x; y)\" 153 2 "
        "00000000000000ab-1\n");
  CHECK(line(entry(), AccessLogFormat::json) ==
        "{\"time\":\"2001-09-09T01:46:40.001234Z\",\"client_ip\":"
        "\"192.0.2.1\",\"client_port\":4711,\"scheme\":\"http\","
        "\"method\":\"GET\",\"target\":\"/a?b=c\",\"version\":\"HTTP/1.1\","
        "\"status\":200,\"response_bytes\":13,"
        "\"referer\":\"http://example.org/\","
        "\"user_agent\":\"curl/8.0 (x; y)\",\"duration_us\":153,"
        "\"worker\":2,\"request_id\":\"00000000000000ab-1\"}\n");
}

TEST_CASE("what there is not is a dash, in JSON null", "[access_log]") {
  AccessEntry bare = entry();
  bare.response_bytes = 0;
  bare.referer = bare.user_agent = "";
  CHECK(line(bare, AccessLogFormat::combined) ==
        "192.0.2.1 - - [09/Sep/2001:01:46:40 +0000] \"GET /a?b=c HTTP/1.1\" "
        "200 - \"-\" \"-\" 153 2 00000000000000ab-1\n");
  const auto json = nlohmann::json::parse(line(bare, AccessLogFormat::json));
  CHECK(json["response_bytes"] == 0);
  CHECK(json["referer"].is_null());
  CHECK(json["user_agent"].is_null());
}

TEST_CASE("a malformed request line is shown as it came", "[access_log]") {
  AccessEntry odd = entry();
  odd.method = odd.version = "";
  odd.target = "nonsense \x16\x03";
  odd.status = 400;
  CHECK(common(odd) ==
        "192.0.2.1 - - [09/Sep/2001:01:46:40 +0000] "
        "\"nonsense \\x16\\x03\" 400 13 153 2 00000000000000ab-1\n");
  odd.target = "";
  CHECK(common(odd).find("] \"-\" 400 ") != std::string::npos);
  const auto json = nlohmann::json::parse(line(odd, AccessLogFormat::json));
  CHECK(json["method"].is_null());
  CHECK(json["target"].is_null());
}

TEST_CASE("the time is that of the given zone", "[access_log]") {
  CHECK(time_of(kBillion, seconds{3600}) == "[09/Sep/2001:02:46:40 +0100]");
  CHECK(time_of(kBillion, seconds{-9000}) == "[08/Sep/2001:23:16:40 -0230]");
  CHECK(time_of(kBillion, seconds{20'700}) == "[09/Sep/2001:07:31:40 +0545]");
  CHECK(time_of(WallTime{}, seconds{0}) == "[01/Jan/1970:00:00:00 +0000]");
  // 951 782 399 s: the last second of 28 February in the leap year 2000.
  CHECK(time_of(WallTime{seconds{951'782'399}}, seconds{1}) ==
        "[29/Feb/2000:00:00:00 +0000]");
}

TEST_CASE("no field can end the line or its quotes", "[access_log]") {
  const std::string evil = "x\" 200 1\r\n10.0.0.1 - - \x1b[2J\\\xff\n";
  AccessEntry attack = entry();
  attack.client_ip = attack.method = attack.target = attack.version = evil;
  attack.referer = attack.user_agent = attack.request_id = evil;
  attack.scheme = evil;
  for (const auto& row : kAccessLogFormats) {
    CAPTURE(row.name);
    const std::string text = line(attack, row.format);
    CHECK(text.find('\n') == text.size() - 1);
    for (const char c : text.substr(0, text.size() - 1))
      if (c < 0x20 || c > 0x7e) FAIL("byte " << static_cast<int>(c));
  }
  const std::string combined = line(attack, AccessLogFormat::combined);
  CHECK(std::count(combined.begin(), combined.end(), '"') == 6);
  const auto json = nlohmann::json::parse(line(attack, AccessLogFormat::json));
  CHECK(json.size() == 14);
  CHECK(json["user_agent"] ==
        "x\" 200 1\r\n10.0.0.1 - - \x1b[2J\\\xef\xbf\xbd\n");
}

TEST_CASE("a line that is too long is cut at the target, visibly",
          "[access_log]") {
  AccessEntry large = entry();
  const std::string target = '/' + std::string(8000, 't');
  large.target = target;
  for (const auto& row : kAccessLogFormats) {
    CAPTURE(row.name);
    const std::string text = format_access(large, row.format, 4096);
    CHECK(text.size() == 4096);
    CHECK(text.back() == '\n');
    CHECK(text.find("ttt...") != std::string::npos);
    CHECK(text.find("00000000000000ab-1") != std::string::npos);
    CHECK(line(large, row.format).find(target) != std::string::npos);
  }
  large.target = "/short";
  const std::string agent(4096, 'a');
  large.user_agent = agent;
  const std::string text =
      format_access(large, AccessLogFormat::combined, 4096);
  CHECK(text.size() < 4096);
  CHECK(text.find("/short HTTP/1.1") != std::string::npos);
  CHECK(text.find("aaa...\" 153 2 ") != std::string::npos);
}

TEST_CASE("whatever the fields hold, the limit is kept", "[access_log]") {
  for (const std::string piece : {"a", "\"", "\xf0\x9f\x98\x80", "\x80"}) {
    std::string huge;
    while (huge.size() < 8000) huge += piece;
    AccessEntry worst = entry();
    worst.client_ip = worst.method = worst.target = worst.version = huge;
    worst.referer = worst.user_agent = worst.request_id = huge;
    worst.scheme = huge;
    for (const auto& row : kAccessLogFormats) {
      CAPTURE(row.name);
      const std::string text = format_access(worst, row.format, kShortestLimit);
      CHECK(text.size() <= kShortestLimit);
      CHECK(text.back() == '\n');
      if (row.format == AccessLogFormat::json)
        CHECK(nlohmann::json::accept(text));
    }
  }
}
