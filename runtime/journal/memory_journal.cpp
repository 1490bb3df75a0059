#include "runtime/journal/memory_journal.hpp"

#include <algorithm>
#include <cassert>

namespace pecia::runtime {

using kernels::ErrorKind;
using kernels::Expected;
using kernels::fail;
using kernels::Status;

namespace {

constexpr const char* kName = "journal in memory";

}  // namespace

// -- the disk

void JournalDisk::power_loss(std::size_t unsynced_kept) {
  assert(synced_ <= kept_.size());
  kept_.resize(std::min(kept_.size(), synced_ + std::min(unsynced_kept, unsynced())));
  synced_ = kept_.size();  // what came through lies on the disk now
}

void JournalDisk::tear_last() {
  if (!kept_.empty()) kept_.back().whole = false;
}

void JournalDisk::damage(std::size_t transaction) {
  assert(transaction < kept_.size());
  kept_[transaction].whole = false;
}

std::vector<Record> JournalDisk::records() const {
  std::vector<Record> records;
  for (const Kept& kept : kept_) {
    if (!kept.whole) break;
    records.insert(records.end(), kept.records->begin(), kept.records->end());
  }
  return records;
}

// -- reading and taking a term

Expected<std::vector<Record>> MemoryJournal::read() {
  if (Status folded = fold(); !folded) return folded.error();
  return disk_.records();
}

Status MemoryJournal::fold() {
  const auto is_torn = [](const JournalDisk::Kept& kept) { return !kept.whole; };
  const auto torn = std::find_if(disk_.kept_.begin(), disk_.kept_.end(), is_torn);
  if (!std::all_of(torn, disk_.kept_.end(), is_torn)) {
    return fail(ErrorKind::refuse, "{}: transaction {} is damaged, and good ones follow", kName,
                torn - disk_.kept_.begin() + 1);
  }
  disk_.kept_.erase(torn, disk_.kept_.end());
  disk_.synced_ = std::min(disk_.synced_, disk_.kept_.size());
  JournalRules rules;
  for (JournalDisk::Kept& kept : disk_.kept_) {
    kept.confirmed = true;  // who reads it builds on it
    Status follows = rules.admit(*kept.records);
    if (follows && kept.term != rules.term()) {
      follows = fail(ErrorKind::bug, "written under term {}, where term {} holds", kept.term,
                     rules.term());
    }
    if (!follows) return fail(ErrorKind::refuse, "{}: {}", kName, follows.error().message);
    rules.keep();
  }
  rules_ = std::move(rules);
  seen_ = disk_.kept_.size();
  folded_ = true;
  return {};
}

Expected<Term> MemoryJournal::begin_term(Boot boot, std::uint64_t unix_ms) {
  assert(queue_.empty());
  remove_unconfirmed();
  if (!folded_ || seen_ != disk_.kept_.size()) {
    if (Status folded = fold(); !folded) return folded.error();
  }
  const Record record = TermRecord{rules_.term() + 1, boot, unix_ms};
  if (const Answer room = room_for(std::span(&record, 1)); !room.ok()) {
    return fail(ErrorKind::retry, "{}: cannot begin a term: {}", kName, room.why);
  }
  [[maybe_unused]] const Status follows = rules_.admit(std::span(&record, 1));
  assert(follows.ok());
  rules_.keep();
  term_ = rules_.term();
  stall_.reset();
  put(term_, {record});
  disk_.synced_ = disk_.kept_.size();
  return term_;
}

// -- appending

std::uint64_t MemoryJournal::append(std::vector<Record> records) {
  Transaction transaction{++appended_, std::move(records), false};
  if (queued_records_ + transaction.records.size() > options_.queued_records_max) {
    transaction.crowded_out = true;
    transaction.records.clear();
  }
  queued_records_ += transaction.records.size();
  queue_.push_back(std::move(transaction));
  return appended_;
}

void MemoryJournal::retry() {
  assert(queue_.empty() && answers_.empty());
  if (stall_ && stall_->outcome != AppendOutcome::deposed) stall_.reset();
}

bool MemoryJournal::step() {
  if (queue_.empty()) return false;
  bool synced = false;
  for (std::size_t records = 0; !queue_.empty() && records < options_.group_records_max;) {
    Transaction transaction = std::move(queue_.front());
    queue_.pop_front();
    queued_records_ -= transaction.records.size();
    records += std::max<std::size_t>(transaction.records.size(), 1);
    const bool wants_sync =
        std::any_of(transaction.records.begin(), transaction.records.end(), is_synced);
    const Answer answer = keep(transaction);
    synced = synced || (answer.ok() && wants_sync);
    answers_.push_back({transaction.number, answer.outcome, answer.why});
  }
  if (synced && options_.syncs) disk_.synced_ = disk_.kept_.size();
  if (!hold_) deliver();
  return true;
}

void MemoryJournal::deliver(std::size_t count) {
  for (; count > 0 && !answers_.empty(); --count) {
    const AppendAnswer answer = std::move(answers_.front());
    answers_.pop_front();
    if (answered_) answered_(std::span(&answer, 1));
  }
}

MemoryJournal::Answer MemoryJournal::keep(Transaction& transaction) {
  if (stall_) return *stall_;
  const auto stall = [this](AppendOutcome outcome, std::string why) {
    stall_ = Answer{outcome, std::move(why)};
    return *stall_;
  };
  if (term_ == 0) return stall(AppendOutcome::broken, "begin_term() comes first");
  const std::vector<Record>& records = transaction.records;
  if (std::any_of(records.begin(), records.end(), [](const Record& record) {
        return std::holds_alternative<TermRecord>(record);
      })) {
    return stall(AppendOutcome::broken, "a term is taken by begin_term() alone");
  }
  remove_unconfirmed();
  if (options_.checks_term && !disk_.kept_.empty() && disk_.kept_.back().term > term_) {
    return stall(AppendOutcome::deposed,
                 fmt::format("another writer has taken term {}", disk_.kept_.back().term));
  }
  if (options_.checks_term && disk_.kept_.size() != seen_) {
    return stall(AppendOutcome::broken,
                 "the disk holds what this writer has neither read nor written");
  }
  if (transaction.crowded_out) return stall(AppendOutcome::full, "the queue is full");
  if (const Answer room = room_for(records); !room.ok()) return stall(room.outcome, room.why);
  if (Status follows = rules_.admit(records); !follows) {
    return stall(AppendOutcome::broken, follows.error().message);
  }
  if (disk_.unconfirmed_) {
    rules_.take_back();
    put(term_, std::move(transaction.records));
    disk_.kept_.back().confirmed = false;
    --seen_;
    return stall(AppendOutcome::broken, "the disk did not confirm");
  }
  rules_.keep();
  put(term_, std::move(transaction.records));
  return {};
}

// As the write-ahead log of a real one: what was not confirmed is overwritten by the next writing.
void MemoryJournal::remove_unconfirmed() {
  while (!disk_.kept_.empty() && !disk_.kept_.back().confirmed) disk_.kept_.pop_back();
  disk_.synced_ = std::min(disk_.synced_, disk_.kept_.size());
}

MemoryJournal::Answer MemoryJournal::room_for(std::span<const Record> records) {
  if (disk_.broken_) return {AppendOutcome::broken, "the disk fails"};
  if (!disk_.full_) {
    disk_.reserve_used_ = 0;
    return {};
  }
  if (only_closes(records) && disk_.reserve_used_ + records.size() <= options_.reserve_records) {
    disk_.reserve_used_ += records.size();
    return {};
  }
  return {AppendOutcome::full, "the disk is full"};
}

void MemoryJournal::put(Term term, std::vector<Record> records) {
  disk_.kept_.push_back({term, std::make_shared<const std::vector<Record>>(std::move(records))});
  seen_ = disk_.kept_.size();
}

}  // namespace pecia::runtime
