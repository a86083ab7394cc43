#include "tests/apps/orders/messages.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace orders {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxTextBytes = 200;
constexpr std::int64_t kMaxQuantity = 1'000'000;
constexpr std::int64_t kMaxPriceCents = 1'000'000'000;

constexpr std::array kFields{"customer", "item", "quantity", "unit_price_cents",
                             "status"};
constexpr std::array kStatuses{"open", "paid", "shipped", "cancelled"};

std::string range_text(std::int64_t min, std::int64_t max) {
  return "must be a whole number from " + std::to_string(min) + " to " +
         std::to_string(max);
}

const json& required(const json& body, const char* field) {
  const auto found = body.find(field);
  if (found == body.end()) throw RequestError(400, "is missing", field);
  return *found;
}

std::string read_text(const json& body, const char* field) {
  const json& value = required(body, field);
  const auto* text = value.get_ptr<const std::string*>();
  if (text == nullptr || text->empty() || text->size() > kMaxTextBytes)
    throw RequestError(
        400, "must be text of 1 to " + std::to_string(kMaxTextBytes) + " bytes",
        field);
  return *text;
}

std::int64_t read_integer(const json& body, const char* field, std::int64_t min,
                          std::int64_t max) {
  const json& value = required(body, field);
  // A number above the signed range would become negative.
  const bool whole = value.is_number_integer() &&
                     (!value.is_number_unsigned() ||
                      value.get<std::uint64_t>() <= std::uint64_t{INT64_MAX});
  if (whole) {
    const auto number = value.get<std::int64_t>();
    if (number >= min && number <= max) return number;
  }
  throw RequestError(400, range_text(min, max), field);
}

std::string read_status(const json& body) {
  const auto found = body.find("status");
  if (found == body.end()) return kStatuses.front();
  for (const char* status : kStatuses)
    if (*found == status) return status;
  throw RequestError(400, "must be open, paid, shipped or cancelled", "status");
}

json parse_object(const std::string& text) {
  json body = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!body.is_object())
    throw RequestError(400, "the body must be a JSON object");
  for (const auto& [name, value] : body.items())
    if (std::find(kFields.begin(), kFields.end(), name) == kFields.end())
      throw RequestError(400, "is not a field of an order", name);
  return body;
}

}  // namespace

json to_json(const Order& order) {
  return {{"id", order.id},
          {"customer", order.customer},
          {"item", order.item},
          {"quantity", order.quantity},
          {"unit_price_cents", order.unit_price_cents},
          {"status", order.status},
          {"created_at", order.created_at}};
}

json to_json(const RequestError& error) {
  json content{{"message", error.what()}};
  if (!error.field.empty()) content["field"] = error.field;
  return {{"error", content}};
}

OrderDraft read_draft(const httplib::Request& request) {
  const json body = parse_object(request.body);
  OrderDraft draft;
  draft.customer = read_text(body, "customer");
  draft.item = read_text(body, "item");
  draft.quantity = read_integer(body, "quantity", 1, kMaxQuantity);
  draft.unit_price_cents =
      read_integer(body, "unit_price_cents", 0, kMaxPriceCents);
  draft.status = read_status(body);
  return draft;
}

std::int64_t read_number(const httplib::Request& request, const char* name,
                         std::int64_t fallback, std::int64_t min,
                         std::int64_t max) {
  if (!request.has_param(name)) return fallback;
  const std::string text = request.get_param_value(name);
  const char* const end = text.data() + text.size();
  std::int64_t number = 0;
  const auto [parsed_to, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || parsed_to != end || number < min || number > max)
    throw RequestError(400, range_text(min, max), name);
  return number;
}

void answer(httplib::Response& response, int status, const json& body) {
  response.status = status;
  response.set_content(body.dump(), "application/json");
}

}  // namespace orders
