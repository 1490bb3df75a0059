#include "runtime/journal/sqlite_file.hpp"

#include <algorithm>
#include <cerrno>
#include <optional>

#include "runtime/journal/sqlite_layout.hpp"

namespace pecia::runtime {

using kernels::ErrorKind;
using kernels::Expected;
using kernels::fail;
using kernels::Status;

namespace {

constexpr std::uint64_t kRowOverheadBytes = 1024;  // of a row beyond the bytes of its record
constexpr std::uint64_t kPagesMax = 0xFFFFFFFE;    // of an SQLite database
constexpr std::uint64_t kLogRoundsMax = 16;        // checkpoint_bytes the log may grow to

// The same for every refusal: what a person can do.
constexpr const char* kRemedy = "put back a copy of it, or move it away to start without its jobs";

// Runs a statement that gives no rows.
StorageAnswer step_once(const SqliteConnection& connection, sqlite3_stmt* statement) {
  StorageAnswer answer = connection.answer(SqliteConnection::step(statement));
  sqlite3_reset(statement);
  return answer;
}

// The row under the cursor, where its checksum agrees; the bytes live until the next step.
std::optional<StoredRecord> checked_row(sqlite3_stmt* row, std::uint64_t bytes_max) {
  enum Column { sequence, term, kind, ends, bytes, checksum };
  for (const int column : {sequence, term, kind, ends, checksum}) {
    if (sqlite3_column_type(row, column) != SQLITE_INTEGER) return std::nullopt;
  }
  if (sqlite3_column_type(row, bytes) != SQLITE_BLOB) return std::nullopt;
  const auto number = [row](Column column) {
    return static_cast<std::uint64_t>(sqlite3_column_int64(row, column));
  };
  const auto* begin = static_cast<const std::byte*>(sqlite3_column_blob(row, bytes));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(row, bytes));
  if (number(kind) > 0xFF || number(ends) > 1 || size > bytes_max) return std::nullopt;
  const StoredRecord record{number(sequence), number(term), static_cast<std::uint8_t>(number(kind)),
                            number(ends) == 1, std::span(begin, size)};
  if (checksum_of(record) != number(checksum)) return std::nullopt;
  return record;
}

}  // namespace

// Rows of one transaction, gathered until its last.
struct SqliteFile::Walk {
  std::vector<StoredRecord> transaction;
  std::vector<std::vector<std::byte>> bytes;  // of those
  std::uint64_t kept = 0;                     // sequence of the last whole transaction's last
  bool rest = false;                          // something lies behind it

  std::uint64_t expected() const { return kept + transaction.size() + 1; }
  void add(const StoredRecord& record) {
    bytes.emplace_back(record.bytes.begin(), record.bytes.end());
    transaction.push_back(record);
    transaction.back().bytes = bytes.back();
  }
  void end_transaction() {
    kept += transaction.size();
    transaction.clear();
    bytes.clear();
  }
};

