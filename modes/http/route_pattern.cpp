#include "modes/http/route_pattern.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace launch {
namespace {

using Class = std::bitset<256>;

constexpr std::string_view kSpecial = "\\^$.|?*+()[]{}";

std::size_t index_of(char c) { return static_cast<unsigned char>(c); }

bool is_ascii_printable(char c) { return c >= 0x20 && c < 0x7f; }

Class characters(std::string_view text) {
  Class result;
  for (const char c : text) result.set(index_of(c));
  return result;
}

Class range(char first, char last) {
  Class result;
  for (std::size_t c = index_of(first); c <= index_of(last); ++c) result.set(c);
  return result;
}

/// "\d" and its like, in the classic locale.
std::optional<Class> escaped_class(char letter) {
  const Class digits = range('0', '9');
  const Class word =
      digits | range('a', 'z') | range('A', 'Z') | characters("_");
  const Class space = characters(" \t\n\v\f\r");
  switch (letter) {
    case 'd':
      return digits;
    case 'D':
      return ~digits;
    case 'w':
      return word;
    case 'W':
      return ~word;
    case 's':
      return space;
    case 'S':
      return ~space;
    default:
      return std::nullopt;
  }
}

/// Whether "\c" stands for the character c itself.
bool is_escaped_literal(char c) {
  return kSpecial.find(c) != std::string_view::npos || c == '/' || c == '-';
}

}  // namespace

/// Reads an expression from its front; each function consumes what it reads
/// and sets `failed_` on anything that is not of the simple kind.
class RoutePattern::Parser {
 public:
  explicit Parser(std::string_view expression) : rest_(expression) {}

  std::optional<RoutePattern> parse() {
    if (rest_.starts_with('^')) rest_.remove_prefix(1);
    if (rest_.ends_with('$') && !rest_.ends_with("\\$")) rest_.remove_suffix(1);
    while (!rest_.empty() && !failed_) read_item();
    if (failed_ || !open_.empty()) return std::nullopt;
    pattern_.find_runs_that_keep_all();
    return std::move(pattern_);
  }

 private:
  char take() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }

  void read_item() {
    if (rest_.starts_with('(')) return open_group();
    if (rest_.starts_with(')')) return close_group();
    if (const auto accepted = read_class(); accepted && !failed_)
      add_run(*accepted);
  }

  void open_group() {
    take();
    if (rest_.starts_with("?:")) {
      rest_.remove_prefix(2);
      open_.push_back(kNoLimit);
    } else {
      failed_ |= rest_.starts_with('?');
      open_.push_back(pattern_.groups_);
      pattern_.items_.emplace_back(Open{pattern_.groups_++});
    }
  }

  void close_group() {
    take();
    failed_ |= open_.empty() || at_quantifier();
    if (failed_) return;
    if (open_.back() != kNoLimit)
      pattern_.items_.emplace_back(Close{open_.back()});
    open_.pop_back();
  }

  bool at_quantifier() const {
    return !rest_.empty() &&
           std::string_view{"*+?{"}.find(rest_.front()) != std::string::npos;
  }

  /// One character or one class of them.
  std::optional<Class> read_class() {
    const char c = take();
    if (c == '.') return ~characters("\n\r");
    if (c == '[') return read_brackets();
    if (c == '\\') return read_escape();
    failed_ |=
        !is_ascii_printable(c) || kSpecial.find(c) != std::string_view::npos;
    return characters({&c, 1});
  }

  std::optional<Class> read_escape() {
    failed_ |= rest_.empty();
    if (failed_) return std::nullopt;
    const char c = take();
    if (is_escaped_literal(c)) return characters({&c, 1});
    const auto accepted = escaped_class(c);
    failed_ |= !accepted;
    return accepted;
  }

  std::optional<Class> read_brackets() {
    const bool negated = rest_.starts_with('^');
    if (negated) take();
    Class accepted;
    bool empty = true;
    while (!rest_.empty() && rest_.front() != ']' && !failed_) {
      read_bracket_element(accepted);
      empty = false;
    }
    // "[]" and "[^]" mean something of their own.
    failed_ |= rest_.empty() || empty;
    if (failed_) return std::nullopt;
    take();
    return negated ? ~accepted : accepted;
  }

  void read_bracket_element(Class& accepted) {
    const char c = take();
    if (c == '\\') {
      if (const auto escaped = read_escape()) accepted |= *escaped;
      failed_ |= rest_.starts_with('-');
      return;
    }
    // A hyphen is only plain at the end; "[:alpha:]" is no simple class.
    const bool last = rest_.starts_with(']');
    failed_ |= !is_ascii_printable(c) || c == '[' || (c == '-' && !last);
    if (failed_) return;
    if (!rest_.starts_with('-') || rest_.starts_with("-]")) {
      accepted.set(index_of(c));
      return;
    }
    take();
    const char end = rest_.empty() ? '\0' : rest_.front();
    failed_ |= !is_ascii_printable(end) || end == '\\' || end == '[' || end < c;
    if (failed_) return;
    take();
    accepted |= range(c, end);
    failed_ |= rest_.starts_with('-') && !rest_.starts_with("-]");
  }

  void add_run(const Class& accepted) {
    Run run{accepted};
    read_quantifier(run);
    if (failed_) return;
    auto& items = pattern_.items_;
    if (run.least == 1 && run.most == 1 && accepted.count() == 1) {
      if (items.empty() || !std::holds_alternative<std::string>(items.back()))
        items.emplace_back(std::string{});
      for (std::size_t c = 0; c < accepted.size(); ++c)
        if (accepted[c]) std::get<std::string>(items.back()) += char(c);
    } else {
      items.emplace_back(run);
    }
  }

  void read_quantifier(Run& run) {
    if (!at_quantifier()) return;
    const char c = take();
    if (c == '{') {
      read_counts(run);
    } else {
      run.least = c == '+' ? 1 : 0;
      run.most = c == '?' ? 1 : kNoLimit;
    }
    failed_ |= at_quantifier();  // lazy, or nothing to repeat
  }

  void read_counts(Run& run) {
    constexpr std::size_t kLargest = 10'000;  // what std::regex bears
    run.least = read_count();
    run.most = run.least;
    if (rest_.starts_with(',')) {
      take();
      run.most = rest_.starts_with('}') ? kNoLimit : read_count();
    }
    failed_ |=
        !rest_.starts_with('}') || run.most < run.least || run.least > kLargest;
    if (!failed_) take();
  }

  std::size_t read_count() {
    std::size_t count = 0;
    const char* const end = rest_.data() + rest_.size();
    const auto read = std::from_chars(rest_.data(), end, count);
    failed_ |= read.ec != std::errc{};
    rest_.remove_prefix(static_cast<std::size_t>(read.ptr - rest_.data()));
    return count;
  }

  std::string_view rest_;
  RoutePattern pattern_;
  std::vector<std::size_t> open_;  ///< groups; kNoLimit for one without number
  bool failed_ = false;
};

