#pragma once

#include "modes/base/descriptor.hpp"

namespace launch {

/// Takes over a listening stream socket (TCP or Unix) that whoever started
/// this process opened, and makes it non-blocking and closed on exec. Throws
/// std::runtime_error with the reason, as part of a sentence, when `fd` is
/// none; it then stays open.
Descriptor adopt_listening_socket(int fd);

}  // namespace launch
