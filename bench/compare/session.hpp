#pragma once

#include <sys/types.h>

#include <optional>
#include <string_view>
#include <vector>

namespace launch::bench {

/// The session of a living process from the text of /proc/PID/stat; nothing for
/// a zombie or a text that is no such line.
std::optional<pid_t> session_of(std::string_view stat);

/// The living processes of a session, also those whose parents have ended.
std::vector<pid_t> session_members(pid_t session);

/// Ends every process of a session with SIGKILL and waits, up to 2 s, until
/// none is left. Does nothing to our own session.
void kill_session(pid_t session);

}  // namespace launch::bench