Expected<std::unique_ptr<SqliteFile>> SqliteFile::open(const std::string& path,
                                                       const SqliteFileLimits& limits) {
  if (Status made = make_journal_file(path); !made) return made.error();
  Expected<SqliteConnection> connection = SqliteConnection::open(path, limits.busy_ms_max);
  if (!connection) return connection.error();
  // A damaged length must not become an allocation.
  const std::uint64_t row_bytes_max = limits.record_bytes_max + kRowOverheadBytes;
  sqlite3_limit(connection->raw(), SQLITE_LIMIT_LENGTH,
                static_cast<int>(std::min<std::uint64_t>(row_bytes_max, 1'000'000'000)));
  if (Status laid = lay_out_journal(*connection, path); !laid) return laid.error();
  std::unique_ptr<SqliteFile> file(new SqliteFile(path, limits, std::move(*connection)));
  if (Status prepared = file->prepare_statements(); !prepared) return prepared.error();
  return file;
}

Status SqliteFile::raise_format() { return raise_journal_format(connection_, path_); }

Status SqliteFile::prepare_statements() {
  const struct {
    Statement& statement;
    const char* sql;
  } all[] = {
      {begin_, "BEGIN IMMEDIATE"},
      {last_, "SELECT sequence, term FROM records ORDER BY sequence DESC LIMIT 1"},
      {insert_, "INSERT INTO records VALUES(?1, ?2, ?3, ?4, ?5, ?6)"},
      {commit_, "COMMIT"},
  };
  for (const auto& one : all) {
    Expected<Statement> prepared = connection_.prepare(one.sql);
    if (!prepared) return prepared.error();
    one.statement = std::move(*prepared);
  }
  // Replaces SQLite's automatic checkpoint, which would run inside a commit and hide its errors.
  const auto count_pages = [](void* pages, sqlite3*, const char*, int now) {
    *static_cast<int*>(pages) = now;
    return SQLITE_OK;
  };
  sqlite3_wal_hook(connection_.raw(), count_pages, &log_pages_);
  const StorageAnswer synced = set_sync(true);
  if (synced.ok()) return {};
  return fail(ErrorKind::retry, "{}: {}", path_, synced.why);
}

Status SqliteFile::read(const Visit& visit) {
  if (StorageAnswer set = set_sync(true); !set.ok()) {
    return fail(ErrorKind::retry, "{}: {}", path_, set.why);
  }
  if (const StorageAnswer begun = step_once(connection_, begin_.get()); !begun.ok()) {
    return fail(ErrorKind::retry, "{}: cannot read: {}", path_, begun.why);
  }
  Walk pass;
  Status status = walk(pass, visit);
  if (status && pass.rest) status = cut_behind(pass.kept);
  if (status) status = check_structure();
  if (status) {
    const StorageAnswer committed = step_once(connection_, commit_.get());
    if (!committed.ok()) {
      status = fail(ErrorKind::retry, "{}: cannot cut off a torn record: {}", path_, committed.why);
    }
  }
  connection_.roll_back();
  if (status) last_sequence_ = pass.kept;
  return status;
}

Status SqliteFile::walk(Walk& pass, const Visit& visit) {
  Expected<Statement> rows = connection_.prepare(
      "SELECT sequence, term, kind, ends, bytes, checksum FROM records ORDER BY sequence");
  if (!rows) return rows.error();
  bool damaged = false;
  for (;;) {
    const int code = connection_.step(rows->get());
    if (code == SQLITE_DONE) break;
    if (code != SQLITE_ROW) return connection_.error(code);
    const std::optional<StoredRecord> row = checked_row(rows->get(), limits_.record_bytes_max);
    const bool next = row && !damaged && row->sequence == pass.expected();
    if (row && !next) {
      return fail(ErrorKind::refuse,
                  "{}: record {} is damaged or missing, and good ones follow; {}", path_,
                  pass.expected(), kRemedy);
    }
    damaged = !next;
    if (damaged) continue;
    pass.add(*row);
    if (!row->ends) continue;
    if (Status visited = visit(pass.transaction); !visited) return visited;
    pass.end_transaction();
  }
  pass.rest = damaged || !pass.transaction.empty();
  return {};
}

Status SqliteFile::cut_behind(std::uint64_t kept) {
  const StorageAnswer cut =
      connection_.run(fmt::format("DELETE FROM records WHERE sequence > {}", kept));
  if (!cut.ok()) {
    return fail(ErrorKind::retry, "{}: cannot cut off the damage behind record {}: {}", path_, kept,
                cut.why);
  }
  // Where the damage lies in the tree itself, a search may have gone astray.
  const Expected<std::string> left =
      connection_.text_of("SELECT count(*) || ' ' || ifnull(max(sequence), 0) FROM records");
  if (!left) return left.error();
  if (*left == fmt::format("{0} {0}", kept)) return {};
  return fail(ErrorKind::refuse, "{}: record {} is damaged and cannot be cut off; {}", path_,
              kept + 1, kRemedy);
}

// Checksums see every record, but not the free room and the counters that the next insert trusts.
Status SqliteFile::check_structure() {
  const Expected<std::string> found = connection_.text_of("PRAGMA quick_check(1)");
  if (!found) return found.error();
  if (*found == "ok") return {};
  std::string line = *found;
  std::replace(line.begin(), line.end(), '\n', ' ');
  return fail(ErrorKind::refuse, "{}: the database is damaged ({}); {}", path_, line, kRemedy);
}

StorageAnswer SqliteFile::append(std::span<StoredRecord> records, Term term, bool synced) {
  const std::uint64_t log_bytes = std::uint64_t{kJournalPageBytes} * log_pages_;
  if (log_bytes > kLogRoundsMax * limits_.checkpoint_bytes) {
    if (StorageAnswer moved = checkpoint(); !moved.ok()) return moved;
  }
  StorageAnswer answer = set_sync(synced);
  if (answer.ok()) answer = set_page_limit();
  if (answer.ok()) answer = step_once(connection_, begin_.get());
  if (answer.ok()) answer = check_writer(term);
  if (answer.ok()) answer = insert(records);
  if (answer.ok()) answer = step_once(connection_, commit_.get());
  connection_.roll_back();
  if (answer.ok()) last_sequence_ += records.size();
  return answer;
}

StorageAnswer SqliteFile::check_writer(Term term) {
  const int code = connection_.step(last_.get());
  std::uint64_t stored_sequence = 0;
  Term stored_term = 0;
  if (code == SQLITE_ROW) {
    stored_sequence = static_cast<std::uint64_t>(sqlite3_column_int64(last_.get(), 0));
    stored_term = static_cast<Term>(sqlite3_column_int64(last_.get(), 1));
  }
  StorageAnswer answer = connection_.answer(code);
  sqlite3_reset(last_.get());
  if (!answer.ok()) return answer;
  if (stored_term > term) {
    return {AppendOutcome::deposed, fmt::format("{}: another coordinator holds it under term {}, "
                                                "this one had term {}",
                                                path_, stored_term, term)};
  }
  if (stored_term == term && stored_sequence == last_sequence_) return {};
  return {AppendOutcome::broken,
          fmt::format("{}: ends with record {} of term {}, and record {} of term {} was written "
                      "last; was another file put in its place?",
                      path_, stored_sequence, stored_term, last_sequence_, term)};
}

StorageAnswer SqliteFile::insert(std::span<StoredRecord> records) {
  sqlite3_stmt* row = insert_.get();
  for (std::uint64_t i = 0; i < records.size(); ++i) {
    StoredRecord& record = records[i];
    record.sequence = last_sequence_ + 1 + i;
    const auto bind = [row](int column, std::uint64_t value) {
      sqlite3_bind_int64(row, column, static_cast<sqlite3_int64>(value));
    };
    bind(1, record.sequence);
    bind(2, record.term);
    bind(3, record.kind);
    bind(4, record.ends);
    // A null pointer would be NULL, not an empty blob.
    const void* bytes = record.bytes.empty() ? "" : static_cast<const void*>(record.bytes.data());
    sqlite3_bind_blob64(row, 5, bytes, record.bytes.size(), SQLITE_STATIC);
    bind(6, checksum_of(record));
    StorageAnswer inserted = step_once(connection_, row);
    sqlite3_clear_bindings(row);
    if (!inserted.ok()) return inserted;
  }
  return {};
}

// In WAL mode SQLite syncs the log at a commit under FULL, and under NORMAL not. A sync covers the
// whole log, so a commit under FULL makes all before it durable too; one under NORMAL lies in the
// kernel's cache, which a killed process leaves behind and a power loss does not. A checkpoint
// syncs log and database under both. The level cannot change inside a transaction.
StorageAnswer SqliteFile::set_sync(bool synced) {
  if (synced == full_sync_) return {};
  StorageAnswer set =
      connection_.run(synced ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
  if (set.ok()) full_sync_ = synced;
  return set;
}

// SQLite may have to open its files for this, which a full disk can keep it from.
StorageAnswer SqliteFile::set_page_limit() {
  const std::uint64_t bytes = limits_.file_bytes_max + (slack_ ? limits_.slack_bytes : 0);
  const std::uint64_t pages = std::clamp<std::uint64_t>(bytes / kJournalPageBytes, 1, kPagesMax);
  if (pages == pages_max_) return {};
  StorageAnswer set = connection_.run(fmt::format("PRAGMA max_page_count = {}", pages));
  if (set.ok()) pages_max_ = pages;
  return set;
}

StorageAnswer SqliteFile::checkpoint_if_large() {
  const std::uint64_t log_bytes = std::uint64_t{kJournalPageBytes} * log_pages_;
  return log_bytes > limits_.checkpoint_bytes ? checkpoint() : StorageAnswer{};
}

StorageAnswer SqliteFile::checkpoint() {
  int pages = 0;
  int moved = 0;
  errno = 0;
  const int code = sqlite3_wal_checkpoint_v2(connection_.raw(), "main", SQLITE_CHECKPOINT_PASSIVE,
                                             &pages, &moved);
  StorageAnswer answer = connection_.answer(code);
  if (answer.ok() && pages == moved) log_pages_ = 0;
  return answer;
}

}  // namespace pecia::runtime
