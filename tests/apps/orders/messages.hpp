#pragma once

#include <httplib.h>

#include <stdexcept>
#include <string>

#include <nlohmann/json.hpp>

#include "tests/apps/orders/repository.hpp"

namespace orders {

/// A request that cannot be done; the client gets `status` and
/// {"error":{"message":...,"field":...}}, without a field if none is to blame.
struct RequestError : std::runtime_error {
  RequestError(int http_status, const std::string& message,
               std::string blamed_field = "")
      : std::runtime_error(message),
        status(http_status),
        field(std::move(blamed_field)) {}

  int status;
  std::string field;
};

nlohmann::json to_json(const Order& order);
nlohmann::json to_json(const RequestError& error);

/// The body as an order. Throws RequestError, 400, naming the field.
OrderDraft read_draft(const httplib::Request& request);

/// A whole number from the query, or `fallback` when it is not given. Throws
/// RequestError, 400, unless it is from `min` to `max`.
std::int64_t read_number(const httplib::Request& request, const char* name,
                         std::int64_t fallback, std::int64_t min,
                         std::int64_t max);

void answer(httplib::Response& response, int status,
            const nlohmann::json& body);

}  // namespace orders
