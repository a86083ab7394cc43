#include "modes/app/elf_dynamic.hpp"

#include <elf.h>

#include <algorithm>
#include <cstring>
#include <string_view>

#include "modes/app/elf_section.hpp"

namespace launch {
namespace {

using Bytes = std::span<const std::byte>;

/// The text at `offset` of a table of texts; empty outside of it.
std::string text_at(Bytes table, std::uint64_t offset) {
  if (offset >= table.size()) return {};
  const Bytes rest = table.subspan(offset);
  const auto end = std::find(rest.begin(), rest.end(), std::byte{0});
  return {reinterpret_cast<const char*>(rest.data()),
          static_cast<std::size_t>(end - rest.begin())};
}

std::vector<std::string> folders_of(std::string_view path) {
  std::vector<std::string> folders;
  while (!path.empty()) {
    const auto end = std::min(path.find(':'), path.size());
    if (end > 0) folders.emplace_back(path.substr(0, end));
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return folders;
}

}  // namespace

DynamicNames read_dynamic_names(Bytes file) {
  DynamicNames names;
  const Bytes entries = find_elf_section(file, ".dynamic").value_or(Bytes{});
  const Bytes texts = find_elf_section(file, ".dynstr").value_or(Bytes{});
  std::string old_run_path;
  for (std::size_t at = 0; at + sizeof(Elf64_Dyn) <= entries.size();
       at += sizeof(Elf64_Dyn)) {
    Elf64_Dyn entry;
    std::memcpy(&entry, entries.data() + at, sizeof entry);
    if (entry.d_tag == DT_NULL) break;
    const std::string text = text_at(texts, entry.d_un.d_val);
    if (entry.d_tag == DT_SONAME) names.soname = text;
    if (entry.d_tag == DT_NEEDED) names.needed.push_back(text);
    if (entry.d_tag == DT_RUNPATH) names.run_path = folders_of(text);
    if (entry.d_tag == DT_RPATH) old_run_path = text;
  }
  // As the dynamic linker: the newer entry makes the older one void.
  if (names.run_path.empty()) names.run_path = folders_of(old_run_path);
  return names;
}

}  // namespace launch
