#pragma once
// The journal's twin without a disk: the same contract, one thread, and every fault a disk can
// have. A JournalDisk is what survives a process; a MemoryJournal over it is that process's writer,
// and destroying it is the crash. Nothing happens but in step() and deliver(), so a test decides
// where the crash lies: before the commit, between commit and answer, or after it. Two
// MemoryJournals over one disk are two coordinators, of which each believes it has the lock.
//
// Thread rule: disk and journals are one thread's.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/journal/journal.hpp"
#include "runtime/journal/journal_rules.hpp"

namespace pecia::runtime {

// What lies on the disk. A value: a copy is another disk with the same content, and cheap, for
// transactions are shared.
class JournalDisk {
 public:
  // -- faults that last until they are taken back
  void set_full(bool full) { full_ = full; }  // a closing transaction fits reserve_records times
  void set_broken(bool broken) { broken_ = broken; }
  // Broken only in telling: what is appended is on the disk, as after a failed sync, and answered
  // `broken`. The same writer's next append takes its place; a reader before that finds it.
  void set_unconfirmed(bool unconfirmed) { unconfirmed_ = unconfirmed; }

  // -- faults of a moment. REQUIRES: afterwards, a new MemoryJournal.
  // Forgets what was written since the last sync but for its first `unsynced_kept` transactions.
  void power_loss(std::size_t unsynced_kept = 0);
  void tear_last();                      // the last transaction was half written
  void damage(std::size_t transaction);  // counted from 0; a bad spot on the disk

  // -- what a test asks
  std::size_t transactions() const { return kept_.size(); }
  std::size_t unsynced() const { return kept_.size() - synced_; }  // lost by a power loss
  std::vector<Record> records() const;  // of all whole transactions before the first damaged
  // REQUIRES transaction < transactions().
  const std::vector<Record>& records_of(std::size_t transaction) const {
    return *kept_[transaction].records;
  }
  Term writer_of(std::size_t transaction) const { return kept_[transaction].term; }

 private:
  friend class MemoryJournal;
  struct Kept {
    Term term = 0;  // of the writer
    std::shared_ptr<const std::vector<Record>> records;
    bool whole = true;
    bool confirmed = true;
  };

  std::vector<Kept> kept_;
  std::size_t synced_ = 0;        // of kept_, from the first on
  std::size_t reserve_used_ = 0;  // records
  bool full_ = false;
  bool broken_ = false;
  bool unconfirmed_ = false;
};

struct MemoryJournalOptions {
  std::size_t group_records_max = 64;
  std::size_t queued_records_max = 65'536;  // what goes beyond is answered `full`
  std::size_t reserve_records = 1'024;      // ClosedRecords that fit a full disk
  // A journal without them is broken: for tests that have to notice it.
  bool checks_term = true;
  bool syncs = true;
};

class MemoryJournal final : public Journal {
 public:
  // `disk` outlives it.
  explicit MemoryJournal(JournalDisk& disk, const MemoryJournalOptions& options = {})
      : disk_(disk), options_(options) {}

  // Commits the next group and delivers its answers, unless they are held. False: nothing to do.
  bool step();
  // Answers stay inside from now on, as of a disk that is slow to confirm; or may go again.
  void hold_answers(bool hold) { hold_ = hold; }
  // Delivers what is held, also while holding: all of it, or the next `count`.
  void deliver(std::size_t count = SIZE_MAX);
  std::size_t queued() const { return queue_.size(); }  // transactions not yet committed
  std::size_t held_answers() const { return answers_.size(); }

  kernels::Expected<std::vector<Record>> read() override;
  kernels::Expected<Term> begin_term(Boot boot, std::uint64_t unix_ms) override;
  std::uint64_t append(std::vector<Record> records) override;
  void retry() override;
  void on_answer(Answered answered) override { answered_ = std::move(answered); }

 private:
  struct Transaction {
    std::uint64_t number = 0;
    std::vector<Record> records;
    bool crowded_out = false;
  };
  struct Answer {
    AppendOutcome outcome = AppendOutcome::durable;
    std::string why;
    bool ok() const { return outcome == AppendOutcome::durable; }
  };

  kernels::Status fold();
  void remove_unconfirmed();
  Answer room_for(std::span<const Record> records);
  Answer keep(Transaction& transaction);
  void put(Term term, std::vector<Record> records);

  JournalDisk& disk_;
  MemoryJournalOptions options_;
  Answered answered_;
  JournalRules rules_;
  std::size_t seen_ = 0;  // transactions of the disk that rules_ knows
  bool folded_ = false;
  Term term_ = 0;  // this writer's; 0 before begin_term()
  std::optional<Answer> stall_;
  std::deque<Transaction> queue_;
  std::size_t queued_records_ = 0;
  std::deque<AppendAnswer> answers_;  // not yet delivered
  std::uint64_t appended_ = 0;
  bool hold_ = false;
};

}  // namespace pecia::runtime
