#include "tests/conformance/request_list.hpp"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <stdexcept>

namespace conformance {
namespace {

constexpr std::string_view kTitle = "=== ";
constexpr std::string_view kDirective = "@ ";
constexpr std::string_view kComment = "# ";

/// Turns the lines of one request into bytes.
class Unescaper {
 public:
  explicit Unescaper(std::vector<Piece>& pieces) : pieces_(pieces) {}

  void line(std::string_view text) {
    if (pieces_.empty()) pieces_.emplace_back();
    const bool goes_on = text.ends_with('\\') && !text.ends_with("\\\\");
    if (goes_on) text.remove_suffix(1);
    part(text);
    if (!goes_on) out() += "\r\n";
  }

 private:
  void part(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\\') {
        i += escape(text.substr(i + 1));
      } else {
        out() += text[i];
      }
    }
  }

  std::string& out() { return pieces_.back().bytes; }

  /// Returns how many characters it took.
  std::size_t escape(std::string_view text) {
    switch (text.empty() ? '\0' : text.front()) {
      case 'r':
        out() += '\r';
        return 1;
      case 'n':
        out() += '\n';
        return 1;
      case 't':
        out() += '\t';
        return 1;
      case '\\':
        out() += '\\';
        return 1;
      case 'x':
        out() += static_cast<char>(
            std::stoi(std::string(text.substr(1, 2)), nullptr, 16));
        return 3;
      case '|':
      case '?':
        pieces_.push_back({{}, text.front() == '?'});
        return 1;
      case '{':
        return repeat(text);
      default:
        throw std::invalid_argument("unknown escape: " + std::string(text));
    }
  }

  /// "{3 ab}" is "ababab".
  std::size_t repeat(std::string_view text) {
    const auto blank = text.find(' ');
    const auto end = text.find('}');
    if (blank == text.npos || end == text.npos || end < blank)
      throw std::invalid_argument("a repetition is \\{COUNT TEXT}");
    const int times = std::stoi(std::string(text.substr(1, blank - 1)));
    for (int i = 0; i < times; ++i)
      part(text.substr(blank + 1, end - blank - 1));
    return end + 1;
  }

  std::vector<Piece>& pieces_;
};

/// "200 404 its name"; a title without statuses gets no response at all.
void read_title(Entry& entry, std::string_view text) {
  std::istringstream words{std::string(text)};
  for (std::string word; words >> word;) {
    if (entry.name.empty() && word.size() == 3 &&
        std::all_of(word.begin(), word.end(), ::isdigit)) {
      entry.statuses.push_back(std::stoi(word));
    } else {
      entry.name += (entry.name.empty() ? "" : " ") + word;
    }
  }
  entry.slug = entry.name;
  for (char& c : entry.slug)
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '-';
}

void read_directive(Entry& entry, std::string_view text) {
  const auto colon = text.find(": ");
  const auto key = text.substr(0, colon);
  const std::string value{colon == text.npos ? std::string_view{}
                                             : text.substr(colon + 2)};
  const std::map<std::string_view, std::string Entry::*> texts{
      {"app", &Entry::app},     {"has", &Entry::has},
      {"lacks", &Entry::lacks}, {"differs", &Entry::differs},
      {"fault", &Entry::fault},
  };
  if (key == "each byte") {
    entry.each_byte = true;
  } else if (const auto found = texts.find(key); found != texts.end()) {
    entry.*found->second = value;
  } else {
    throw std::invalid_argument("unknown directive: " + std::string(text));
  }
}

}  // namespace

std::string Entry::bytes() const {
  std::string all;
  for (const Piece& piece : pieces) all += piece.bytes;
  return all;
}

std::vector<Entry> parse_requests(const std::string& group,
                                  const std::string& text) {
  std::vector<Entry> entries;
  std::set<std::string> names;
  std::istringstream lines{text};
  int number = 0;
  bool in_head = false;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    const std::string_view view = line;
    try {
      if (view.starts_with(kTitle)) {
        entries.emplace_back().group = group;
        read_title(entries.back(), view.substr(kTitle.size()));
        if (!names.insert(entries.back().slug).second)
          throw std::invalid_argument("the name was there before");
        in_head = true;
      } else if (entries.empty() || (in_head && view.starts_with(kComment))) {
        continue;
      } else if (in_head && view.starts_with(kDirective)) {
        read_directive(entries.back(), view.substr(kDirective.size()));
      } else {
        in_head = false;
        Unescaper{entries.back().pieces}.line(view);
      }
    } catch (const std::exception& error) {
      throw std::runtime_error(group + ".txt:" + std::to_string(number) + ": " +
                               error.what());
    }
  }
  return entries;
}

std::vector<Entry> all_requests() {
  std::vector<Entry> all;
  for (const std::string group : {"good", "odd", "bad"}) {
    std::ifstream file(CONFORMANCE_REQUESTS "/" + group + ".txt");
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    for (Entry& entry : parse_requests(group, text))
      all.push_back(std::move(entry));
  }
  return all;
}

}  // namespace conformance
