#include "bench/reference/limit_options.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <filesystem>
#include <string_view>
#include <system_error>

namespace launch::bench {

const char kLimitUsage[] =
    R"(usage: limit [OPTION...] -- COMMAND... [--and [OPTION...] -- COMMAND...]...
       limit --beside PATH [--path P] -- COMMAND...
       limit [OPTION...] --generator
Measures the CPU per request of the servers that the COMMANDs start, in turn
with the bare server. Each COMMAND must hold {port}, which is replaced by a free
port.
  --rounds N         trials of each server; default 7
  --duration-ms N    of each trial; default 1000
  --generator        measures our load generator in turn with wrk instead
  --beside PATH      times 100 requests while one of PATH runs instead
These hold for all COMMANDs after them, until given again:
  --connections N    that always have a request in flight; default 64
  --idle N           that many more are held open; default 0
  --path P           default /
  --header 'N: V'    of the requests; each adds one
  --body-bytes N     what an answer must hold, the bare server's too; default 13
  --share-cores      server and generator on all cores; otherwise on one each
  --no-reference     without the bare server
And this for the next COMMAND:
  --name NAME        in the output; default: the program's
)";

namespace {

/// The arguments, one after the other.
class Arguments {
 public:
  explicit Arguments(const Argv& all) : all_(all) {}

  bool at_end() const { return at_ == all_.size(); }

  /// The next one if it is `flag`.
  bool take(std::string_view flag) {
    if (at_end() || all_[at_] != flag) return false;
    ++at_;
    return true;
  }

  bool take_value(std::string& value) {
    if (at_end()) return false;
    value = all_[at_++];
    return true;
  }

  bool take_number(int& number, int least) {
    std::string text;
    if (!take_value(text)) return false;
    const char* const end = text.data() + text.size();
    const auto [parsed_to, error] = std::from_chars(text.data(), end, number);
    return error == std::errc{} && parsed_to == end && number >= least;
  }

  /// All up to `--and` or the end.
  Argv take_command() {
    Argv command;
    while (!at_end() && all_[at_] != "--and") command.push_back(all_[at_++]);
    return command;
  }

 private:
  const Argv& all_;
  std::size_t at_ = 0;
};

bool take_header(Arguments& arguments, LimitWorkload& workload) {
  std::string text;
  if (!arguments.take_value(text)) return false;
  const std::size_t colon = text.find(": ");
  if (colon == text.npos) return false;
  workload.headers.emplace_back(text.substr(0, colon), text.substr(colon + 2));
  return true;
}

/// What an option of that name does with what follows it; false when that
/// makes no sense.
struct Option {
  std::string_view flag;
  bool (*read)(Arguments&, LimitOptions&, LimitContender&);
};

using A = Arguments;
using O = LimitOptions;
using C = LimitContender;

constexpr std::array kOptions = {
    Option{"--rounds",
           [](A& a, O& o, C&) { return a.take_number(o.rounds, 1); }},
    Option{"--duration-ms",
           [](A& a, O& o, C&) { return a.take_number(o.duration_ms, 1); }},
    Option{"--generator", [](A&, O& o, C&) { return o.generator = true; }},
    Option{
        "--beside",
        [](A& a, O& o, C&) { return a.take_value(o.blocking_path.emplace()); }},
    Option{"--connections",
           [](A& a, O&, C& c) {
             return a.take_number(c.workload.connections, 1);
           }},
    Option{"--idle",
           [](A& a, O&, C& c) { return a.take_number(c.workload.idle, 0); }},
    Option{"--path",
           [](A& a, O&, C& c) { return a.take_value(c.workload.path); }},
    Option{"--header",
           [](A& a, O&, C& c) { return take_header(a, c.workload); }},
    Option{"--body-bytes",
           [](A& a, O&, C& c) {
             return a.take_number(c.workload.body_bytes.emplace(), 0);
           }},
    Option{"--share-cores",
           [](A&, O&, C& c) { return c.workload.shares_cores = true; }},
    Option{"--no-reference",
           [](A&, O&, C& c) { return !(c.workload.has_reference = false); }},
    Option{"--name", [](A& a, O&, C& c) { return a.take_value(c.name); }},
};

bool take_option(Arguments& arguments, LimitOptions& options,
                 LimitContender& next) {
  for (const Option& option : kOptions)
    if (arguments.take(option.flag))
      return option.read(arguments, options, next);
  return false;
}

/// One word, so that a program can read the output; and a port to serve on.
bool is_sound(const LimitContender& contender) {
  const bool names_port =
      std::any_of(contender.command.begin(), contender.command.end(),
                  [](const auto& a) { return a.find("{port}") != a.npos; });
  return names_port && !contender.name.empty() &&
         contender.name.find_first_of(" \t\n") == std::string::npos;
}

}  // namespace

std::optional<LimitOptions> parse_limit_options(const Argv& all) {
  LimitOptions options;
  LimitContender next;
  Arguments arguments(all);
  bool complete = true;  // no command is expected any more
  while (!arguments.at_end()) {
    if (!arguments.take("--")) {
      if (!take_option(arguments, options, next)) return {};
      continue;
    }
    next.command = arguments.take_command();
    if (next.name.empty() && !next.command.empty())
      next.name = std::filesystem::path(next.command.front()).filename();
    if (!is_sound(next)) return {};
    options.contenders.push_back(next);
    next.name.clear();
    complete = !arguments.take("--and");
  }
  const std::size_t count = options.contenders.size();
  if (!complete || (options.generator && (count != 0 || options.blocking_path)))
    return {};
  if (!options.generator && count == 0) return {};
  if (options.blocking_path && count != 1) return {};
  return options;
}

}  // namespace launch::bench
