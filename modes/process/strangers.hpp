#pragma once

#include <sys/types.h>

#include <span>

namespace launch {

/// Reaps the ended children of this process that are not in `own`: those that
/// it never started, but inherited as PID 1 of a container or as a subreaper.
/// How they ended is nobody's business. Never blocks; children in `own` are
/// left to their ChildProcess, so reap those that have ended first: behind one
/// that waits, strangers wait for the next call. Returns how many there were.
///
/// Only for a process that starts all of its children by ChildProcess: a
/// library that waits for one of its own would wait in vain.
int reap_strangers(std::span<const pid_t> own);

/// Whether this process inherits the children that others leave behind.
bool adopts_orphans();

}  // namespace launch
