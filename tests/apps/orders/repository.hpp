#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tests/apps/orders/database.hpp"

namespace orders {

/// What a client sends.
struct OrderDraft {
  std::string customer;
  std::string item;
  std::int64_t quantity = 1;
  std::int64_t unit_price_cents = 0;
  std::string status = "open";  ///< open, paid, shipped or cancelled
};

struct Order : OrderDraft {
  std::int64_t id = 0;
  std::string created_at;  ///< UTC, "2024-02-29T12:00:00Z"
};

/// How a change of an order ended. A shipped order stays as it is; a cancelled
/// one can only be removed.
enum class Change { done, not_found, closed };

/// Brings the database up to the newest version. Any number of processes may
/// do so at once. `examples` orders are added if it was empty.
void migrate(const std::string& path, std::int64_t examples);

/// All the SQL of the service, over one connection. Every change is one
/// statement, so it is correct however many processes write.
class Repository {
 public:
  explicit Repository(const std::string& path);

  Order create(const OrderDraft& draft);
  std::optional<Order> find(std::int64_t id);
  /// Up to `limit` orders with ids above `after`, by id.
  std::vector<Order> list(std::int64_t after, std::int64_t limit);
  Change replace(std::int64_t id, const OrderDraft& draft);
  Change remove(std::int64_t id);

 private:
  /// Runs a change of `id` that returns a row if it found one it may touch.
  Change finish(Rows rows, std::int64_t id);

  Connection connection_;
  Statement insert_;
  Statement find_;
  Statement list_;
  Statement replace_;
  Statement remove_;
};

}  // namespace orders
