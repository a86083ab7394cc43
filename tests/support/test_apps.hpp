#pragma once

#include <string>

#include "modes/app/app.hpp"

/// An app of tests/apps by name ("orders") or with an entry ("two_apps",
/// "second"). Messages call it "orders.so".
inline launch::AppSpec test_app(const std::string& name,
                                const std::string& symbol = "launch_app") {
  return {name + ".so", std::string(LAUNCH_TEST_APPS) + "/" + name + ".so",
          symbol};
}

/// What the AppError that `call` throws says; empty when it throws none.
template <typename Call>
std::string app_error(const Call& call) {
  try {
    call();
    return {};
  } catch (const launch::AppError& error) {
    return error.what();
  }
}
