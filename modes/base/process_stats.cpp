#include "modes/base/process_stats.hpp"

#include <sched.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <system_error>
#include <thread>
#include <unordered_map>

#include "modes/base/cgroup.hpp"

namespace launch {
namespace {

namespace fs = std::filesystem;

/// Nothing when the file is absent or, as happens in /proc, its process ends
/// while it is read.
std::optional<std::string> read_text(const fs::path& path) {
  std::ifstream file(path);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file.is_open() || file.bad()) return std::nullopt;
  return text;
}

template <typename Number>
std::optional<Number> parse_number(std::string_view text) {
  Number value{};
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  return value;
}

std::vector<std::string> words_of(std::string_view text) {
  std::istringstream stream{std::string(text)};
  return {std::istream_iterator<std::string>(stream), {}};
}

fs::path proc_of(pid_t pid) { return fs::path("/proc") / std::to_string(pid); }

/// What a folder holds, as far as it can be read: in /proc it may go away.
std::vector<fs::path> entries_of(const fs::path& folder) {
  std::vector<fs::path> entries;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error);
       !error && entry != fs::directory_iterator(); entry.increment(error))
    entries.push_back(entry->path());
  return entries;
}

/// From the lists of children that the kernel keeps per thread; nothing when
/// it was built without them.
std::optional<std::vector<pid_t>> listed_children(pid_t pid) {
  std::vector<pid_t> children;
  for (const fs::path& thread : entries_of(proc_of(pid) / "task")) {
    const auto text = read_text(thread / "children");
    std::error_code error;
    if (!text && fs::exists(thread, error)) return std::nullopt;
    for (const std::string& word : words_of(text.value_or("")))
      if (const auto child = parse_number<pid_t>(word))
        children.push_back(*child);
  }
  return children;
}

using Parents = std::unordered_map<pid_t, std::vector<pid_t>>;

/// Who has which children, from the stat file of every process.
Parents scan_parents() {
  Parents parents;
  for (const fs::path& entry : entries_of("/proc")) {
    const auto pid = parse_number<pid_t>(entry.filename().string());
    if (!pid) continue;
    const auto text = read_text(entry / "stat");
    const auto stat = text ? parse_stat(*text) : std::nullopt;
    if (stat) parents[stat->parent].push_back(*pid);
  }
  return parents;
}

std::vector<pid_t> children_of(pid_t pid, std::optional<Parents>& scanned) {
  if (!scanned) {
    if (auto listed = listed_children(pid)) return *listed;
    scanned = scan_parents();
  }
  const auto found = scanned->find(pid);
  return found == scanned->end() ? std::vector<pid_t>{} : found->second;
}

/// "150000 100000" of cpu.max, or the two files of v1 joined in this order.
std::optional<double> parse_quota(std::string_view text) {
  const auto words = words_of(text);
  if (words.size() < 2) return std::nullopt;
  const auto quota = parse_number<long>(words[0]);  // "max" and -1: no limit
  const auto period = parse_number<long>(words[1]);
  if (!quota || !period || *quota <= 0 || *period <= 0) return std::nullopt;
  return static_cast<double>(*quota) / static_cast<double>(*period);
}

std::optional<double> quota_in(const fs::path& folder) {
  if (const auto v2 = read_text(folder / "cpu.max")) return parse_quota(*v2);
  const auto quota = read_text(folder / "cpu.cfs_quota_us");
  const auto period = read_text(folder / "cpu.cfs_period_us");
  return quota && period ? parse_quota(*quota + ' ' + *period) : std::nullopt;
}

std::optional<double> smaller(std::optional<double> a,
                              std::optional<double> b) {
  return a && b ? std::min(a, b) : (a ? a : b);
}

}  // namespace

