// An orders service on SQLite: a small REST application as one meets them.
//
//   launch ./orders.so                       or in any other mode
//
//   POST   /orders      creates: 201 with Location, 400
//   GET    /orders      lists: ?limit=20 (1..100), ?after=ID; "next" is the
//                       path of the next page, null on the last one
//   GET    /orders/ID   200, 404
//   PUT    /orders/ID   replaces: 200, 400, 404, 409 if shipped or cancelled
//   DELETE /orders/ID   204, 404, 409 if shipped
//
//   curl -d '{"customer":"Ada","item":"tea","quantity":2,
//             "unit_price_cents":350}' http://127.0.0.1:8000/orders
//
// An order has customer, item (text), quantity, unit_price_cents (whole
// numbers) and status (open, paid, shipped, cancelled; open unless given).
// Errors are {"error":{"message":"must be ...","field":"quantity"}}.
//
// Environment: ORDERS_DB, the database file (orders.sqlite3 in the current
// directory); ORDERS_EXAMPLES, how many example orders an empty database gets.
// Any number of threads and processes may serve one database.

#include <cstdlib>
#include <utility>

#include <launch/app.hpp>

#include "tests/apps/orders/messages.hpp"
#include "tests/apps/orders/repository.hpp"

namespace orders {
namespace {

using httplib::Request;
using httplib::Response;
using nlohmann::json;

constexpr std::int64_t kMaxId = INT64_MAX;
constexpr std::int64_t kDefaultPage = 20;
constexpr std::int64_t kMaxPage = 100;

std::string database_path() {
  const char* path = std::getenv("ORDERS_DB");
  return path != nullptr ? path : "orders.sqlite3";
}

std::int64_t example_count() {
  const char* count = std::getenv("ORDERS_EXAMPLES");
  return count != nullptr ? std::atoll(count) : 0;
}

// A connection per handler thread: they share nothing but the file.
Repository& repository() {
  thread_local Repository instance(database_path());
  return instance;
}

std::string path_of(std::int64_t id) { return "/orders/" + std::to_string(id); }

std::int64_t id_of(const Request& request) {
  // The pattern allows at most 18 digits, so this cannot overflow.
  return std::stoll(request.matches[1].str());
}

void list_orders(const Request& request, Response& response) {
  const auto after = read_number(request, "after", 0, 0, kMaxId);
  const auto limit = read_number(request, "limit", kDefaultPage, 1, kMaxPage);
  // One more than asked for tells whether there is a next page.
  std::vector<Order> page = repository().list(after, limit + 1);
  json next = nullptr;
  if (std::ssize(page) > limit) {
    page.pop_back();
    next = "/orders?after=" + std::to_string(page.back().id) +
           "&limit=" + std::to_string(limit);
  }
  json listed = json::array();
  for (const Order& order : page) listed.push_back(to_json(order));
  answer(response, 200, {{"orders", listed}, {"next", next}});
}

void create_order(const Request& request, Response& response) {
  const Order order = repository().create(read_draft(request));
  response.set_header("Location", path_of(order.id));
  answer(response, 201, to_json(order));
}

Order find_order(std::int64_t id) {
  if (auto order = repository().find(id)) return *std::move(order);
  throw RequestError(404, "there is no order " + std::to_string(id));
}

void get_order(const Request& request, Response& response) {
  answer(response, 200, to_json(find_order(id_of(request))));
}

void require_done(Change change, std::int64_t id) {
  if (change == Change::not_found)
    throw RequestError(404, "there is no order " + std::to_string(id));
  if (change == Change::closed)
    throw RequestError(409, "order " + std::to_string(id) +
                                " is closed: its status does not allow that");
}

void replace_order(const Request& request, Response& response) {
  const std::int64_t id = id_of(request);
  require_done(repository().replace(id, read_draft(request)), id);
  answer(response, 200, to_json(find_order(id)));
}

void remove_order(const Request& request, Response& response) {
  const std::int64_t id = id_of(request);
  require_done(repository().remove(id), id);
  response.status = 204;
}

/// The one place where exceptions become answers.
void answer_exception(const Request&, Response& response,
                      std::exception_ptr thrown) {
  try {
    std::rethrow_exception(std::move(thrown));
  } catch (const RequestError& error) {
    answer(response, error.status, to_json(error));
  } catch (const DatabaseError& error) {
    if (error.busy()) response.set_header("Retry-After", "1");
    answer(response, error.busy() ? 503 : 500,
           to_json(RequestError(500, "the database cannot be used now")));
  } catch (...) {
    answer(response, 500, to_json(RequestError(500, "internal error")));
  }
}

/// Gives errors that no handler answered the same shape.
void answer_error(const Request& request, Response& response) {
  if (!response.body.empty()) return;
  answer(response, response.status,
         to_json(RequestError(response.status, "cannot " + request.method +
                                                   " " + request.path)));
}

void register_routes(launch::Server& server) {
  server.on_start([](const launch::WorkerInfo&) {
    migrate(database_path(), example_count());
  });
  server.Get("/orders", list_orders)
      .Post("/orders", create_order)
      .Get(R"(/orders/(\d{1,18}))", get_order)
      .Put(R"(/orders/(\d{1,18}))", replace_order)
      .Delete(R"(/orders/(\d{1,18}))", remove_order)
      .set_exception_handler(answer_exception)
      .set_error_handler(answer_error);
}

}  // namespace
}  // namespace orders

LAUNCH_APP(orders::register_routes)
