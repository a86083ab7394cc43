#include "cli/table.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace launch::cli {
namespace {

constexpr std::size_t kGap = 2;

std::size_t width_of(const TableColumn& column) {
  std::size_t width = column.title.size();
  for (const std::string& cell : column.cells)
    width = std::max(width, cell.size());
  return width;
}

std::string padded(const TableColumn& column, const std::string& text) {
  const std::size_t width = width_of(column);
  return column.right ? fmt::format("{:>{}}", text, width)
                      : fmt::format("{:<{}}", text, width);
}

void append_line(std::string& to, std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  to += line + '\n';
}

std::string block(const std::vector<const TableColumn*>& columns) {
  std::string text;
  std::vector<std::string> lines(columns.front()->cells.size() + 1);
  for (const TableColumn* const column : columns) {
    const std::string gap(column == columns.front() ? 0 : kGap, ' ');
    lines.front() += gap + padded(*column, column->title);
    for (std::size_t row = 0; row + 1 < lines.size(); ++row)
      lines[row + 1] += gap + padded(*column, column->cells[row]);
  }
  for (std::string& line : lines) append_line(text, std::move(line));
  return text;
}

}  // namespace

std::string table(const std::vector<TableColumn>& columns, std::size_t width) {
  std::string text;
  std::vector<const TableColumn*> beside{&columns.front()};
  std::size_t used = width_of(columns.front());
  for (std::size_t i = 1; i < columns.size(); ++i) {
    const std::size_t needed = kGap + width_of(columns[i]);
    if (width > 0 && used + needed > width && beside.size() > 1) {
      text += block(beside) + '\n';
      beside.resize(1);
      used = width_of(columns.front());
    }
    beside.push_back(&columns[i]);
    used += needed;
  }
  return text + block(beside);
}

}  // namespace launch::cli
