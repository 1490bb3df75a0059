#pragma once
// The door to SQLite: one connection, its statements, and what its errors mean to a journal.
// Thread rule: one thread at a time.

#include <sqlite3.h>

#include <memory>
#include <string>

#include "kernels/base/expected.hpp"
#include "runtime/journal/journal.hpp"

namespace pecia::runtime {

// How the storage took something; `why` says more unless it is durable.
struct StorageAnswer {
  AppendOutcome outcome = AppendOutcome::durable;
  std::string why;
  bool ok() const { return outcome == AppendOutcome::durable; }
};

class SqliteConnection {
 public:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

  // REQUIRES a file there, empty or not. Waits up to `busy_ms` for another connection's lock.
  static kernels::Expected<SqliteConnection> open(const std::string& path, int busy_ms);

  StorageAnswer run(const std::string& sql);  // statements without rows of interest
  kernels::Expected<Statement> prepare(const char* sql);
  kernels::Expected<std::string> text_of(const char* sql);  // first column of the first row
  static int step(sqlite3_stmt* statement);                 // as sqlite3_step(), ready for answer()
  void roll_back();  // where a transaction is open; REQUIRES no statement under way

  StorageAnswer answer(int code) const;  // of the call just made, a step() or run()
  kernels::Error error(int code) const;  // the same: retry where it may go away
  bool is_structural(int code) const;    // the database itself is damaged, or is none
  sqlite3* raw() const { return database_.get(); }

 private:
  struct Close {
    void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
  };
  SqliteConnection(std::string path, sqlite3* database)
      : path_(std::move(path)), database_(database) {}

  std::string path_;
  std::unique_ptr<sqlite3, Close> database_;
};

}  // namespace pecia::runtime
