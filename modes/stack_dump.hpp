#pragma once

namespace launch {

/// Makes dump_stacks() work: takes the signal for it, and loads what it needs
/// while nothing is wrong. Once, before other threads start.
void prepare_stack_dumps();

/// Writes the stack of each thread of this process to standard error, one
/// after the other. A thread that cannot be interrupted is left out after a
/// tenth of a second. For the main thread, which waits for nothing else.
void dump_stacks();

}  // namespace launch
