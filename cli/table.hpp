#pragma once

#include <string>
#include <vector>

namespace launch::cli {

struct TableColumn {
  std::string title;
  bool right = false;              ///< numbers are
  std::vector<std::string> cells;  ///< as many in each column
};

/// The columns side by side, two blanks between them, without blanks at the
/// end of a line. Columns that do not fit into `width` follow below, beside
/// the first one again; 0: as wide as it takes.
std::string table(const std::vector<TableColumn>& columns, std::size_t width);

}  // namespace launch::cli
