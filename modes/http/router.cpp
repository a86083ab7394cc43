#include "modes/http/router.hpp"

#include <locale>

namespace launch {
namespace {

using SubMatch = std::ssub_match;

/// The entries of a std::smatch can be read only, but are no constants.
SubMatch& writable(const SubMatch& entry) {
  return const_cast<SubMatch&>(entry);
}

void set(const SubMatch& entry, const std::string& path, Capture where,
         bool matched) {
  SubMatch& to = writable(entry);
  to.first = path.begin() + static_cast<std::ptrdiff_t>(where.begin);
  to.second = path.begin() + static_cast<std::ptrdiff_t>(where.end);
  to.matched = matched;
}

}  // namespace

std::optional<Method> routed_as(std::string_view method) {
  if (method == "HEAD") return Method::get;
  for (std::size_t i = 0; i < kMethodNames.size(); ++i)
    if (method == kMethodNames[i]) return static_cast<Method>(i);
  return std::nullopt;
}

Router::Router(const std::vector<Route>& routes) {
  // Classes such as \w depend on the locale of which std::regex is made.
  const bool classic = std::locale() == std::locale::classic();
  for (const Route& route : routes) {
    const auto method = routed_as(route.method);
    if (!method) continue;
    Table& table = tables_[static_cast<std::size_t>(*method)];
    if (route.kind() == RouteKind::content_reader) {
      table.reads_content = true;
      continue;
    }
    const std::size_t index = table.entries.size();
    Entry entry{{}, std::regex(route.pattern), routes_++};
    if (classic) entry.pattern = RoutePattern::parse(route.pattern);
    if (entry.pattern) entry.example = entry.pattern->example();
    const std::string* literal =
        entry.pattern ? entry.pattern->literal() : nullptr;
    if (literal != nullptr) {
      table.literals.try_emplace(*literal, index);
    } else {
      table.others.push_back(index);
    }
    table.entries.push_back(std::move(entry));
  }
}

std::optional<std::size_t> Router::find(Method method,
                                        httplib::Request& request,
                                        RouterMemory& memory) const {
  if (memory.path != request.path.data()) {
    memory.matches.assign(routes_, {});
    memory.path = request.path.data();
  }
  const Table& table = of(method);
  const auto found = table.literals.find(std::string_view{request.path});
  const std::size_t literal =
      found != table.literals.end() ? found->second : table.entries.size();
  for (const std::size_t index : table.others) {
    if (index > literal) break;
    if (match(table.entries[index], request, memory)) return index;
  }
  if (literal == table.entries.size()) return std::nullopt;
  memory.captures.clear();
  set_matches(table.entries[literal], request, memory);
  return literal;
}

bool Router::match(const Entry& entry, httplib::Request& request,
                   RouterMemory& memory) const {
  if (!entry.pattern)
    return std::regex_match(request.path, request.matches, entry.regex);
  if (!entry.pattern->match(request.path, memory.captures)) return false;
  set_matches(entry, request, memory);
  return true;
}

/// The real match that is corrected is one of the pattern's example: with a
/// long path std::regex needs a lot of stack.
void Router::set_matches(const Entry& entry, httplib::Request& request,
                         RouterMemory& memory) const {
  const std::string& path = request.path;
  std::smatch& known = memory.matches[entry.id];
  if (known.empty()) {
    // It must begin where the paths do, as match_results::position() counts
    // from there.
    const std::string asked = path;
    request.path = entry.example;
    std::regex_match(path, known, entry.regex);
    request.path = asked;
  }
  request.matches = known;
  const std::smatch& matches = request.matches;
  const Capture whole{0, path.size()};
  set(matches[0], path, whole, true);
  for (std::size_t group = 0; group < memory.captures.size(); ++group)
    set(matches[group + 1], path, memory.captures[group], true);
  const Capture end{path.size(), path.size()};
  set(matches.prefix(), path, {0, 0}, false);
  set(matches.suffix(), path, end, false);
  set(matches[matches.size()], path, end, false);  // that of no group
}

}  // namespace launch
