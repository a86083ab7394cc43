#include "bench/report/machine.hpp"

#include <stdlib.h>
#include <sys/utsname.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>

#include "modes/base/process_stats.hpp"

namespace launch::bench {
namespace {

std::string read_file(const char* path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// What follows "name...:" on its line, without the spaces around it.
std::string_view value_of(std::string_view text, std::string_view name) {
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (!line.starts_with(name)) continue;
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    line.remove_prefix(colon + 1);
    const std::size_t begin = line.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return {};
    return line.substr(begin, line.find_last_not_of(" \t") - begin + 1);
  }
  return {};
}

}  // namespace

std::string parse_cpu_model(std::string_view cpuinfo) {
  return std::string(value_of(cpuinfo, "model name"));
}

std::uint64_t parse_memory_bytes(std::string_view meminfo) {
  const std::string_view value = value_of(meminfo, "MemTotal");
  std::uint64_t kibibytes = 0;
  std::from_chars(value.data(), value.data() + value.size(), kibibytes);
  return kibibytes * 1024;
}

Machine read_machine() {
  Machine machine;
  machine.cpu_model = parse_cpu_model(read_file("/proc/cpuinfo"));
  machine.cores = usable_cores();
  machine.memory_bytes = parse_memory_bytes(read_file("/proc/meminfo"));
  if (utsname names{}; ::uname(&names) == 0)
    machine.kernel = std::string(names.sysname) + ' ' + names.release;
  if (double load = 0; ::getloadavg(&load, 1) == 1) machine.load_average = load;
  return machine;
}

}  // namespace launch::bench
