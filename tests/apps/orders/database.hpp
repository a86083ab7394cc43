#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace orders {

/// What SQLite refused.
class DatabaseError : public std::runtime_error {
 public:
  explicit DatabaseError(sqlite3* connection);

  /// Another process held the write lock for longer than the busy time-out.
  bool busy() const { return code_ == SQLITE_BUSY; }

 private:
  int code_;
};

/// A connection to a database file, for one thread at a time. Waits up to five
/// seconds for a lock that another connection holds.
class Connection {
 public:
  explicit Connection(const std::string& path);

  /// Runs SQL that takes no values and returns no rows.
  void execute(const char* sql);
  /// Runs a transaction that holds the write lock from its beginning;
  /// `work` throwing undoes it.
  template <typename Work>
  void transaction(const Work& work);

  sqlite3* get() const { return handle_.get(); }

 private:
  struct Close {
    void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
  };
  std::unique_ptr<sqlite3, Close> handle_;
};

/// The rows of one execution of a statement, which is reset at the end.
class Rows {
 public:
  explicit Rows(sqlite3_stmt* statement) : statement_(statement) {}
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;
  ~Rows() { sqlite3_reset(statement_); }

  /// Moves to the next row, first of all to the first one.
  bool next();

  std::int64_t integer(int column) const {
    return sqlite3_column_int64(statement_, column);
  }
  std::string text(int column) const;

 private:
  sqlite3_stmt* statement_;
};

/// A prepared statement, used again and again.
class Statement {
 public:
  Statement(const Connection& connection, std::string_view sql);

  /// Starts an execution with the values for ?1, ?2, ...
  template <typename... Values>
  Rows run(const Values&... values) {
    int index = 0;
    (bind(++index, values), ...);
    return Rows(handle_.get());
  }

 private:
  void bind(int index, std::int64_t value);
  void bind(int index, std::string_view value);
  void check(int result) const;

  struct Finalize {
    void operator()(sqlite3_stmt* handle) const { sqlite3_finalize(handle); }
  };
  std::unique_ptr<sqlite3_stmt, Finalize> handle_;
};

template <typename Work>
void Connection::transaction(const Work& work) {
  execute("BEGIN IMMEDIATE");
  try {
    work();
    execute("COMMIT");
  } catch (...) {
    sqlite3_exec(get(), "ROLLBACK", nullptr, nullptr, nullptr);
    throw;
  }
}

}  // namespace orders
