#include "runtime/journal/sqlite_connection.hpp"

#include <cassert>
#include <cerrno>
#include <cstring>

namespace pecia::runtime {

using kernels::Error;
using kernels::ErrorKind;
using kernels::Expected;
using kernels::fail;

namespace {

constexpr int kPrimaryMask = 0xFF;

bool is_out_of_room(int code, int system_error) {
  switch (code & kPrimaryMask) {
    case SQLITE_FULL:
      return true;
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
      // SQLite calls ENOSPC full, but a quota or a limit of the process an I/O error.
      return system_error == ENOSPC || system_error == EDQUOT || system_error == EFBIG;
    default:
      return false;
  }
}

}  // namespace

Expected<SqliteConnection> SqliteConnection::open(const std::string& path, int busy_ms) {
  // Without a folder ":memory:" and "" would be no files; and no URI, which carries settings.
  const std::string name = path.find('/') == std::string::npos ? "./" + path : path;
  sqlite3* database = nullptr;
  constexpr int kFlags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
  const int code = sqlite3_open_v2(name.c_str(), &database, kFlags, nullptr);
  SqliteConnection connection(path, database);
  if (code != SQLITE_OK) return connection.error(code);
  sqlite3_extended_result_codes(database, 1);
  sqlite3_busy_timeout(database, busy_ms);
  // The file may be a stranger's: no triggers or views of it run, no page of it is mapped, and
  // cells are checked before they are followed.
  sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(database, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
  sqlite3_db_config(database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  const StorageAnswer set = connection.run("PRAGMA mmap_size = 0; PRAGMA cell_size_check = ON");
  if (!set.ok()) return fail(ErrorKind::refuse, "{}: {}", path, set.why);
  return connection;
}

int SqliteConnection::step(sqlite3_stmt* statement) {
  errno = 0;
  return sqlite3_step(statement);
}

StorageAnswer SqliteConnection::run(const std::string& sql) {
  errno = 0;
  return answer(sqlite3_exec(raw(), sql.c_str(), nullptr, nullptr, nullptr));
}

Expected<SqliteConnection::Statement> SqliteConnection::prepare(const char* sql) {
  sqlite3_stmt* statement = nullptr;
  const int code =
      sqlite3_prepare_v3(raw(), sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return error(code);
  return Statement(statement);
}

Expected<std::string> SqliteConnection::text_of(const char* sql) {
  Expected<Statement> statement = prepare(sql);
  if (!statement) return statement.error();
  const int code = step(statement->get());
  if (code == SQLITE_DONE) return std::string();
  if (code != SQLITE_ROW) return error(code);
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement->get(), 0));
  return std::string(text == nullptr ? "" : text);
}

void SqliteConnection::roll_back() {
  if (sqlite3_get_autocommit(raw()) == 0) {
    sqlite3_exec(raw(), "ROLLBACK", nullptr, nullptr, nullptr);
  }
}

StorageAnswer SqliteConnection::answer(int code) const {
  if (code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW) return {};
  // SQLite names the system's error of some statements; of a COMMIT it only leaves it in errno.
  const int named = sqlite3_system_errno(raw());
  const int system_error = named != 0 ? named : errno;
  if (is_out_of_room(code, system_error)) {
    return {AppendOutcome::full, "no room left for the journal"};
  }
  std::string why = sqlite3_errmsg(raw());
  if ((code & kPrimaryMask) == SQLITE_IOERR && system_error != 0) {
    why += fmt::format(" ({})", std::strerror(system_error));
  }
  return {AppendOutcome::broken, std::move(why)};
}

Error SqliteConnection::error(int code) const {
  if ((code & kPrimaryMask) == SQLITE_NOTADB) {
    return fail(ErrorKind::refuse,
                "{}: no journal of pecia, or its first page is damaged; name another file, or put "
                "back a copy of it",
                path_);
  }
  if (is_structural(code)) {
    return fail(ErrorKind::refuse,
                "{}: the database is damaged ({}); put back a copy of it, or move it away to start "
                "without its jobs",
                path_, sqlite3_errmsg(raw()));
  }
  const StorageAnswer what = answer(code);
  assert(!what.ok());
  return fail(ErrorKind::retry, "{}: {}", path_, what.why);
}

bool SqliteConnection::is_structural(int code) const {
  switch (code & kPrimaryMask) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_FORMAT:
    case SQLITE_TOOBIG:
    case SQLITE_ERROR:  // a schema that does not parse
      return true;
    default:
      return false;
  }
}

}  // namespace pecia::runtime
