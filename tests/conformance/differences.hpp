#pragma once

#include <span>
#include <string>

#include "tests/conformance/request_list.hpp"

namespace conformance {

/// The answers of two servers to one request.
struct Answers {
  std::string ours;  ///< launch's
  std::string own;   ///< of cpp-httplib's own listen()
};

/// Where launch differs from cpp-httplib on purpose.
struct Difference {
  const char* name;    ///< the first column of the table in docs/http.md
  const char* launch;  ///< what it does: the second
  const char* own;     ///< what cpp-httplib does: the third
  /// Makes the two answers alike in this one point if they differ in it as
  /// intended; leaves them alone otherwise. None where entries name the row.
  void (*settle)(const Entry& entry, Answers& answers);
};

std::span<const Difference> intended_differences();

}  // namespace conformance
