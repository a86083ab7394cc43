#include "tests/apps/orders/repository.hpp"

#include <array>
#include <chrono>
#include <thread>

namespace orders {
namespace {

/// Row n takes a database from version n to n + 1. Rows are only ever added.
constexpr std::array kMigrations{R"sql(
  CREATE TABLE orders (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    customer TEXT NOT NULL,
    item TEXT NOT NULL,
    quantity INTEGER NOT NULL CHECK (quantity > 0),
    unit_price_cents INTEGER NOT NULL CHECK (unit_price_cents >= 0),
    status TEXT NOT NULL
      CHECK (status IN ('open', 'paid', 'shipped', 'cancelled')),
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))
  ))sql"};

// SQLite refuses this one change at once while another process makes it, and
// does not wait for the busy time-out.
void use_write_ahead_log(Connection& connection) {
  using namespace std::chrono_literals;
  for (int attempts_left = 200;; --attempts_left) {
    try {
      connection.execute("PRAGMA journal_mode = WAL");
      return;
    } catch (const DatabaseError& error) {
      if (!error.busy() || attempts_left == 0) throw;
      std::this_thread::sleep_for(25ms);
    }
  }
}

std::int64_t version_of(const Connection& connection) {
  Statement statement(connection, "PRAGMA user_version");
  Rows rows = statement.run();
  rows.next();
  return rows.integer(0);
}

void add_examples(const Connection& connection, std::int64_t count) {
  Statement insert(connection, R"sql(
    WITH RECURSIVE n(i) AS
      (SELECT 1 WHERE ?1 > 0 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
    INSERT INTO orders (customer, item, quantity, unit_price_cents, status)
    SELECT 'customer ' || i, 'item ' || i % 10, 1 + i % 5, 100 * (i % 50),
           'open' FROM n
    WHERE NOT EXISTS (SELECT 1 FROM orders))sql");
  insert.run(count).next();
}

Order read_order(const Rows& row) {
  Order order;
  order.id = row.integer(0);
  order.customer = row.text(1);
  order.item = row.text(2);
  order.quantity = row.integer(3);
  order.unit_price_cents = row.integer(4);
  order.status = row.text(5);
  order.created_at = row.text(6);
  return order;
}

#define ORDER_COLUMNS \
  "id, customer, item, quantity, unit_price_cents, status, created_at"

}  // namespace

void migrate(const std::string& path, std::int64_t examples) {
  Connection connection(path);
  use_write_ahead_log(connection);
  connection.transaction([&] {
    const auto newest = static_cast<std::int64_t>(kMigrations.size());
    const std::int64_t version = version_of(connection);
    if (version > newest)
      throw std::runtime_error("the database " + path + " has version " +
                               std::to_string(version) +
                               ", this program knows " +
                               std::to_string(newest) + ": use a newer one");
    for (auto next = version; next < newest; ++next)
      connection.execute(kMigrations.at(static_cast<std::size_t>(next)));
    connection.execute(
        ("PRAGMA user_version = " + std::to_string(newest)).c_str());
    add_examples(connection, examples);
  });
}

Repository::Repository(const std::string& path)
    : connection_(path),
      insert_(connection_,
              "INSERT INTO orders"
              " (customer, item, quantity, unit_price_cents, status)"
              " VALUES (?1, ?2, ?3, ?4, ?5) RETURNING " ORDER_COLUMNS),
      find_(connection_, "SELECT " ORDER_COLUMNS " FROM orders WHERE id = ?1"),
      list_(connection_, "SELECT " ORDER_COLUMNS
                         " FROM orders WHERE id > ?1 ORDER BY id LIMIT ?2"),
      replace_(connection_,
               "UPDATE orders SET customer = ?2, item = ?3, quantity = ?4,"
               " unit_price_cents = ?5, status = ?6"
               " WHERE id = ?1 AND status IN ('open', 'paid') RETURNING id"),
      remove_(connection_,
              "DELETE FROM orders"
              " WHERE id = ?1 AND status <> 'shipped' RETURNING id") {}

Order Repository::create(const OrderDraft& draft) {
  Rows rows = insert_.run(draft.customer, draft.item, draft.quantity,
                          draft.unit_price_cents, draft.status);
  rows.next();
  Order order = read_order(rows);
  rows.next();  // as below
  return order;
}

std::optional<Order> Repository::find(std::int64_t id) {
  Rows rows = find_.run(id);
  if (!rows.next()) return std::nullopt;
  return read_order(rows);
}

std::vector<Order> Repository::list(std::int64_t after, std::int64_t limit) {
  std::vector<Order> orders;
  Rows rows = list_.run(after, limit);
  while (rows.next()) orders.push_back(read_order(rows));
  return orders;
}

Change Repository::replace(std::int64_t id, const OrderDraft& draft) {
  return finish(replace_.run(id, draft.customer, draft.item, draft.quantity,
                             draft.unit_price_cents, draft.status),
                id);
}

Change Repository::remove(std::int64_t id) {
  return finish(remove_.run(id), id);
}

Change Repository::finish(Rows rows, std::int64_t id) {
  if (rows.next()) {
    rows.next();  // only a finished statement is committed
    return Change::done;
  }
  return find(id) ? Change::closed : Change::not_found;
}

}  // namespace orders
