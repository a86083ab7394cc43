#pragma once

#include <string>

namespace launch {

/// An address as cpp-httplib hands it to handlers.
struct PeerAddress {
  std::string ip;
  int port = 0;
};

}  // namespace launch