std::vector<pid_t> process_tree(pid_t root) {
  std::vector<pid_t> tree;
  if (std::error_code error; fs::exists(proc_of(root), error))
    tree.push_back(root);
  std::optional<Parents> scanned;
  for (std::size_t i = 0; i < tree.size(); ++i)
    for (const pid_t child : children_of(tree[i], scanned))
      if (std::find(tree.begin(), tree.end(), child) == tree.end())
        tree.push_back(child);
  return tree;
}

std::optional<nanoseconds> cpu_time(pid_t pid) {
  clockid_t clock{};
  timespec time{};
  if (::clock_getcpuclockid(pid, &clock) != 0) return std::nullopt;
  if (::clock_gettime(clock, &time) != 0) return std::nullopt;
  return seconds{time.tv_sec} + nanoseconds{time.tv_nsec};
}

nanoseconds reaped_children_cpu_time(pid_t pid) {
  const auto text = read_text(proc_of(pid) / "stat");
  const auto stat = text ? parse_stat(*text) : std::nullopt;
  if (!stat) return nanoseconds{0};
  const auto ticks_per_second =
      static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
  return nanoseconds{stat->reaped_ticks * (1'000'000'000 / ticks_per_second)};
}

std::optional<std::uint64_t> pss_bytes(pid_t pid) {
  const auto text = read_text(proc_of(pid) / "smaps_rollup");
  return text ? parse_pss(*text) : std::nullopt;
}

std::optional<milliseconds> process_age(pid_t pid) {
  const auto text = read_text(proc_of(pid) / "stat");
  const auto stat = text ? parse_stat(*text) : std::nullopt;
  timespec now{};
  if (!stat || ::clock_gettime(CLOCK_BOOTTIME, &now) != 0) return std::nullopt;
  const auto ticks_per_second =
      static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
  const milliseconds began{stat->start_ticks * (1000 / ticks_per_second)};
  const milliseconds since_boot{now.tv_sec * 1000 + now.tv_nsec / 1'000'000};
  return std::max(since_boot - began, milliseconds{0});
}

int cores_by_affinity() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof(set), &set) == 0) return CPU_COUNT(&set);
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

int usable_cores() {
  const int cores = cores_by_affinity();
  const auto membership = read_text("/proc/self/cgroup");
  const auto quota = cpu_quota(membership.value_or(""), "/sys/fs/cgroup");
  if (!quota || *quota >= cores) return cores;
  return std::max(1, static_cast<int>(std::ceil(*quota)));
}

std::optional<ProcessStat> parse_stat(std::string_view text) {
  // The name, in parentheses, may itself hold spaces and parentheses.
  const auto name_end = text.rfind(')');
  if (name_end == std::string_view::npos) return std::nullopt;
  const auto fields = words_of(text.substr(name_end + 1));  // from field 3 on
  if (fields.size() < 20) return std::nullopt;
  const auto parent = parse_number<pid_t>(fields[4 - 3]);
  const auto user = parse_number<std::int64_t>(fields[16 - 3]);
  const auto system = parse_number<std::int64_t>(fields[17 - 3]);
  const auto start = parse_number<std::uint64_t>(fields[22 - 3]);
  if (!parent || !user || !system || !start) return std::nullopt;
  return ProcessStat{*parent, static_cast<std::uint64_t>(*user + *system),
                     *start};
}

std::optional<std::uint64_t> parse_pss(std::string_view text) {
  const auto words = words_of(text);
  const auto label = std::find(words.begin(), words.end(), "Pss:");
  if (std::distance(label, words.end()) < 3 || *(label + 2) != "kB")
    return std::nullopt;
  const auto kibibytes = parse_number<std::uint64_t>(*(label + 1));
  return kibibytes ? std::optional(*kibibytes * 1024) : std::nullopt;
}

std::optional<double> cpu_quota(std::string_view membership,
                                const fs::path& mount) {
  std::optional<double> smallest;
  for (const fs::path& folder : cgroup_folders(membership, mount, "cpu"))
    smallest = smaller(smallest, quota_in(folder));
  return smallest;
}

}  // namespace launch