std::optional<RoutePattern> RoutePattern::parse(std::string_view expression) {
  return Parser{expression}.parse();
}

const std::string* RoutePattern::literal() const {
  static const std::string nothing;
  if (items_.empty()) return &nothing;
  return items_.size() == 1 ? std::get_if<std::string>(&items_.front())
                            : nullptr;
}

std::string RoutePattern::example() const {
  std::string path;
  for (const Item& item : items_) {
    if (const auto* text = std::get_if<std::string>(&item)) path += *text;
    const auto* run = std::get_if<Run>(&item);
    if (run == nullptr) continue;
    std::size_t c = 'a';  // rather than a control character
    for (std::size_t i = 0; i < run->accepted.size(); ++i, ++c)
      if (run->accepted[c % run->accepted.size()]) break;
    path.append(run->least, static_cast<char>(c % run->accepted.size()));
  }
  return path;
}

/// What the rest of the pattern, from `item` on, may begin with; nothing at its
/// end. A run that may be empty lets through what follows it.
RoutePattern::CharacterClass RoutePattern::first_accepted(
    std::size_t item) const {
  CharacterClass accepted;
  for (; item < items_.size(); ++item) {
    if (const auto* text = std::get_if<std::string>(&items_[item]))
      return accepted |= characters({text->data(), 1});
    const auto* run = std::get_if<Run>(&items_[item]);
    if (run == nullptr) continue;
    accepted |= run->accepted;
    if (run->least > 0) return accepted;
  }
  return accepted;
}

void RoutePattern::find_runs_that_keep_all() {
  for (std::size_t i = 0; i < items_.size(); ++i)
    if (auto* run = std::get_if<Run>(&items_[i]))
      run->keeps_all = (run->accepted & first_accepted(i + 1)).none();
}

bool RoutePattern::match(std::string_view path,
                         std::vector<Capture>& captures) const {
  captures.resize(groups_);
  return match_from(0, path, 0, captures);
}

bool RoutePattern::match_from(std::size_t item, std::string_view path,
                              std::size_t at,
                              std::vector<Capture>& captures) const {
  for (; item < items_.size(); ++item) {
    if (const auto* text = std::get_if<std::string>(&items_[item])) {
      if (path.compare(at, text->size(), *text) != 0) return false;
      at += text->size();
    } else if (const auto* open = std::get_if<Open>(&items_[item])) {
      captures[open->group].begin = at;
    } else if (const auto* close = std::get_if<Close>(&items_[item])) {
      captures[close->group].end = at;
    } else {
      const Run& run = std::get<Run>(items_[item]);
      if (!run.keeps_all) return match_run(item, path, at, captures);
      const std::size_t begin = at;
      while (at < path.size() && at - begin < run.most &&
             run.accepted[index_of(path[at])])
        ++at;
      if (at - begin < run.least) return false;
    }
  }
  return at == path.size();
}

/// Takes as much as it can and gives back one character after another.
bool RoutePattern::match_run(std::size_t item, std::string_view path,
                             std::size_t at,
                             std::vector<Capture>& captures) const {
  const Run& run = std::get<Run>(items_[item]);
  std::size_t end = at;
  while (end < path.size() && end - at < run.most &&
         run.accepted[index_of(path[end])])
    ++end;
  while (end - at >= run.least) {
    if (match_from(item + 1, path, end, captures)) return true;
    if (end == at) return false;
    --end;
  }
  return false;
}

}  // namespace launch
