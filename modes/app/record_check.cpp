#include "modes/app/record_check.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "launch/app.hpp"
#include "modes/app/elf_section.hpp"

namespace launch {
namespace {

constexpr std::string_view kPkgConfigAdvice =
    "compile it with the flags of `pkg-config --cflags cpp-httplib`";

// Compilers align large constants and leave zeros between them.
constexpr std::size_t kRecordStep = alignof(AppRecord);

bool starts_record(std::span<const std::byte> bytes) {
  return bytes.size() >= sizeof kRecordMagic &&
         std::memcmp(bytes.data(), kRecordMagic, sizeof kRecordMagic) == 0;
}

/// Takes one record off the front of `bytes`. A longer or shorter one, of
/// another contract version, is cut or filled with zeros.
AppRecord take_record(std::span<const std::byte>& bytes) {
  constexpr std::size_t kFixedPart = offsetof(AppRecord, symbol);
  AppRecord record;
  std::memcpy(&record, bytes.data(), std::min(bytes.size(), kFixedPart));
  if (record.record_size < kFixedPart || record.record_size > bytes.size())
    throw BadElf("has a damaged launch record: build it again");
  std::memcpy(&record, bytes.data(),
              std::min<std::size_t>(record.record_size, sizeof record));
  bytes = bytes.subspan(record.record_size);
  return record;
}

std::optional<std::string> check_macros(std::uint32_t app, std::uint32_t host) {
  for (std::size_t i = 0; i < std::size(kHttplibMacros); ++i) {
    const bool in_app = (app >> i & 1) != 0;
    const bool in_host = (host >> i & 1) != 0;
    if (in_app == in_host) continue;
    return fmt::format("was compiled {} {} and this launch {}: {}",
                       in_app ? "with" : "without", kHttplibMacros[i],
                       in_host ? "with it" : "without it", kPkgConfigAdvice);
  }
  return std::nullopt;
}

std::optional<std::string> check_sizes(const AppRecord& record,
                                       const AppRecord& host) {
  struct Row {
    std::string_view type;
    std::uint32_t AppRecord::*size;
  };
  constexpr Row kRows[] = {
      {"httplib::Server", &AppRecord::httplib_server_size},
      {"launch::Server", &AppRecord::server_size},
      {"httplib::Request", &AppRecord::request_size},
      {"httplib::Response", &AppRecord::response_size},
  };
  for (const Row& row : kRows) {
    if (record.*row.size == host.*row.size) continue;
    return fmt::format(
        "takes {} to have {} bytes and this launch {}: {} and without others "
        "that change it",
        row.type, record.*row.size, host.*row.size, kPkgConfigAdvice);
  }
  return std::nullopt;
}

}  // namespace

std::vector<AppRecord> read_app_records(std::span<const std::byte> file) {
  std::vector<AppRecord> records;
  const auto section = find_elf_section(file, LAUNCH_RECORD_SECTION);
  std::span<const std::byte> rest =
      section.value_or(std::span<const std::byte>{});
  while (rest.size() >= kRecordStep) {
    if (starts_record(rest))
      records.push_back(take_record(rest));
    else
      rest = rest.subspan(kRecordStep);
  }
  // Their order in the file is up to the compiler.
  std::sort(records.begin(), records.end(),
            [](const AppRecord& a, const AppRecord& b) {
              return text_of(a.symbol) < text_of(b.symbol);
            });
  return records;
}

std::optional<std::string> check_record(const AppRecord& record,
                                        const AppRecord& host) {
  if (record.contract_version != host.contract_version)
    return fmt::format(
        "was built for version {} of the app contract and this launch knows "
        "version {}: build it again with this launch's <launch/app.hpp>",
        record.contract_version, host.contract_version);
  if (text_of(record.httplib_version) != text_of(host.httplib_version))
    return fmt::format(
        "was built with cpp-httplib {} and this launch with {}: build it "
        "again with {}",
        text_of(record.httplib_version), text_of(host.httplib_version),
        text_of(host.httplib_version));
  if (text_of(record.standard_library) != text_of(host.standard_library))
    return fmt::format(
        "was built for the standard library {} and this launch for {}: build "
        "it again with the same one",
        text_of(record.standard_library), text_of(host.standard_library));
  if (auto problem = check_macros(record.httplib_macros, host.httplib_macros))
    return problem;
  return check_sizes(record, host);
}

ChosenRecord choose_record(const std::vector<AppRecord>& records,
                           std::string_view symbol, const AppRecord& host) {
  if (records.empty())
    return {{},
            "has no launch record: include <launch/app.hpp>, add the line "
            "LAUNCH_APP(your_function) and build it again"};
  const auto chosen = std::find_if(records.begin(), records.end(),
                                   [&](const AppRecord& record) {
                                     return text_of(record.symbol) == symbol;
                                   });
  if (chosen != records.end()) {
    if (auto problem = check_record(*chosen, host)) return {{}, *problem};
    return {*chosen, {}};
  }
  std::vector<std::string_view> offered;
  for (const AppRecord& record : records)
    offered.push_back(text_of(record.symbol));
  return {{},
          fmt::format("has no app called {}, it offers: {}", symbol,
                      fmt::join(offered, ", "))};
}

}  // namespace launch
