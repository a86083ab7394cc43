#include "modes/http/request_id.hpp"

#include <sys/random.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include <fmt/format.h>

#include "modes/http/token.hpp"

namespace launch {

RequestIds::RequestIds(std::uint64_t prefix)
    : prefix_(fmt::format("{:016x}-", prefix)) {}

std::uint64_t RequestIds::random_prefix() {
  std::uint64_t prefix = 0;
  // So few bytes come whole; early in the boot only a signal can be earlier.
  while (::getrandom(&prefix, sizeof prefix, 0) !=
         static_cast<ssize_t>(sizeof prefix))
    if (errno != EINTR)
      throw std::system_error(errno, std::generic_category(), "getrandom");
  return prefix;
}

std::string RequestIds::next() {
  const auto number = last_.fetch_add(1, std::memory_order_relaxed) + 1;
  return fmt::format("{}{:x}", prefix_, number);
}

bool well_formed_request_id(std::string_view id) {
  constexpr std::size_t kLongest = 128;
  return !id.empty() && id.size() <= kLongest &&
         std::all_of(id.begin(), id.end(), is_token_char);
}

}  // namespace launch
