#include "modes/http/ip_network.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <stdexcept>

namespace launch {
namespace {

constexpr std::size_t kAllBits = 128;
constexpr std::size_t kMappedBits = 96;  ///< before the IPv4 address
constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0,    0,
                                               0, 0, 0, 0, 0xff, 0xff};

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  std::array<char, INET6_ADDRSTRLEN> terminated{};
  if (text.size() >= terminated.size()) return std::nullopt;
  // inet_pton would end at a NUL and accept what stands before it.
  if (text.find('\0') != std::string_view::npos) return std::nullopt;
  std::copy(text.begin(), text.end(), terminated.begin());
  IpAddress address;
  if (::inet_pton(AF_INET6, terminated.data(), address.bytes_.data()) == 1)
    return address;
  std::copy(kMapped.begin(), kMapped.end(), address.bytes_.begin());
  if (::inet_pton(AF_INET, terminated.data(),
                  address.bytes_.data() + kMapped.size()) == 1)
    return address;
  return std::nullopt;
}

bool IpAddress::is_v4() const {
  return std::equal(kMapped.begin(), kMapped.end(), bytes_.begin());
}

std::string IpAddress::text() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (is_v4())
    ::inet_ntop(AF_INET, bytes_.data() + kMapped.size(), text.data(),
                text.size());
  else
    ::inet_ntop(AF_INET6, bytes_.data(), text.data(), text.size());
  return text.data();
}

bool IpAddress::shares_prefix(const IpAddress& other, std::size_t bits) const {
  const std::size_t whole = bits / 8;
  if (!std::equal(bytes_.begin(),
                  bytes_.begin() + static_cast<std::ptrdiff_t>(whole),
                  other.bytes_.begin()))
    return false;
  const std::size_t rest = bits % 8;
  return rest == 0 || (bytes_[whole] ^ other.bytes_[whole]) >> (8 - rest) == 0;
}

IpNetwork IpNetwork::parse(std::string_view text) {
  const auto slash = text.find('/');
  const auto base = IpAddress::parse(text.substr(0, slash));
  if (!base) throw std::invalid_argument("is no IP address or network");
  IpNetwork network;
  network.base_ = *base;
  if (slash == std::string_view::npos) return network;

  const bool dotted = text.find(':') == std::string_view::npos;
  const std::size_t longest = dotted ? kAllBits - kMappedBits : kAllBits;
  const auto digits = text.substr(slash + 1);
  std::size_t prefix = 0;
  const char* const end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, prefix);
  if (read.ec != std::errc{} || read.ptr != end || prefix > longest)
    throw std::invalid_argument("has a prefix length that is not from 0 to " +
                                std::to_string(longest));
  network.bits_ = dotted ? prefix + kMappedBits : prefix;

  // Most likely the prefix length is not what was meant: too much trust.
  for (std::size_t bit = network.bits_; bit < kAllBits; ++bit)
    if ((base->bytes_[bit / 8] >> (7 - bit % 8) & 1) != 0)
      throw std::invalid_argument("has bits set beyond its prefix length");
  return network;
}

bool IpNetwork::contains(const IpAddress& address) const {
  const bool v4 = base_.is_v4() && bits_ >= kMappedBits;
  return address.is_v4() == v4 && base_.shares_prefix(address, bits_);
}

}  // namespace launch
