#include "cli/during_plan.hpp"

#include <string.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <filesystem>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/command_words.hpp"
#include "cli/validators.hpp"

namespace launch::cli {
namespace {

using bench::Contender;

constexpr int kMostTimes = 100'000;

std::string event_help() {
  std::string text = "Count what clients lose while this is repeated:";
  for (const bench::Event& event : bench::kEvents)
    text += fmt::format("\n  {}: {}", event.name, event.summary);
  return text;
}

std::string load_help() {
  std::string text = "How clients use connections; default: close, keepalive:";
  for (const bench::LoadKind& kind : bench::kLoadKinds)
    text += fmt::format("\n  {}: {}", kind.name, kind.summary);
  return text;
}

/// "HUP", "SIGHUP" or "1".
int parse_signal(const std::string& text) {
  const std::string_view name =
      text.starts_with("SIG") ? std::string_view(text).substr(3) : text;
  int number = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  if (read.ec == std::errc{} && read.ptr == end && number > 0 &&
      number <= SIGRTMAX)
    return number;
  for (int each = 1; each < SIGRTMIN; ++each) {
    const char* const its = ::sigabbrev_np(each);
    if (its != nullptr && name == its) return each;
  }
  throw UsageError(fmt::format(
      "--signal \"{}\" is no signal: write it as in --signal HUP", text));
}

bool names_port(const std::vector<std::string>& argv) {
  return std::any_of(argv.begin(), argv.end(), [](const std::string& word) {
    return word.find("{port}") != std::string::npos;
  });
}

Contender parse_contender(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == 0 || equals == std::string::npos)
    throw UsageError(fmt::format(
        "--contender \"{}\" has no name: write it as in --contender "
        "gunicorn='gunicorn --bind {{host}}:{{port}} app:app'",
        text));
  Contender contender;
  contender.name = text.substr(0, equals);
  const std::string flag = "--contender " + contender.name;
  contender.argv = command_words(flag, text.substr(equals + 1));
  contender.foreign = names_port(contender.argv);
  const bool is_own =
      std::filesystem::path(contender.argv.front()).filename() == "launch";
  if (!contender.foreign && !is_own)
    throw UsageError(fmt::format(
        "{}: the command has no {{port}}, so it cannot be told where to "
        "listen: write it as in 'gunicorn --bind {{host}}:{{port}} app:app'",
        flag));
  return contender;
}

std::vector<Contender> contenders_of(const std::vector<std::string>& texts,
                                     const std::string& self,
                                     const std::string& app) {
  std::vector<Contender> contenders;
  for (const std::string& text : texts) {
    Contender contender = parse_contender(text);
    const bool repeated = std::any_of(
        contenders.begin(), contenders.end(),
        [&](const Contender& c) { return c.name == contender.name; });
    if (repeated)
      throw UsageError(
          fmt::format("--contender {} is given twice", contender.name));
    contenders.push_back(std::move(contender));
  }
  if (!contenders.empty()) return contenders;
  Contender own;
  own.name = "launch";
  own.mode = "prefork";
  own.workers = 3;
  own.argv = {self,        app, "--mode",      "prefork",
              "--workers", "3", "--log-level", "warning"};
  return {own};
}

std::vector<bench::LoadKind> loads_of(const std::vector<std::string>& names) {
  if (names.empty()) return loads_of({"close", "keepalive"});
  std::vector<bench::LoadKind> loads;
  for (const bench::LoadKind& kind : bench::kLoadKinds)
    if (std::find(names.begin(), names.end(), kind.name) != names.end())
      loads.push_back(kind);
  return loads;
}

bench::RequestKind request_of(const BenchFlags& flags,
                              const DuringFlags& during) {
  if (flags.paths.size() > 1)
    throw UsageError("--during requests one path: give one --path");
  bench::RequestKind request;
  if (!flags.paths.empty()) {
    request.target = flags.paths.front();
  } else if (flags.app != "demo" && during.contenders.empty()) {
    throw UsageError(fmt::format(
        "say which path of {} to request, as in --path /orders", flags.app));
  }
  return request;
}

void refuse_flags_of_comparison(const BenchFlags& flags) {
  struct Row {
    bool given;
    std::string_view flag;
    std::string_view instead;
  };
  const Row rows[] = {
      {flags.compare_all, "--compare-all", "run them one after the other"},
      {flags.quick, "--quick", "use --times for fewer repetitions"},
      {!flags.workloads.empty(), "--workload", "use --path"},
      {flags.rounds.has_value(), "--rounds", "use --times"},
      {flags.duration.has_value(), "--duration", "use --times"},
      {flags.warmup.has_value(), "--warmup", "use --around"}};
  for (const Row& row : rows)
    if (row.given)
      throw UsageError(fmt::format("{} has no effect with --during: {}",
                                   row.flag, row.instead));
}

}  // namespace

