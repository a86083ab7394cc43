#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace launch {

/// An IPv4 or IPv6 address. IPv4 is kept as IPv4-mapped IPv6 (RFC 4291
/// 2.5.5.2), so that 10.0.0.1 and ::ffff:10.0.0.1 are one address.
class IpAddress {
 public:
  /// Without port, brackets or zone; nothing when it is no address.
  static std::optional<IpAddress> parse(std::string_view text);

  bool is_v4() const;
  /// Dotted for IPv4, as RFC 5952 says for IPv6.
  std::string text() const;
  /// Whether the first `bits` of both, 0 to 128, are the same.
  bool shares_prefix(const IpAddress& other, std::size_t bits) const;

  friend bool operator==(const IpAddress&, const IpAddress&) = default;

 private:
  friend class IpNetwork;
  std::array<std::uint8_t, 16> bytes_{};
};

/// All addresses that begin with the same bits.
class IpNetwork {
 public:
  /// "10.0.0.0/8", "2001:db8::/32" or a single address. Throws
  /// std::invalid_argument whose what() says, as part of a sentence, what is
  /// wrong with `text`.
  static IpNetwork parse(std::string_view text);

  /// Networks of IPv6, even ::/0, hold no IPv4 address.
  bool contains(const IpAddress& address) const;

 private:
  IpAddress base_;
  std::size_t bits_ = 128;  ///< of the IPv6 form
};

}  // namespace launch
