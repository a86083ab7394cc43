#include "tests/apps/orders/database.hpp"

namespace orders {
namespace {

constexpr int kBusyTimeoutMs = 5000;

}  // namespace

DatabaseError::DatabaseError(sqlite3* connection)
    : std::runtime_error(sqlite3_errmsg(connection)),
      code_(sqlite3_errcode(connection)) {}

Connection::Connection(const std::string& path) {
  sqlite3* handle = nullptr;
  // No mutex: a connection belongs to one thread.
  const int result = sqlite3_open_v2(
      path.c_str(), &handle,
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
      nullptr);
  handle_.reset(handle);
  if (result != SQLITE_OK) {
    const char* reason = sqlite3_errmsg(handle);
    throw std::runtime_error("cannot open the database " + path + ": " +
                             reason);
  }
  sqlite3_busy_timeout(handle, kBusyTimeoutMs);
  // With the write-ahead log this still survives a crash of the program.
  execute("PRAGMA synchronous = NORMAL");
}

void Connection::execute(const char* sql) {
  if (sqlite3_exec(get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK)
    throw DatabaseError(get());
}

bool Rows::next() {
  switch (sqlite3_step(statement_)) {
    case SQLITE_ROW:
      return true;
    case SQLITE_DONE:
      return false;
    default:
      throw DatabaseError(sqlite3_db_handle(statement_));
  }
}

std::string Rows::text(int column) const {
  const auto* text = sqlite3_column_text(statement_, column);
  const int bytes = sqlite3_column_bytes(statement_, column);
  return {reinterpret_cast<const char*>(text), static_cast<std::size_t>(bytes)};
}

Statement::Statement(const Connection& connection, std::string_view sql) {
  sqlite3_stmt* handle = nullptr;
  if (sqlite3_prepare_v3(
          connection.get(), sql.data(), static_cast<int>(sql.size()),
          SQLITE_PREPARE_PERSISTENT, &handle, nullptr) != SQLITE_OK)
    throw DatabaseError(connection.get());
  handle_.reset(handle);
}

void Statement::bind(int index, std::int64_t value) {
  check(sqlite3_bind_int64(handle_.get(), index, value));
}

void Statement::bind(int index, std::string_view value) {
  check(sqlite3_bind_text64(handle_.get(), index, value.data(), value.size(),
                            SQLITE_TRANSIENT, SQLITE_UTF8));
}

void Statement::check(int result) const {
  if (result != SQLITE_OK)
    throw DatabaseError(sqlite3_db_handle(handle_.get()));
}

}  // namespace orders
