#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/conformance/request_list.hpp"

namespace conformance {

/// How the client ends a conversation.
enum class Ending {
  half_close,  ///< it says at once that it has no more to send
  wait         ///< it waits until the server closes
};

enum class Writes {
  as_listed,  ///< the entry's pieces
  each_byte   ///< one write per byte
};

/// All that a server on the loopback interface answers to an entry, on a
/// connection of its own; what there was of it when it took too long.
std::string converse(std::uint16_t port, const Entry& entry, Ending ending,
                     Writes writes);

/// The same for many, several at once; answers in the order of the entries.
std::vector<std::string> converse_all(std::uint16_t port,
                                      const std::vector<Entry>& entries,
                                      Ending ending, Writes writes,
                                      std::size_t at_once);

/// What may differ from run to run is made alike: Date, the random boundary of
/// multipart/byteranges, and an interim "100 Continue", which is only sent to
/// a client that keeps its body back.
std::string comparable(std::string answer);

/// The statuses of all responses, in order.
std::vector<int> statuses_of(const std::string& answer);

}  // namespace conformance