void add_during_flags(CLI::App& command, DuringFlags& flags) {
  const auto add = [&](const char* name, auto& value, const std::string& help,
                       const char* text) {
    return command.add_option(name, value, help)
        ->option_text(text)
        ->group("During an event");
  };
  add("--during", flags.event, event_help(), "EVENT")
      ->check(one_of("event", names_of(bench::kEvents)));
  add("--times", flags.times,
      "How often, as in --times 200; default: between 3 and 20", "N")
      ->check(whole_number(1, kMostTimes));
  add("--load", flags.loads, load_help(), "NAME ...")
      ->check(one_of("load", names_of(bench::kLoadKinds)))
      ->allow_extra_args(false);
  add("--contender", flags.contenders,
      "A server to do it to, in place of launch [APP] --mode prefork "
      "--workers 3: any command with {host} and {port} in it, or one of "
      "launch without them; as in --contender gunicorn='gunicorn --bind "
      "{host}:{port} app:app'",
      "NAME=COMMAND ...")
      ->allow_extra_args(false);
  add("--signal", flags.signal,
      "Send this to the server's first process in place of the event's own "
      "signal, as in --signal HUP",
      "SIGNAL");
  add("--spacing", flags.spacing,
      "From one repetition to the next; default: 1s, and with launch as soon "
      "as it is over",
      "TIME");
  add("--around", flags.around,
      "How long to drive load before the first and after the last one",
      "TIME [1s]");
}

void refuse_during_flags(const DuringFlags& flags) {
  struct Row {
    bool given;
    std::string_view flag;
  };
  const Row rows[] = {{flags.times.has_value(), "--times"},
                      {!flags.loads.empty(), "--load"},
                      {!flags.contenders.empty(), "--contender"},
                      {!flags.signal.empty(), "--signal"},
                      {flags.spacing.has_value(), "--spacing"},
                      {flags.around.has_value(), "--around"}};
  for (const Row& row : rows)
    if (row.given)
      throw UsageError(fmt::format(
          "{} has no effect without --during, which says what to do to the "
          "server: add it, as in --during reload",
          row.flag));
}

bench::DuringPlan make_during_plan(const BenchFlags& flags,
                                   const DuringFlags& during,
                                   const std::string& self,
                                   std::uint64_t fresh_seed) {
  refuse_flags_of_comparison(flags);
  bench::DuringPlan plan;
  plan.app = flags.app;
  plan.event = bench::find_event(during.event).value();
  plan.times = during.times.value_or(plan.event.times);
  plan.own_spacing = plan.event.pause;
  if (during.spacing)
    plan.own_spacing = plan.foreign_spacing =
        parse_duration("--spacing", *during.spacing);
  if (during.around) plan.around = parse_duration("--around", *during.around);
  if (!during.signal.empty()) {
    if (!bench::takes_signal(plan.event))
      throw UsageError(
          fmt::format("--signal has no effect with --during {}, which does: {}",
                      plan.event.name, plan.event.summary));
    plan.event.signal = parse_signal(during.signal);
  }
  plan.contenders = contenders_of(during.contenders, self, flags.app);
  plan.loads = loads_of(during.loads);
  plan.request = request_of(flags, during);
  plan.connections = flags.connections;
  plan.timeout = parse_duration("--timeout", flags.timeout);
  plan.seed = flags.seed.value_or(fresh_seed);
  return plan;
}

}  // namespace launch::cli
