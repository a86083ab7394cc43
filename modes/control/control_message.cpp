#include "modes/control/control_message.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "modes/control/status_json.hpp"

namespace launch {
namespace {

using Json = nlohmann::ordered_json;

std::string dumped(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string names() {
  std::string list;
  for (const ControlCommandRow& row : kControlCommands)
    list += fmt::format("{}{}", list.empty() ? "" : ", ", row.name);
  return list;
}

std::optional<ControlKind> find_kind(std::string_view name) {
  for (std::size_t i = 0; i < kControlCommands.size(); ++i)
    if (kControlCommands[i].name == name) return static_cast<ControlKind>(i);
  return std::nullopt;
}

}  // namespace

std::variant<ControlCommand, std::string> parse_command(std::string_view line) {
  const Json json = Json::parse(line, nullptr, false);
  const auto name = json.is_object() ? json.find("command") : json.end();
  if (name == json.end() || !name->is_string())
    return R"(a line must be an object such as {"command":"status"})";
  const auto kind = find_kind(name->get_ref<const std::string&>());
  if (!kind)
    return fmt::format("{} is no command: use one of {}", dumped(*name),
                       names());
  ControlCommand command{*kind};
  if (!kControlCommands[static_cast<std::size_t>(*kind)].counts_workers)
    return command;
  const auto number = json.find("workers");
  const bool is_count = number != json.end() && number->is_number_integer() &&
                        *number >= 1 && *number <= kMostScale;
  if (!is_count)
    return fmt::format(
        "{} needs \"workers\", a whole number from 1 to {}, as in {}",
        name_of(*kind), kMostScale, command_json({*kind, 4}));
  number->get_to(command.number);
  return command;
}

std::string command_json(const ControlCommand& command) {
  Json json{{"command", name_of(command.kind)}};
  if (command.number > 0) json["workers"] = command.number;
  return dumped(json);
}

std::string status_answer(ControlKind kind, const ServiceStatus& status) {
  Json json = Json::parse(to_json(status));
  if (kind == ControlKind::workers)
    return dumped({{"ok", true}, {"workers", std::move(json["workers"])}});
  return dumped({{"ok", true}, {"status", std::move(json)}});
}

std::string verdict_answer(bool ok, std::string_view message) {
  return dumped({{"ok", ok}, {ok ? "message" : "error", message}});
}

std::optional<ControlAnswer> parse_answer(std::string_view line) {
  const Json json = Json::parse(line, nullptr, false);
  const auto ok = json.is_object() ? json.find("ok") : json.end();
  if (ok == json.end() || !ok->is_boolean()) return std::nullopt;
  ControlAnswer answer{.ok = ok->get<bool>(), .message = {}, .data = {}};
  for (const char* const member : {"message", "error"})
    if (const auto found = json.find(member);
        found != json.end() && found->is_string())
      found->get_to(answer.message);
  for (const char* const member : {"status", "workers"})
    if (const auto found = json.find(member); found != json.end())
      answer.data = dumped(*found);
  return answer;
}

}  // namespace launch
