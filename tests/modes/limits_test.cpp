#include "modes/engine/limits.hpp"

#include <set>

#include "modes/http/hosted_server.hpp"
#include "tests/support/catch.hpp"

using namespace launch;

namespace {

std::size_t index(Limit limit) { return static_cast<std::size_t>(limit); }

}  // namespace

TEST_CASE("every limit is finite, and stands in the row of its name",
          "[limits]") {
  CHECK(row_of(Limit::target).name == "max-target");
  CHECK(row_of(Limit::header_time).name == "header-timeout");
  CHECK(row_of(Limit::body_rate).name == "min-body-rate");
  CHECK(row_of(Limit::write_rate).name == "min-write-rate");
  CHECK(row_of(Limit::requests).name == "max-requests-per-connection");
  CHECK(row_of(Limit::in_progress).name == "max-in-progress");
  std::set<std::string_view> names;
  for (const LimitRow& row : kLimits) {
    CAPTURE(row.name);
    CHECK(row.preset >= 1);
    CHECK(row.preset <= row.most);
    CHECK(names.insert(row.name).second);
    CHECK(names.insert(row.environment).second);
  }
}

TEST_CASE("without anything set the presets hold", "[limits]") {
  const HostedServer server;
  const EngineLimits limits{{}, server};
  for (std::size_t i = 0; i < kLimits.size(); ++i) {
    CAPTURE(kLimits[i].name);
    CHECK(limits[static_cast<Limit>(i)] == kLimits[i].preset);
  }
}

TEST_CASE("an app's settings win over presets and lose to the user's",
          "[limits]") {
  HostedServer server;
  server.set_payload_max_length(1000)
      .set_keep_alive_timeout(7)
      .set_keep_alive_max_count(3)
      .set_read_timeout(40, 500'000)
      .set_write_timeout(2);
  LimitSettings settings;
  const EngineLimits from_app{settings, server};
  CHECK(from_app[Limit::body] == 1000);
  CHECK(from_app.time(Limit::keep_alive_time) == seconds{7});
  CHECK(from_app[Limit::requests] == 3);
  CHECK(from_app.time(Limit::body_time) == milliseconds{40'500});
  CHECK(from_app.time(Limit::write_time) == seconds{2});
  CHECK(from_app.time(Limit::header_time) == seconds{20});

  settings[index(Limit::body)] = 2000;
  settings[index(Limit::keep_alive_time)] = 1500;
  settings[index(Limit::requests)] = 4;
  settings[index(Limit::write_rate)] = 9;
  const EngineLimits from_user{settings, server};
  CHECK(from_user[Limit::body] == 2000);
  CHECK(from_user.time(Limit::keep_alive_time) == milliseconds{1500});
  CHECK(from_user[Limit::requests] == 4);
  CHECK(from_user[Limit::write_rate] == 9);
  CHECK(from_user.time(Limit::write_time) == seconds{2});
}

TEST_CASE("an impatient app waits no longer for a head, unless told to",
          "[limits]") {
  HostedServer server;
  server.set_read_timeout(5);
  LimitSettings settings;
  CHECK(EngineLimits{settings, server}.time(Limit::header_time) == seconds{5});
  settings[index(Limit::header_time)] = 60'000;
  CHECK(EngineLimits{settings, server}.time(Limit::header_time) == seconds{60});
}

TEST_CASE("the framing's limits are among them", "[limits]") {
  LimitSettings settings;
  settings[index(Limit::target)] = 100;
  settings[index(Limit::head)] = 200;
  settings[index(Limit::fields)] = 3;
  settings[index(Limit::body)] = 4;
  const FramingLimits framing =
      EngineLimits{settings, HostedServer{}}.framing();
  CHECK(framing.target == 100);
  CHECK(framing.head == 200);
  CHECK(framing.fields == 3);
  CHECK(framing.body == 4);
  const FramingLimits presets = EngineLimits{{}, HostedServer{}}.framing();
  CHECK(presets.target == FramingLimits{}.target);
  CHECK(presets.head == FramingLimits{}.head);
  CHECK(presets.fields == FramingLimits{}.fields);
  CHECK(presets.body == FramingLimits{}.body);
}

TEST_CASE("a limit is written in the largest unit that divides it",
          "[limits]") {
  CHECK(limit_text(LimitUnit::bytes, 65'536) == "64K");
  CHECK(limit_text(LimitUnit::bytes, 8 << 20) == "8M");
  CHECK(limit_text(LimitUnit::bytes, 3u << 30) == "3G");
  CHECK(limit_text(LimitUnit::bytes, 1000) == "1000");
  CHECK(limit_text(LimitUnit::time, 20'000) == "20s");
  CHECK(limit_text(LimitUnit::time, 120'000) == "2m");
  CHECK(limit_text(LimitUnit::time, 1500) == "1500ms");
  CHECK(limit_text(LimitUnit::time, 0) == "0ms");
  CHECK(limit_text(LimitUnit::count, 1024) == "1024");
  CHECK(limit_text(LimitUnit::rate, 500) == "500");
}
