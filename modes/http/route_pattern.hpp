#pragma once

#include <bitset>
#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace launch {

/// What a capture group matched: offsets into the path.
struct Capture {
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// A route's regular expression of the kind that routes mostly are: literal
/// text, runs of one class of characters ("[^/]+", "\\d{1,18}", ".*") and
/// groups around them, each matched exactly once. It matches what
/// std::regex_match with the ECMAScript grammar matches and captures the same,
/// without its cost and its recursion per character.
class RoutePattern {
 public:
  /// Nothing for an expression with anything else: alternatives, repeated
  /// groups, back references, lazy repetition, assertions.
  static std::optional<RoutePattern> parse(std::string_view expression);

  /// Whether all of `path` matches; then `captures` holds one entry per group,
  /// in order of the opening parentheses.
  bool match(std::string_view path, std::vector<Capture>& captures) const;

  /// A short path that matches.
  std::string example() const;

  std::size_t groups() const { return groups_; }
  /// The one text that matches, if there is only one.
  const std::string* literal() const;

 private:
  using CharacterClass = std::bitset<256>;
  static constexpr std::size_t kNoLimit =
      std::numeric_limits<std::size_t>::max();

  struct Run {
    CharacterClass accepted;
    std::size_t least = 1;
    std::size_t most = 1;
    /// Giving characters back cannot help: what follows begins with none that
    /// the run accepts.
    bool keeps_all = false;
  };
  struct Open {
    std::size_t group;
  };
  struct Close {
    std::size_t group;
  };
  using Item = std::variant<std::string, Run, Open, Close>;

  class Parser;

  bool match_from(std::size_t item, std::string_view path, std::size_t at,
                  std::vector<Capture>& captures) const;
  bool match_run(std::size_t item, std::string_view path, std::size_t at,
                 std::vector<Capture>& captures) const;
  void find_runs_that_keep_all();
  CharacterClass first_accepted(std::size_t item) const;

  std::vector<Item> items_;
  std::size_t groups_ = 0;
};

}  // namespace launch
