#include "bench/compare/announcements.hpp"

#include <charconv>

#include <nlohmann/json.hpp>

namespace launch::bench {
namespace {

using Json = nlohmann::json;

}  // namespace

std::optional<Address> parse_url(std::string_view url) {
  constexpr std::string_view kScheme = "http://";
  if (!url.starts_with(kScheme)) return std::nullopt;
  url.remove_prefix(kScheme.size());
  url = url.substr(0, url.find('/'));
  const std::size_t colon = url.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view host = url.substr(0, colon);
  const std::string_view digits = url.substr(colon + 1);
  if (host.starts_with('[') && host.ends_with(']'))
    host = host.substr(1, host.size() - 2);
  Address address{std::string(host), 0};
  const auto [end, error] = std::from_chars(
      digits.data(), digits.data() + digits.size(), address.port);
  const bool good = error == std::errc{} &&
                    end == digits.data() + digits.size() && address.port != 0 &&
                    !host.empty();
  return good ? std::optional(address) : std::nullopt;
}

std::optional<Address> parse_ready_line(std::string_view line) {
  const Json json = Json::parse(line, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  const Json addresses = json.value("addresses", Json::array());
  if (!addresses.is_array() || addresses.empty() || !addresses[0].is_string())
    return std::nullopt;
  return parse_url(addresses[0].get<std::string>());
}

std::optional<std::vector<WorkerCounts>> parse_counts_line(
    std::string_view line) {
  const Json json = Json::parse(line, nullptr, false);
  if (!json.is_object() || !json.contains("workers")) return std::nullopt;
  std::vector<WorkerCounts> workers;
  try {
    for (const Json& row : json.at("workers"))
      workers.push_back({row.at("id").get<int>(), row.at("pid").get<int>(),
                         row.at("requests").get<std::uint64_t>(),
                         row.at("accepted").get<std::uint64_t>(),
                         row.at("connections").get<std::int64_t>()});
  } catch (const Json::exception&) {
    return std::nullopt;
  }
  return workers;
}

}  // namespace launch::bench
