#pragma once

#include <cstdint>

#include "modes/engine/connection.hpp"
#include "modes/engine/deadlines.hpp"

namespace launch {

/// Looks at a connection at tick `now`, by any thread, while its descriptor
/// stays open. One that waits for longer than allowed is ended by shutdown(),
/// never closed: the thread that receives the event sees to the rest. Where
/// the client may still be answered, only its sending is ended. Returns whether
/// it was answered 504 in place of a handler that takes too long.
bool sweep(Connection& connection, std::uint32_t now, const Patience& patience);

/// Bytes sent to a client that it has not acknowledged, modulo 2^32.
std::uint32_t unacknowledged(int fd);

/// Makes the next close() drop what the client has not taken, instead of
/// leaving it to the kernel to deliver.
void drop_unsent(int fd);

}  // namespace launch
