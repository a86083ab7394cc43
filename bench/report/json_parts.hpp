#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "bench/compare/records.hpp"

// What the JSON of every measurement has in common; see docs/output.md.

namespace launch::bench {

using Json = nlohmann::ordered_json;

inline constexpr int kSchema = 1;

// What is unknown is null; no report ever holds "not a number".
Json number(double value);
Json number(const std::optional<double>& value);
Json name_or_null(const std::string& name);

Json tool(std::string_view version);
Json to_json(const Machine& machine);
Json to_json(const Contender& contender);
Json to_json(const RequestKind& kind);
Json to_json(const Percentiles& value);
Json to_json(const Failure& failure);

/// An array of what `render` makes of each row.
template <typename Rows, typename Render>
Json array_of(const Rows& rows, const Render& render) {
  Json json = Json::array();
  for (const auto& row : rows) json.push_back(render(row));
  return json;
}

/// Indented, with a newline at the end. Bytes that are no UTF-8 (a server's
/// answer, a path) become U+FFFD.
std::string file_text(const Json& json);

}  // namespace launch::bench
