#include "runtime/journal/memory_journal.hpp"

#include "tests/catch.hpp"
#include "tests/unit/journal/story.hpp"

using namespace pecia::runtime;
using namespace pecia::runtime::test;

namespace {

struct Heard {
  void listen_to(Journal& journal) {
    journal.on_answer([this](std::span<const AppendAnswer> more) {
      answers.insert(answers.end(), more.begin(), more.end());
    });
  }
  std::vector<AppendAnswer> answers;
};

// A disk after `all` was written, each transaction a group.
JournalDisk written(const std::vector<Transaction>& all) {
  JournalDisk disk;
  MemoryJournal journal(disk);
  REQUIRE(journal.begin_term(5, 0).ok());
  for (const Transaction& transaction : all) {
    journal.append(transaction);
    REQUIRE(journal.step());
  }
  return disk;
}

std::vector<Record> read(JournalDisk& disk) {
  pecia::kernels::Expected<std::vector<Record>> records = MemoryJournal(disk).read();
  INFO((records ? "" : records.error().message));
  REQUIRE(records.ok());
  return without_terms(*records);
}

const std::vector<Transaction> kJob = {
    {opened(1), planned(1, 1)}, {tokens(1, "1", 0)}, {tokens(1, "1", 4)}, {tokens(1, "1", 8)}};

std::vector<Record> first(std::size_t transactions) {
  return flat(std::span(kJob).first(transactions));
}

}  // namespace

TEST_CASE("nothing is committed before a step, and a crash before it loses the transaction") {
  JournalDisk disk;
  {
    MemoryJournal journal(disk);
    REQUIRE(journal.begin_term(5, 0).ok());
    CHECK_FALSE(journal.step());
    journal.append(kJob[0]);
    CHECK(journal.queued() == 1);
  }
  CHECK(read(disk).empty());
}

TEST_CASE("a crash between commit and answer leaves what nobody heard of") {
  JournalDisk disk;
  Heard heard;
  {
    MemoryJournal journal(disk);
    heard.listen_to(journal);
    REQUIRE(journal.begin_term(5, 0).ok());
    journal.hold_answers(true);
    journal.append(kJob[0]);
    CHECK(journal.step());
    CHECK(journal.held_answers() == 1);
  }
  CHECK(heard.answers.empty());
  CHECK(read(disk) == first(1));
}

TEST_CASE("held answers come in order, one by one or all at once") {
  JournalDisk disk;
  MemoryJournal journal(disk);
  Heard heard;
  heard.listen_to(journal);
  REQUIRE(journal.begin_term(5, 0).ok());
  journal.hold_answers(true);
  for (const Transaction& transaction : kJob) journal.append(transaction);
  while (journal.step()) {
  }
  journal.deliver(1);
  REQUIRE(heard.answers.size() == 1);
  journal.hold_answers(false);
  journal.deliver();
  REQUIRE(heard.answers.size() == 4);
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(heard.answers[i].transaction == i + 1);
    CHECK(heard.answers[i].outcome == AppendOutcome::durable);
  }
}

TEST_CASE("a power loss keeps as much of what was not synced as it is told") {
  for (std::size_t kept = 0; kept <= 5; ++kept) {
    JournalDisk disk = written(kJob);
    CHECK(disk.unsynced() == 3);
    disk.power_loss(kept);
    CHECK(disk.unsynced() == 0);
    CHECK(read(disk) == first(1 + std::min<std::size_t>(kept, 3)));
  }
}

TEST_CASE("a torn last transaction is cut off, and writing goes on before it") {
  JournalDisk disk = written(kJob);
  disk.tear_last();
  CHECK(read(disk) == first(3));
  MemoryJournal journal(disk);
  REQUIRE(*journal.begin_term(6, 0) == 2);
  journal.append(kJob[3]);
  CHECK(journal.step());
  CHECK(read(disk) == first(4));
}

TEST_CASE("damage in the middle is refused, damage to all of the end is cut off") {
  JournalDisk disk = written(kJob);
  disk.damage(2);
  CHECK_FALSE(MemoryJournal(disk).read().ok());
  CHECK_FALSE(MemoryJournal(disk).begin_term(6, 0).ok());
  disk.damage(3);
  disk.damage(4);
  CHECK(read(disk) == first(1));
}

TEST_CASE("a copy of a disk is another disk") {
  JournalDisk disk = written(kJob);
  JournalDisk copy = disk;
  copy.tear_last();
  CHECK(read(copy) == first(3));
  CHECK(read(disk) == first(4));
}

TEST_CASE("an unconfirmed transaction gives way to the writer's next, and a reader may find it") {
  JournalDisk disk;
  MemoryJournal journal(disk);
  Heard heard;
  heard.listen_to(journal);
  REQUIRE(journal.begin_term(5, 0).ok());
  disk.set_unconfirmed(true);
  journal.append(kJob[0]);
  CHECK(journal.step());
  REQUIRE(heard.answers.size() == 1);
  CHECK(heard.answers[0].outcome == AppendOutcome::broken);
  JournalDisk crashed = disk;
  CHECK(read(crashed) == first(1));
  disk.set_unconfirmed(false);
  journal.retry();
  journal.append(kJob[0]);
  CHECK(journal.step());
  CHECK(heard.answers[1].outcome == AppendOutcome::durable);
  CHECK(read(disk) == first(1));
}

TEST_CASE("a group ends at its number of records, and is synced as a whole") {
  JournalDisk disk;
  MemoryJournal journal(disk, {.group_records_max = 3});
  REQUIRE(journal.begin_term(5, 0).ok());
  for (const Transaction& transaction : kJob) journal.append(transaction);
  CHECK(journal.step());
  CHECK(journal.queued() == 2);
  CHECK(disk.unsynced() == 0);
  CHECK(journal.step());
  CHECK(disk.unsynced() == 2);
}

TEST_CASE("the reserve of a full disk ends, and is back with the room") {
  JournalDisk disk;
  MemoryJournal journal(disk, {.reserve_records = 1});
  Heard heard;
  heard.listen_to(journal);
  REQUIRE(journal.begin_term(5, 0).ok());
  journal.append({opened(1), opened(2), opened(3)});
  journal.step();
  disk.set_full(true);
  journal.append({closed(1)});
  journal.append({closed(2)});
  journal.step();
  CHECK(heard.answers[1].outcome == AppendOutcome::durable);
  CHECK(heard.answers[2].outcome == AppendOutcome::full);
  disk.set_full(false);
  journal.retry();
  journal.append({closed(2)});
  journal.step();
  disk.set_full(true);
  journal.append({closed(3)});
  journal.step();
  CHECK(heard.answers[4].outcome == AppendOutcome::durable);
}
