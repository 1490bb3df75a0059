#pragma once
// The records of one journal in one SQLite database (journal_format.hpp): creating it, reading it
// with a judgement of every row, and appending under the check of the stored term.
// Thread rule: one thread at a time.

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "runtime/journal/journal_format.hpp"
#include "runtime/journal/sqlite_connection.hpp"

namespace pecia::runtime {

struct SqliteFileLimits {
  std::uint64_t file_bytes_max;
  std::uint64_t slack_bytes;  // beyond file_bytes_max, for set_slack(true)
  std::uint64_t record_bytes_max;
  std::uint64_t checkpoint_bytes;  // of write-ahead log that are moved into the database
  int busy_ms_max;                 // waiting for another connection's lock
};

class SqliteFile {
 public:
  // Creates what is not there, for the owner alone. Refuses what is no journal, or a later one.
  static kernels::Expected<std::unique_ptr<SqliteFile>> open(const std::string& path,
                                                             const SqliteFileLimits& limits);
  // A journal of an earlier format becomes one of this; before the first write().
  kernels::Status raise_format();
  SqliteFile(const SqliteFile&) = delete;
  SqliteFile& operator=(const SqliteFile&) = delete;

  // Calls `visit` with every whole transaction, in order; the bytes live until it returns. An error
  // of it ends the reading. What lies behind the last whole transaction is cut off, unless it holds
  // good records, which no torn write leaves behind bad ones: then, and where SQLite finds its own
  // structures damaged, the file is refused and stays as it was.
  using Visit = std::function<kernels::Status(std::span<const StoredRecord>)>;
  kernels::Status read(const Visit& visit);

  // One SQLite transaction. Deposed unless the last record stored is the last one that this object
  // read or wrote and its term is `term`. Synced: it, and all before it, survive power loss.
  // Numbers the records.
  StorageAnswer append(std::span<StoredRecord> records, Term term, bool synced);

  void set_slack(bool on) { slack_ = on; }  // whether appends may use slack_bytes
  // Moves the write-ahead log into the database, synced, where it has outgrown checkpoint_bytes.
  StorageAnswer checkpoint_if_large();
  StorageAnswer checkpoint();

 private:
  using Statement = SqliteConnection::Statement;
  struct Walk;  // a pass over the rows

  SqliteFile(std::string path, const SqliteFileLimits& limits, SqliteConnection connection)
      : path_(std::move(path)), limits_(limits), connection_(std::move(connection)) {}
  kernels::Status prepare_statements();
  kernels::Status walk(Walk& walk, const Visit& visit);
  kernels::Status cut_behind(std::uint64_t kept);
  kernels::Status check_structure();
  StorageAnswer check_writer(Term term);
  StorageAnswer insert(std::span<StoredRecord> records);
  StorageAnswer set_sync(bool synced);
  StorageAnswer set_page_limit();

  std::string path_;
  SqliteFileLimits limits_;
  SqliteConnection connection_;
  Statement begin_, last_, insert_, commit_;
  std::uint64_t last_sequence_ = 0;  // of the records this object has read or written
  bool full_sync_ = false;
  bool slack_ = false;
  std::uint64_t pages_max_ = 0;  // as SQLite was told; 0: not yet
  int log_pages_ = 0;            // in the write-ahead log after the last commit
};

}  // namespace pecia::runtime
