#include "modes/control/control_message.hpp"

#include "modes/control/status_json.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/example_status.hpp"

using namespace launch;

namespace {

std::string fault(std::string_view line) {
  const auto parsed = parse_command(line);
  const auto* const sentence = std::get_if<std::string>(&parsed);
  return sentence != nullptr ? *sentence : "none";
}

}  // namespace

TEST_CASE("every command can be written and read", "[control_message]") {
  for (std::size_t i = 0; i < kControlCommands.size(); ++i) {
    const ControlCommand command{static_cast<ControlKind>(i),
                                 kControlCommands[i].counts_workers ? 3 : 0};
    INFO(command_json(command));
    CHECK(std::get<ControlCommand>(parse_command(command_json(command))) ==
          command);
  }
  CHECK(command_json({ControlKind::scale, 4}) ==
        R"({"command":"scale","workers":4})");
}

TEST_CASE("a command that makes no sense is explained", "[control_message]") {
  const std::string form =
      R"(a line must be an object such as {"command":"status"})";
  for (const char* const line :
       {"", "status", "[]", "{}", R"({"command":7})", "{\"command\":\"status"})
    CHECK(fault(line) == form);
  CHECK(fault(R"({"command":"halt"})") ==
        "\"halt\" is no command: use one of status, workers, reload, scale, "
        "stop");
  const std::string count =
      "scale needs \"workers\", a whole number from 1 to 1024, as in "
      R"({"command":"scale","workers":4})";
  CHECK(fault(R"({"command":"scale"})") == count);
  CHECK(fault(R"({"command":"scale","workers":0})") == count);
  CHECK(fault(R"({"command":"scale","workers":1025})") == count);
  CHECK(fault(R"({"command":"scale","workers":2.5})") == count);
  CHECK(fault(R"({"command":"scale","workers":"4"})") == count);
}

TEST_CASE("a verdict is one line", "[control_message]") {
  CHECK(verdict_answer(true, "done") == R"({"ok":true,"message":"done"})");
  CHECK(verdict_answer(false, "a\nb") == R"({"ok":false,"error":"a\nb"})");
  const auto answer = parse_answer(verdict_answer(false, "a\nb"));
  REQUIRE(answer);
  CHECK_FALSE(answer->ok);
  CHECK(answer->message == "a\nb");
  CHECK(answer->data.empty());
}

TEST_CASE("the status comes through an answer whole", "[control_message]") {
  const auto answer =
      parse_answer(status_answer(ControlKind::status, example_status()));
  REQUIRE(answer);
  CHECK(answer->ok);
  CHECK(parse_status(answer->data) == example_status());
}

TEST_CASE("the workers alone are a list", "[control_message]") {
  const auto answer =
      parse_answer(status_answer(ControlKind::workers, example_status()));
  REQUIRE(answer);
  CHECK(answer->data.starts_with(R"([{"id":1,"pid":41,)"));
}

TEST_CASE("what is no answer is not taken for one", "[control_message]") {
  for (const char* const line : {"", "HTTP/1.1 400", "{}", R"({"ok":1})"})
    CHECK_FALSE(parse_answer(line));
}
