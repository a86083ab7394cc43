#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "launch/record.hpp"

namespace launch {

/// The records in the bytes of a shared library, in order of their symbols,
/// without running any of it; none when it has none. Of another contract
/// version only the first three fields and the symbol may be relied on. Throws
/// BadElf.
std::vector<AppRecord> read_app_records(std::span<const std::byte> file);

/// The text of a field, even of one that is not terminated.
template <std::size_t N>
std::string_view text_of(const char (&field)[N]) {
  const std::string_view all(field, N);
  return all.substr(0, all.find('\0'));
}

/// What stops a library with `record` from being loaded into a program with
/// `host`, and what to do; goes on after the library's name: "was built ...".
std::optional<std::string> check_record(const AppRecord& record,
                                        const AppRecord& host);

/// The record whose entry is `symbol`, checked against `host`; otherwise
/// `problem` says what is wrong, going on after the library's name.
struct ChosenRecord {
  std::optional<AppRecord> record;
  std::string problem;
};
ChosenRecord choose_record(const std::vector<AppRecord>& records,
                           std::string_view symbol, const AppRecord& host);

}  // namespace launch
