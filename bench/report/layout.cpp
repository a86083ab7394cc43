#include "bench/report/layout.hpp"

#include <algorithm>

namespace launch::bench {
namespace {

int width_of(const Column& column) {
  int width = display_width(column.title);
  for (const std::string& cell : column.cells)
    width = std::max(width, display_width(cell));
  return width;
}

int width_of(const std::vector<Column>& columns) {
  int width = 0;
  for (const Column& column : columns) width += width_of(column) + 1;
  return width - 1;
}

std::string padded(const std::string& text, int width, bool left) {
  const auto missing =
      static_cast<std::size_t>(std::max(0, width - display_width(text)));
  const std::string spaces(missing, ' ');
  return left ? text + spaces : spaces + text;
}

}  // namespace

int display_width(std::string_view text) {
  return static_cast<int>(std::count_if(
      text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

std::string wrap(std::string_view text, int width, int indent) {
  const std::size_t margin = std::min(text.find_first_not_of(' '), text.size());
  std::string wrapped(margin, ' ');
  int used = static_cast<int>(margin);
  bool begun = false;  // whether the line has a word
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    if (word.empty()) continue;
    const int its = display_width(word);
    if (begun && used + 1 + its > width) {
      wrapped += '\n' + std::string(static_cast<std::size_t>(indent), ' ');
      used = indent;
    } else if (begun) {
      wrapped += ' ';
      ++used;
    }
    wrapped += word;
    used += its;
    begun = true;
  }
  return wrapped;
}

TableText layout_table(std::vector<Column> columns, int width) {
  TableText table;
  while (width_of(columns) > width) {
    const auto widest_rank = std::max_element(
        columns.begin(), columns.end(), [](const Column& a, const Column& b) {
          return a.drop_rank < b.drop_rank;
        });
    if (widest_rank->drop_rank == 0) break;
    table.dropped.push_back(widest_rank->title);
    columns.erase(widest_rank);
  }
  const std::size_t rows = columns.empty() ? 0 : columns.front().cells.size();
  table.lines.resize(rows + 1);
  for (const Column& column : columns) {
    const int its = width_of(column);
    for (std::size_t i = 0; i <= rows; ++i) {
      std::string& line = table.lines[i];
      if (&column != &columns.front()) line += ' ';
      line +=
          padded(i == 0 ? column.title : column.cells[i - 1], its, column.left);
    }
  }
  for (std::string& line : table.lines)
    line.erase(line.find_last_not_of(' ') + 1);
  return table;
}

}  // namespace launch::bench
