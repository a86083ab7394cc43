#pragma once

#include <httplib.h>

#include <array>
#include <cstddef>
#include <optional>
#include <regex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "launch/registrations.hpp"
#include "modes/http/method.hpp"
#include "modes/http/route_pattern.hpp"

namespace launch {

/// HEAD is routed as GET; nothing for a method without routes.
std::optional<Method> routed_as(std::string_view method);

/// What one thread keeps between look-ups.
struct RouterMemory {
  /// Per route: the matches of one real match. std::smatch can only be made by
  /// std::regex_match; a copy of these is then corrected to the path at hand.
  std::vector<std::smatch> matches;
  std::vector<Capture> captures;
  const char* path = nullptr;  ///< to which characters `matches` point
};

/// Finds the handler of a request as httplib::Server does, the first route
/// registered for its method that matches all of its path, but without running
/// a regular expression for routes that need none.
class Router {
 public:
  /// `routes` as recorded; of those with content readers it only keeps for
  /// which methods there are some.
  explicit Router(const std::vector<Route>& routes);

  /// The position of the route among those of its method, or nothing; then
  /// `request.matches` is set as by std::regex_match.
  std::optional<std::size_t> find(Method method, httplib::Request& request,
                                  RouterMemory& memory) const;

  /// How many routes with plain handlers there are.
  std::size_t size(Method method) const { return of(method).entries.size(); }
  bool reads_content(Method method) const { return of(method).reads_content; }

 private:
  struct Entry {
    std::optional<RoutePattern> pattern;  ///< nothing: only `regex` will do
    std::regex regex;
    std::size_t id;         ///< in RouterMemory
    std::string example{};  ///< a path that `pattern` matches
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };
  struct Table {
    std::vector<Entry> entries;
    /// Literal paths, of several alike the first, and all other entries.
    std::unordered_map<std::string, std::size_t, Hash, std::equal_to<>>
        literals;
    std::vector<std::size_t> others;
    bool reads_content = false;
  };

  const Table& of(Method method) const {
    return tables_[static_cast<std::size_t>(method)];
  }
  bool match(const Entry& entry, httplib::Request& request,
             RouterMemory& memory) const;
  void set_matches(const Entry& entry, httplib::Request& request,
                   RouterMemory& memory) const;

  std::array<Table, kMethodNames.size()> tables_;
  std::size_t routes_ = 0;
};

}  // namespace launch
