#pragma once
// The journal on a disk: an SQLite database that one process at a time holds, with a thread of its
// own that commits what was appended in groups.
//
// Who holds it. The process holds FILE.lock while it lives; a second one is refused and told who
// has it. A lock can be lost (a shared file system, a hand that removes the file), so the stored
// term is checked inside every transaction too: whoever took a term later wins, the other is
// `deposed`.
//
// Groups. What waits is committed as one SQLite transaction, up to group_records_max records. A
// synced record, or a full group, is committed at once; tokens alone wait gather_ms_max for
// company. While one group is written the next one gathers. Only groups with a synced record are
// synced.
//
// A full disk. `full` comes for the first transaction that does not fit, and those before it in its
// group are durable. FILE.reserve holds reserve_bytes back: it is given up in steps for
// transactions of nothing but ClosedRecords, and taken again once another one fits.
//
// Thread rule: as Journal; `answered` is called on the journal's thread. read() and begin_term()
// use the disk on the caller's. The destructor finishes the group being written; what is still
// queued is neither kept nor answered.

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "runtime/journal/file_lock.hpp"
#include "runtime/journal/journal.hpp"
#include "runtime/journal/journal_rules.hpp"
#include "runtime/journal/record_codec.hpp"
#include "runtime/journal/reserve_file.hpp"
#include "runtime/journal/sqlite_file.hpp"

namespace pecia::runtime {

struct SqliteJournalOptions {
  // Tokens wait so long for others before they are committed. More saves commits, and each token
  // is heard of later.
  int gather_ms_max = 10;
  // Of one group; a larger transaction is a group of its own.
  std::size_t group_records_max = 64;
  std::size_t transaction_records_max = 1'024;
  // Appended and not yet answered; what goes beyond is answered `full`.
  std::size_t queued_records_max = 65'536;
  std::uint64_t record_bytes_max = 64 * 1024 * 1024;
  // Of the database; the write-ahead log comes on top.
  std::uint64_t file_bytes_max = std::uint64_t{4} << 30;
  std::uint64_t reserve_bytes = 1024 * 1024;
  // Of write-ahead log before it is moved into the database: more moves a page less often, and
  // makes the pause longer. Sixteen times as much is its limit where that fails.
  std::uint64_t checkpoint_bytes = 4 * 1024 * 1024;
  // Waiting for another process that reads the file by SQLite's own tools.
  int busy_ms_max = 1'000;
};

struct SqliteJournalCounts {
  std::uint64_t groups = 0;  // committed
  std::uint64_t synced_groups = 0;
  std::uint64_t records = 0;
};

class SqliteJournal final : public Journal {
 public:
  // Kind elsewhere: another process has it. Refuses a file that is no journal, or a later one's.
  static kernels::Expected<std::unique_ptr<SqliteJournal>> open(
      const std::string& path, RecordCodec codec, const SqliteJournalOptions& options = {});
  ~SqliteJournal() override;

  kernels::Expected<std::vector<Record>> read() override;
  kernels::Expected<Term> begin_term(Boot boot, std::uint64_t unix_ms) override;
  std::uint64_t append(std::vector<Record> records) override;
  void retry() override;
  void on_answer(Answered answered) override;

  SqliteJournalCounts counts() const;  // since open()

 private:
  struct Transaction {
    std::uint64_t number = 0;
    std::vector<Record> records;
    bool crowded_out = false;  // too much was queued before it; it holds no records
  };
  struct Group {
    std::vector<Transaction> transactions;  // none: the journal is being closed
    bool retry = false;                     // asked for before these were appended
  };
  struct Encoded;  // rows of a group and the bytes they point to

  SqliteJournal(std::string path, RecordCodec codec, const SqliteJournalOptions& options,
                FileLock lock, std::unique_ptr<SqliteFile> file);
  kernels::Expected<std::vector<Record>> fold();
  kernels::Status fold_transaction(std::span<const StoredRecord> rows, JournalRules& rules,
                                   std::vector<Record>& records) const;
  StorageAnswer write(Encoded& encoded, Term stored_term);
  StorageAnswer write_in_reserve(Encoded& encoded);

  // -- on the journal's thread
  void work();
  Group next_group();
  bool is_urgent() const;
  std::vector<AppendAnswer> keep(const Group& group);
  std::size_t keep_some(std::span<const Transaction> transactions);
  std::size_t admit(std::span<const Transaction> transactions, Encoded& encoded);
  StorageAnswer admit_one(const Transaction& transaction, Encoded& encoded);
  void end_stall();

  // Constant after open().
  const std::string path_;
  const RecordCodec codec_;
  const SqliteJournalOptions options_;
  const FileLock lock_;
  Answered answered_;  // constant from the first append() on

  mutable std::mutex file_mutex_;  // guards what follows; held while the disk works
  std::unique_ptr<SqliteFile> file_;
  ReserveFile reserve_;
  JournalRules rules_;                  // all that is durable
  bool folded_ = false;                 // rules_ is what the file holds
  Term term_ = 0;                       // this writer's; 0 before begin_term()
  std::optional<StorageAnswer> stall_;  // how everything is answered until retry()
  SqliteJournalCounts counts_;

  mutable std::mutex queue_mutex_;  // guards what follows; never held while the disk works
  std::condition_variable wake_;
  std::deque<Transaction> queue_;
  std::uint64_t appended_ = 0;  // transactions, so also the name of the last
  std::uint64_t unanswered_ = 0;
  std::size_t queued_records_ = 0;
  std::size_t queued_synced_ = 0;  // of those
  bool retry_ = false;
  bool closing_ = false;

  std::thread thread_;
};

}  // namespace pecia::runtime
