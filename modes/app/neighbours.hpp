#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "modes/app/elf_dynamic.hpp"

namespace launch {

/// A library that another one needs and finds through $ORIGIN.
struct Neighbour {
  std::string name;  ///< as it is needed: "libstore.so.1"
  std::filesystem::path path;
};

/// Those of `names.needed` that are in a folder of the run path which is named
/// relative to $ORIGIN, the folder of the library itself; in the order in which
/// they are needed.
std::vector<Neighbour> find_neighbours(const DynamicNames& names,
                                       const std::filesystem::path& origin);

}  // namespace launch
