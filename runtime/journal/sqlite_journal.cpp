#include "runtime/journal/sqlite_journal.hpp"

#include <algorithm>
#include <cassert>
#include <chrono>
#include <system_error>

namespace pecia::runtime {

using kernels::ErrorKind;
using kernels::Expected;
using kernels::fail;
using kernels::Status;

namespace {

constexpr int kTermAttemptsMax = 3;  // another writer may take a term between reading and writing

SqliteFileLimits file_limits(const SqliteJournalOptions& options) {
  return {options.file_bytes_max, options.reserve_bytes, options.record_bytes_max,
          options.checkpoint_bytes, options.busy_ms_max};
}

std::size_t count_synced(const std::vector<Record>& records) {
  return static_cast<std::size_t>(std::count_if(records.begin(), records.end(), is_synced));
}

bool holds_term(const std::vector<Record>& records) {
  return std::any_of(records.begin(), records.end(), [](const Record& record) {
    return std::holds_alternative<TermRecord>(record);
  });
}

}  // namespace

struct SqliteJournal::Encoded {
  std::vector<StoredRecord> rows;
  std::deque<std::vector<std::byte>> bytes;  // a row's span stays where it is
  bool synced = false;

  void add(const Record& record, std::vector<std::byte> encoded, Term term) {
    bytes.push_back(std::move(encoded));
    rows.push_back({0, term, static_cast<std::uint8_t>(record.index()), false, bytes.back()});
    synced = synced || is_synced(record);
  }
};

Expected<std::unique_ptr<SqliteJournal>> SqliteJournal::open(const std::string& path,
                                                             RecordCodec codec,
                                                             const SqliteJournalOptions& options) {
  assert(options.group_records_max > 0 && options.checkpoint_bytes > 0);
  Expected<FileLock> lock = FileLock::take(path + ".lock", path);
  if (!lock) return lock.error();
  Expected<std::unique_ptr<SqliteFile>> file = SqliteFile::open(path, file_limits(options));
  if (!file) return file.error();
  try {
    return std::unique_ptr<SqliteJournal>(
        new SqliteJournal(path, std::move(codec), options, std::move(*lock), std::move(*file)));
  } catch (const std::system_error& error) {
    return fail(ErrorKind::retry, "{}: no thread for the journal: {}", path, error.what());
  }
}

SqliteJournal::SqliteJournal(std::string path, RecordCodec codec,
                             const SqliteJournalOptions& options, FileLock lock,
                             std::unique_ptr<SqliteFile> file)
    : path_(std::move(path)),
      codec_(std::move(codec)),
      options_(options),
      lock_(std::move(lock)),
      file_(std::move(file)),
      reserve_(path_ + ".reserve", options.reserve_bytes) {
  reserve_.hold();
  thread_ = std::thread([this] { work(); });
}

SqliteJournal::~SqliteJournal() {
  {
    const std::lock_guard guard(queue_mutex_);
    closing_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void SqliteJournal::on_answer(Answered answered) { answered_ = std::move(answered); }

SqliteJournalCounts SqliteJournal::counts() const {
  const std::lock_guard guard(file_mutex_);
  return counts_;
}

// -- reading and taking a term

Expected<std::vector<Record>> SqliteJournal::read() {
  const std::lock_guard guard(file_mutex_);
  return fold();
}

Expected<std::vector<Record>> SqliteJournal::fold() {
  JournalRules rules;
  std::vector<Record> records;
  Status status = file_->read(
      [&](std::span<const StoredRecord> rows) { return fold_transaction(rows, rules, records); });
  folded_ = status.ok();
  if (!status) return status.error();
  rules_ = std::move(rules);
  return records;
}

Status SqliteJournal::fold_transaction(std::span<const StoredRecord> rows, JournalRules& rules,
                                       std::vector<Record>& records) const {
  const std::size_t before = records.size();
  std::string why;
  for (const StoredRecord& row : rows) {
    Expected<Record> record = codec_.decode(row.bytes);
    if (!record) {
      why = record.error().message;
    } else if (record->index() != row.kind) {
      why = fmt::format("kind {} in its row, {} in its bytes", row.kind, record->index());
    } else {
      records.push_back(std::move(*record));
      continue;
    }
    break;
  }
  if (why.empty()) {
    const Status follows = rules.admit(std::span(records).subspan(before));
    if (!follows) why = follows.error().message;
  }
  rules.keep();
  for (const StoredRecord& row : rows) {
    if (why.empty() && row.term != rules.term()) {
      why = fmt::format("written under term {}, where term {} holds", row.term, rules.term());
    }
  }
  if (why.empty()) return {};
  // Its checksum agrees, so a writer wrote it like this: cutting it off would hide a fault of ours.
  return fail(ErrorKind::refuse,
              "{}: record {} cannot have been written by this program ({}); use the one that wrote "
              "it, or move the file away to start without its jobs",
              path_, rows.front().sequence, why);
}

Expected<Term> SqliteJournal::begin_term(Boot boot, std::uint64_t unix_ms) {
  const std::lock_guard guard(file_mutex_);
  if (Status raised = file_->raise_format(); !raised) return raised.error();
  for (int attempt = 0; attempt < kTermAttemptsMax; ++attempt) {
    if (!folded_) {
      if (Expected<std::vector<Record>> records = fold(); !records) return records.error();
    }
    const Record record = TermRecord{rules_.term() + 1, boot, unix_ms};
    Encoded encoded;
    encoded.add(record, codec_.encode(record), rules_.term() + 1);
    encoded.rows.back().ends = true;
    const StorageAnswer kept = write(encoded, rules_.term());
    if (kept.ok()) {
      [[maybe_unused]] const Status followed = rules_.admit(std::span(&record, 1));
      assert(followed.ok());
      rules_.keep();
      stall_.reset();
      term_ = rules_.term();
      return term_;
    }
    if (kept.outcome != AppendOutcome::deposed) {
      return fail(ErrorKind::retry, "{}: cannot begin a term: {}", path_, kept.why);
    }
    folded_ = false;
  }
  return fail(ErrorKind::retry, "{}: another process keeps taking terms; end it first", path_);
}

StorageAnswer SqliteJournal::write(Encoded& encoded, Term stored_term) {
  StorageAnswer kept = file_->append(encoded.rows, stored_term, encoded.synced);
  if (!kept.ok()) return kept;
  counts_.groups += 1;
  counts_.synced_groups += encoded.synced;
  counts_.records += encoded.rows.size();
  return kept;
}

// -- the queue

std::uint64_t SqliteJournal::append(std::vector<Record> records) {
  const std::size_t synced = count_synced(records);
  const std::lock_guard guard(queue_mutex_);
  Transaction transaction{++appended_, {}, false};
  transaction.crowded_out = queued_records_ + records.size() > options_.queued_records_max;
  if (!transaction.crowded_out) {
    queued_records_ += records.size();
    queued_synced_ += synced;
    transaction.records = std::move(records);
  }
  ++unanswered_;
  queue_.push_back(std::move(transaction));
  // The thread waits for a first one, and then for reasons to hurry.
  if (queue_.size() == 1 || is_urgent()) wake_.notify_one();
  return appended_;
}

void SqliteJournal::retry() {
  const std::lock_guard guard(queue_mutex_);
  assert(unanswered_ == 0);
  retry_ = true;
}

bool SqliteJournal::is_urgent() const {
  return queued_synced_ > 0 || queued_records_ >= options_.group_records_max ||
         queue_.size() >= options_.group_records_max;
}

SqliteJournal::Group SqliteJournal::next_group() {
  std::unique_lock lock(queue_mutex_);
  wake_.wait(lock, [this] { return closing_ || !queue_.empty(); });
  wake_.wait_for(lock, std::chrono::milliseconds(options_.gather_ms_max),
                 [this] { return closing_ || is_urgent(); });
  Group group;
  if (closing_) return group;
  group.retry = std::exchange(retry_, false);
  std::size_t records = 0;
  while (!queue_.empty() && group.transactions.size() < options_.group_records_max) {
    const std::size_t more = queue_.front().records.size();
    if (!group.transactions.empty() && records + more > options_.group_records_max) break;
    records += more;
    queued_synced_ -= count_synced(queue_.front().records);
    group.transactions.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  queued_records_ -= records;
  return group;
}

// -- the journal's thread

void SqliteJournal::work() {
  for (;;) {
    const Group group = next_group();
    if (group.transactions.empty()) return;
    const std::vector<AppendAnswer> answers = keep(group);
    {
      const std::lock_guard guard(queue_mutex_);
      unanswered_ -= answers.size();
    }
    if (answered_) answered_(answers);
    const std::lock_guard guard(file_mutex_);
    // Where it fails the log grows on, up to its limit; appends say what is wrong then.
    [[maybe_unused]] const StorageAnswer moved = file_->checkpoint_if_large();
  }
}

std::vector<AppendAnswer> SqliteJournal::keep(const Group& group) {
  const std::lock_guard guard(file_mutex_);
  if (group.retry) end_stall();
  const std::span<const Transaction> all(group.transactions);
  std::size_t kept = 0;
  while (kept < all.size() && !stall_) kept += keep_some(all.subspan(kept));
  std::vector<AppendAnswer> answers;
  answers.reserve(all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (i < kept) {
      answers.push_back({all[i].number, AppendOutcome::durable, ""});
    } else {
      answers.push_back({all[i].number, stall_->outcome, stall_->why});
    }
  }
  return answers;
}

// How many, from the first on, are durable now. None: stall_ says why.
std::size_t SqliteJournal::keep_some(std::span<const Transaction> transactions) {
  assert(!stall_ && !transactions.empty());
  Encoded encoded;
  const std::size_t admitted = admit(transactions, encoded);
  if (admitted == 0) return 0;
  StorageAnswer kept = write(encoded, term_);
  const bool full = kept.outcome == AppendOutcome::full;
  if (full && admitted > 1) {  // the first of them may still fit
    rules_.take_back();
    return keep_some(transactions.first(1));
  }
  const bool closes = only_closes(transactions.front().records);
  if (full && closes) kept = write_in_reserve(encoded);
  if (!kept.ok()) {
    rules_.take_back();
    stall_ = std::move(kept);
    return 0;
  }
  rules_.keep();
  if (!closes) reserve_.hold();
  return admitted;
}

StorageAnswer SqliteJournal::write_in_reserve(Encoded& encoded) {
  file_->set_slack(true);
  StorageAnswer kept;
  do {
    kept = write(encoded, term_);
  } while (kept.outcome == AppendOutcome::full && reserve_.release());
  file_->set_slack(false);
  return kept;
}

// How many, from the first on, follow from what is durable. None: stall_ says why.
std::size_t SqliteJournal::admit(std::span<const Transaction> transactions, Encoded& encoded) {
  std::size_t admitted = 0;
  for (const Transaction& transaction : transactions) {
    StorageAnswer answer = admit_one(transaction, encoded);
    if (!answer.ok()) {
      if (admitted == 0) stall_ = std::move(answer);
      break;
    }
    ++admitted;
  }
  return admitted;
}

StorageAnswer SqliteJournal::admit_one(const Transaction& transaction, Encoded& encoded) {
  if (transaction.crowded_out) {
    return {AppendOutcome::full, fmt::format("{}: {} records wait to be written already", path_,
                                             options_.queued_records_max)};
  }
  const std::vector<Record>& records = transaction.records;
  const auto refuse = [this](std::string why) -> StorageAnswer {
    return {AppendOutcome::broken, fmt::format("{}: not written: {}", path_, why)};
  };
  if (term_ == 0) return refuse("begin_term() comes first");
  if (records.size() > options_.transaction_records_max) {
    return refuse(fmt::format("{} records in a transaction, at most {} are allowed", records.size(),
                              options_.transaction_records_max));
  }
  if (holds_term(records)) return refuse("a term is taken by begin_term() alone");
  std::vector<std::vector<std::byte>> bytes;
  bytes.reserve(records.size());
  for (const Record& record : records) {
    bytes.push_back(codec_.encode(record));
    if (bytes.back().size() > options_.record_bytes_max) {
      return refuse(fmt::format("a record of {} bytes, at most {} are allowed", bytes.back().size(),
                                options_.record_bytes_max));
    }
  }
  if (Status follows = rules_.admit(records); !follows) return refuse(follows.error().message);
  for (std::size_t i = 0; i < records.size(); ++i) {
    encoded.add(records[i], std::move(bytes[i]), term_);
  }
  if (!records.empty()) encoded.rows.back().ends = true;
  return {};
}

void SqliteJournal::end_stall() {
  if (!stall_ || stall_->outcome == AppendOutcome::deposed) return;
  if (stall_->outcome == AppendOutcome::broken) {
    // After a failed sync the kernel may count as written what never reached the disk, and a later
    // sync would not try again. A checkpoint writes the pages anew, into the database, and syncs.
    if (StorageAnswer moved = file_->checkpoint(); !moved.ok()) {
      stall_ = std::move(moved);
      return;
    }
  }
  stall_.reset();
}

}  // namespace pecia::runtime
