#pragma once

#include "cli/bench_plan.hpp"
#include "cli/during_plan.hpp"
#include "cli/exit_code.hpp"

namespace launch::cli {

/// `launch bench [APP] --during EVENT`: counts what clients lose meanwhile.
ExitCode run_during(const BenchFlags& flags, const DuringFlags& during);

/// How the command ends.
ExitCode exit_code_of(const bench::DuringReport& report);

}  // namespace launch::cli
