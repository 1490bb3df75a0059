#pragma once
// The one place that remembers: an append-only stream of records with one writer. Starting is
// resuming, so reading it is the first thing a coordinator does.
//
// Contract. Opening takes the journal for this process alone. append() never blocks on a disk; its
// answer comes later, and answers come in the order of the calls:
//   durable   all records of the transaction are kept, and will be read back in this order; where
//             one of them is synced, all before it survive power loss too
//   full      nothing of it was kept; the same transaction may succeed later
//   broken    nothing of it stands, and the storage says why; later appends may succeed. Where the
//             disk took the bytes and failed to confirm them, a reader after a crash may find them
//   deposed   another writer has opened the journal since; nothing of it was kept, nor ever will be
// After a `full` or `broken` every transaction is answered the same until the writer calls retry(),
// so no later record can stand without one that was appended before it. After a `deposed` all are
// deposed. When the disk is full, a transaction of nothing but ClosedRecords may still fit, for a
// little room is held back for them: append it before others after retry().
//
// Thread rule: the caller's thread alone calls; `answered` is called on a thread of the journal's
// choosing, never inside append(). It may not call the journal.

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/base/expected.hpp"
#include "runtime/wire/records.hpp"

namespace pecia::runtime {

enum class AppendOutcome : std::uint8_t { durable, full, broken, deposed };
std::string_view name_of(AppendOutcome outcome);

struct AppendAnswer {
  std::uint64_t transaction = 0;  // as append() named it: 1, 2, ...
  AppendOutcome outcome = AppendOutcome::durable;
  std::string why;  // of all but durable, for people
};

// Whether a transaction may use the room held back for ends of jobs.
bool only_closes(std::span<const Record> records);

class Journal {
 public:
  virtual ~Journal() = default;

  // Every record since the first, in order. Only the prefix that is whole and checks out is
  // returned, and what lies behind it is cut off; damage that cannot come from a torn write (a
  // broken record with good ones behind it) is refused. REQUIRES: all answers are in.
  virtual kernels::Expected<std::vector<Record>> read() = 0;

  // Takes the next term for `boot`, synced; unix_ms is now. The writer of every later append is
  // this one. An error of kind retry may go away (a full disk). REQUIRES: all answers are in.
  virtual kernels::Expected<Term> begin_term(Boot boot, std::uint64_t unix_ms) = 0;

  // All records or none. Names the transaction.
  // REQUIRES begin_term(), and records that follow from those before (journal_rules.hpp) and hold
  // no TermRecord: a transaction that does not is answered `broken` and is the caller's bug.
  virtual std::uint64_t append(std::vector<Record> records) = 0;

  // After `full` or `broken`, once all answers are in: what is appended from now on is tried again.
  virtual void retry() = 0;

  // Those that came to be known together, in order of append.
  using Answered = std::function<void(std::span<const AppendAnswer>)>;
  virtual void on_answer(Answered answered) = 0;  // REQUIRES: before the first append()
};

}  // namespace pecia::runtime
