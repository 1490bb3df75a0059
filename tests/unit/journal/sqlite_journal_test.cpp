#include "runtime/journal/sqlite_journal.hpp"

#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "tests/catch.hpp"
#include "tests/unit/journal/faulty_vfs.hpp"
#include "tests/unit/journal/journal_rig.hpp"
#include "tests/unit/journal/story.hpp"
#include "tests/unit/journal/test_codec.hpp"
#include "tests/unit/weights/temporary_folder.hpp"

using namespace pecia::runtime;
using namespace pecia::runtime::test;
using pecia::kernels::ErrorKind;
using pecia::kernels::Expected;

namespace {

namespace fs = std::filesystem;

using JournalPointer = std::unique_ptr<SqliteJournal>;

JournalPointer opened_at(const std::string& path, const SqliteJournalOptions& options = {}) {
  Expected<JournalPointer> journal = SqliteJournal::open(path, test_codec(), options);
  INFO((journal ? "" : journal.error().message));
  REQUIRE(journal.ok());
  return std::move(*journal);
}

// One line that names the file, of opening or, where that succeeds, of reading.
std::string refusal_of(const std::string& path) {
  Expected<JournalPointer> journal = SqliteJournal::open(path, test_codec());
  std::string message;
  if (!journal) {
    message = journal.error().message;
  } else {
    Expected<std::vector<Record>> records = (*journal)->read();
    REQUIRE_FALSE(records.ok());
    CHECK(records.error().kind == ErrorKind::refuse);
    message = records.error().message;
  }
  CHECK(message.find('\n') == message.npos);
  CHECK(message.find(path) == 0);
  return message;
}

bool says(const std::string& message, const std::string& part) {
  INFO(message);
  return message.find(part) != message.npos;
}

void run_sql(const std::string& path, const std::string& sql) {
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &database) == SQLITE_OK);
  char* why = nullptr;
  sqlite3_exec(database, sql.c_str(), nullptr, nullptr, &why);
  INFO((why == nullptr ? "" : why));
  CHECK(why == nullptr);
  sqlite3_free(why);
  sqlite3_close(database);
}

// Journal of records 1: term, 2: opened, 3: planned (one transaction), 4..6: tokens, each alone.
void write_six(const std::string& path) {
  const JournalPointer journal = opened_at(path);
  Answers answers;
  answers.listen_to(*journal);
  REQUIRE(journal->begin_term(5, 0).ok());
  journal->append({opened(1), planned(1, 1)});
  for (const std::uint64_t from : {0, 4, 8}) journal->append({tokens(1, "1", from)});
  answers.wait_for(4);
}

std::size_t records_of(const std::string& path) {
  Expected<std::vector<Record>> records = opened_at(path)->read();
  INFO((records ? "" : records.error().message));
  REQUIRE(records.ok());
  return records->size();
}

// A journal that waits a minute for groups of eight, with job 1 of eight steps in it.
struct Gathering {
  FaultyVfs vfs;
  const TemporaryFolder folder;
  const JournalPointer journal =
      opened_at(folder.file("journal"), {.gather_ms_max = 60'000, .group_records_max = 8});
  Answers answers;

  Gathering() {
    answers.listen_to(*journal);
    REQUIRE(journal->begin_term(5, 0).ok());
    journal->append({opened(1), planned(1, 8)});
    answers.wait_for(1);
  }
};

std::string format_of(const std::string& path) {
  std::string format;
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &database) == SQLITE_OK);
  const auto take = [](void* text, int, char** row, char**) {
    *static_cast<std::string*>(text) = row[0];
    return 0;
  };
  CHECK(sqlite3_exec(database, "PRAGMA user_version", take, &format, nullptr) == SQLITE_OK);
  sqlite3_close(database);
  return format;
}

}  // namespace

