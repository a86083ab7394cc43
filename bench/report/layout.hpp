#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace launch::bench {

/// Characters on a terminal, for UTF-8 without wide or combining ones.
int display_width(std::string_view text);

/// `text` broken between words so that no line exceeds `width`; every line but
/// the first, which keeps its own, begins with `indent` spaces. A longer word
/// has a line of its own.
std::string wrap(std::string_view text, int width, int indent);

/// A column of a table with all its cells.
struct Column {
  std::string title;
  bool left = false;  ///< aligned left, else right
  /// Where a table is too wide, columns go in the order of this number, the
  /// largest first; 0 stays.
  int drop_rank = 0;
  std::vector<std::string> cells;
};

/// Lines (title, then one per row) of columns that fit into `width`, apart by
/// one space, without an end of line.
struct TableText {
  std::vector<std::string> lines;
  std::vector<std::string> dropped;  ///< titles
};
TableText layout_table(std::vector<Column> columns, int width);

}  // namespace launch::bench