TEST_CASE("a journal of format 1 is read as it is, and is one of format 2 from then on") {
  const TemporaryFolder folder;
  const std::string path = folder.file("journal");
  write_six(path);
  run_sql(path, "PRAGMA user_version = 1");
  CHECK(records_of(path) == 6);
  CHECK(format_of(path) == "1");  // whoever only reads changes nothing
  const JournalPointer journal = opened_at(path);
  Answers answers;
  answers.listen_to(*journal);
  REQUIRE(*journal->begin_term(6, 1'234) == 2);
  journal->append({PlacedRecord{{job_of(1), "1"}, {2, 1}, {"a", 1}}});
  answers.wait_for(1);
  const auto records = journal->read();
  REQUIRE(records.ok());
  REQUIRE(records->size() == 8);
  CHECK(std::get<TermRecord>(records->at(0)).unix_ms == 0);
  CHECK(std::get<TermRecord>(records->at(6)).unix_ms == 1'234);
  CHECK(format_of(path) == "2");
}

TEST_CASE("a second opener is refused and told who has the journal, until the first lets go") {
  const TemporaryFolder folder;
  const std::string path = folder.file("journal");
  JournalPointer first = opened_at(path);
  Expected<JournalPointer> second = SqliteJournal::open(path, test_codec());
  REQUIRE_FALSE(second.ok());
  CHECK(second.error().kind == ErrorKind::elsewhere);
  CHECK(says(second.error().message, path));
  CHECK(says(second.error().message, "process " + std::to_string(::getpid())));
  first.reset();
  opened_at(path);
}

TEST_CASE("the files of a journal are for their owner alone") {
  const TemporaryFolder folder;
  const std::string path = folder.file("journal");
  const JournalPointer journal = opened_at(path);
  REQUIRE(journal->begin_term(5, 0).ok());
  for (const char* end : {"", "-wal", "-shm", ".lock", ".reserve"}) {
    INFO(end);
    struct stat status {};
    REQUIRE(::stat((path + end).c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
  }
}

TEST_CASE("the reserve is allocated and not only a length") {
  const TemporaryFolder folder;
  const std::string path = folder.file("journal");
  const JournalPointer journal = opened_at(path, {.reserve_bytes = 256 * 1024});
  struct stat status {};
  REQUIRE(::stat((path + ".reserve").c_str(), &status) == 0);
  CHECK(status.st_size == 256 * 1024);
  CHECK(status.st_blocks * 512 >= 256 * 1024);
}

TEST_CASE("what is no journal, or a later one, is refused and left as it was") {
  const TemporaryFolder folder;
  const std::string path = folder.file("journal");
  SECTION("a text") {
    const std::string text(5'000, 'x');
    write_file(path, text);
    CHECK(says(refusal_of(path), "no journal"));
    CHECK(read_file(path) == text);
  }
  SECTION("another program's database") {
    run_sql(path, "CREATE TABLE songs(title)");
    const std::string before = read_file(path);
    CHECK(says(refusal_of(path), "no journal of pecia"));
    CHECK(read_file(path) == before);
  }
  SECTION("a later format") {
    write_six(path);
    run_sql(path, "PRAGMA user_version = 3");
    CHECK(says(refusal_of(path), "format 3"));
    CHECK(says(refusal_of(path), "formats 1 to 2"));
  }
  SECTION("a table more") {
    write_six(path);
    run_sql(path, "CREATE TABLE more(a)");
    CHECK(says(refusal_of(path), "not those of a journal"));
  }
  SECTION("a trigger") {
    write_six(path);
    run_sql(path, "CREATE TRIGGER t AFTER INSERT ON records BEGIN DELETE FROM records; END");
    CHECK(says(refusal_of(path), "not those of a journal"));
  }
  SECTION("a folder") {
    fs::create_directory(path);
    CHECK_FALSE(refusal_of(path).empty());
  }
  SECTION("a place that is not there") {
    const std::string nowhere = folder.file("no/journal");
    CHECK_FALSE(SqliteJournal::open(nowhere, test_codec()).ok());
  }
  SECTION("a log whose database is gone") {
    write_file(path + "-wal", "records");
    CHECK(says(refusal_of(path), "-wal"));
    CHECK(read_file(path + "-wal") == "records");
  }
}

TEST_CASE("a flipped last record is cut off with the rest of its transaction") {
  const TemporaryFolder folder;
  const std::string path = folder.file("journal");
  write_six(path);
  run_sql(path, "UPDATE records SET checksum = checksum + 1 WHERE sequence = 6");
  CHECK(records_of(path) == 5);
  run_sql(path, "DELETE FROM records WHERE sequence > 3");
  run_sql(path, "UPDATE records SET bytes = x'00' WHERE sequence = 3");
  CHECK(records_of(path) == 1);  // 2 and 3 are one transaction
}

TEST_CASE("a row of another type, sequence or term than was written counts as damage") {
  const TemporaryFolder folder;
  const std::string path = folder.file("journal");
  write_six(path);
  const auto* change = GENERATE("term = 2", "kind = 4", "kind = 300", "ends = 0", "ends = 7",
                                "sequence = 7", "bytes = zeroblob(length(bytes))", "checksum = 0");
  INFO(change);
  run_sql(path, std::string("UPDATE records SET ") + change + " WHERE sequence = 6");
  CHECK(records_of(path) == 5);
}

TEST_CASE("damage with good records behind it is refused by number, and nothing is cut off") {
  const TemporaryFolder folder;
  const std::string path = folder.file("journal");
  write_six(path);
  SECTION("a changed record") {
    run_sql(path, "UPDATE records SET checksum = 0 WHERE sequence = 4");
  }
  SECTION("a missing record") { run_sql(path, "DELETE FROM records WHERE sequence = 4"); }
  const std::string before = read_file(path);
  const std::string message = refusal_of(path);
  CHECK(says(message, "record 4 "));
  CHECK(says(message, "put back a copy"));
  CHECK(read_file(path) == before);
}

TEST_CASE("damage that no record shows, but the next page taken would, is refused") {
  const TemporaryFolder folder;
  const std::string path = folder.file("journal");
  write_six(path);
  constexpr std::size_t kFreePagesByte = 39;  // lowest of the count in SQLite's file header
  std::string bytes = read_file(path);
  REQUIRE(bytes.at(kFreePagesByte) == 0);
  bytes[kFreePagesByte] = 7;
  write_file(path, bytes);
  CHECK(says(refusal_of(path), "the database is damaged"));
}

TEST_CASE("records that check out but break the rules are refused, not cut off") {
  const TemporaryFolder folder;
  const std::string path = folder.file("journal");
  write_six(path);
  const RecordCodec codec = test_codec();
  const std::vector<std::byte> bytes = codec.encode(tokens(1, "1", 99));
  const StoredRecord row{7, 1, 3, true, bytes};
  run_sql(path, "INSERT INTO records VALUES(7, 1, 3, 1, x'" +
                    pecia::kernels::hex(std::span(
                        reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size())) +
                    "', " + std::to_string(static_cast<std::int64_t>(checksum_of(row))) + ")");
  CHECK(says(refusal_of(path), "record 7 cannot have been written"));
}

TEST_CASE("what waits together is one group, and only groups with a decision are synced") {
  Gathering it;
  const int syncs = it.vfs.log_syncs;
  CHECK(syncs >= 2);
  REQUIRE(it.journal->counts().groups == 2);
  for (int i = 1; i <= 8; ++i) it.journal->append({tokens(1, std::to_string(i), 0)});
  it.answers.wait_for(9);  // a full group does not wait out its minute
  CHECK(it.journal->counts().groups == 3);
  CHECK(it.journal->counts().synced_groups == 2);
  CHECK(it.vfs.log_syncs == syncs);
  it.journal->append({tokens(1, "1", 4)});
  it.journal->append({tokens(1, "2", 4)});
  it.journal->append({ended(1, "1", 8)});
  it.answers.wait_for(12);  // nor does one with a decision
  CHECK(it.journal->counts().synced_groups == 3);
  CHECK(it.vfs.log_syncs == syncs + 1);
  CHECK(it.journal->counts().records == 3 + 8 + 3);
}

TEST_CASE("a failed sync is broken, and the retry writes anew what may not have reached the disk") {
  FaultyVfs vfs;
  const TemporaryFolder folder;
  const std::string path = folder.file("journal");
  fs::create_directory(folder.file("image"));
  const JournalPointer journal = opened_at(path);
  Answers answers;
  answers.listen_to(*journal);
  REQUIRE(journal->begin_term(5, 0).ok());
  journal->append({opened(1), planned(1, 1)});
  journal->append({tokens(1, "1", 0)});
  answers.wait_for(2);
  vfs.syncs_fail = true;
  journal->append({ended(1, "1", 4)});
  CHECK(answers.wait_for(3)[2].outcome == AppendOutcome::broken);
  vfs.syncs_fail = false;
  vfs.image = folder.file("image");
  journal->retry();
  journal->append({ended(1, "1", 4)});
  CHECK(answers.wait_for(4)[3].outcome == AppendOutcome::durable);
  CHECK(fs::exists(folder.file("image/journal")));  // the database itself was written and synced
}

TEST_CASE("a journal at its largest size is full, but for the closing of jobs") {
  const TemporaryFolder folder;
  const std::string path = folder.file("journal");
  const JournalPointer journal =
      opened_at(path, {.group_records_max = 4, .file_bytes_max = 40 * kJournalPageBytes});
  Answers answers;
  answers.listen_to(*journal);
  REQUIRE(journal->begin_term(5, 0).ok());
  journal->append({opened(1), planned(1, 1)});
  answers.wait_for(1);
  std::vector<Record> kept = {opened(1), planned(1, 1)};
  std::size_t appended = 1;
  for (std::uint64_t from = 0;; from += 500) {
    journal->append({tokens(1, "1", from, 500)});
    const AppendOutcome outcome = answers.wait_for(++appended).back().outcome;
    REQUIRE(appended < 1'000);
    if (outcome == AppendOutcome::full) break;
    REQUIRE(outcome == AppendOutcome::durable);
    kept.push_back(tokens(1, "1", from, 500));
  }
  CHECK(kept.size() > 20);
  journal->retry();
  kept.push_back(ClosedRecord{job_of(1), JobEnd::failed, std::string(20'000, 'w')});
  journal->append({kept.back()});
  CHECK(answers.wait_for(++appended).back().outcome == AppendOutcome::durable);
  CHECK(without_terms(*journal->read()) == kept);
}

TEST_CASE("of a group that does not fit whole, the first transactions that fit are kept") {
  Gathering it;
  it.vfs.set_room(100'000);
  for (int i = 1; i <= 8; ++i) it.journal->append({tokens(1, std::to_string(i), 0, 5'000)});
  const std::vector<AppendAnswer>& all = it.answers.wait_for(9);
  CHECK(all[1].outcome == AppendOutcome::durable);
  CHECK(all[8].outcome == AppendOutcome::full);
  std::size_t durable = 0;
  for (std::size_t i = 1; i < 9; ++i) durable += all[i].outcome == AppendOutcome::durable;
  CHECK(without_terms(*it.journal->read()).size() == 2 + durable);
  for (std::size_t i = 1; i < 9; ++i) {
    CHECK(all[i].outcome == (i <= durable ? AppendOutcome::durable : AppendOutcome::full));
  }
}

TEST_CASE("the write-ahead log moves into the database before it grows large") {
  const TemporaryFolder folder;
  const std::string path = folder.file("journal");
  const JournalPointer journal = opened_at(path, {.checkpoint_bytes = 128 * 1024});
  Answers answers;
  answers.listen_to(*journal);
  REQUIRE(journal->begin_term(5, 0).ok());
  journal->append({opened(1), planned(1, 1)});
  for (std::uint64_t i = 0; i < 200; ++i) {
    journal->append({tokens(1, "1", i * 1'000, 1'000)});
    answers.wait_for(i + 2);
  }
  CHECK(fs::file_size(path) > 500'000);
  CHECK(fs::file_size(path + "-wal") < 512 * 1024);
  CHECK(without_terms(*journal->read()).size() == 202);
}

TEST_CASE("records and transactions beyond their limits are refused") {
  const TemporaryFolder folder;
  const JournalPointer journal =
      opened_at(folder.file("journal"), {.transaction_records_max = 2, .record_bytes_max = 1'000});
  Answers answers;
  answers.listen_to(*journal);
  REQUIRE(journal->begin_term(5, 0).ok());
  journal->append({opened(1), opened(2), opened(3)});
  CHECK(says(answers.wait_for(1)[0].why, "at most 2"));
  journal->retry();
  journal->append({opened(1), planned(1, 100)});
  CHECK(says(answers.wait_for(2)[1].why, "at most 1000"));
  journal->retry();
  journal->append({opened(1), planned(1, 2)});
  CHECK(answers.wait_for(3)[2].outcome == AppendOutcome::durable);
}
