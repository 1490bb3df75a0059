// Truncations and flipped bits of the files of a closed journal, and of one whose process was
// killed with records in the write-ahead log.

#include <algorithm>
#include <filesystem>

#include "kernels/base/philox.hpp"
#include "tests/catch.hpp"
#include "tests/unit/journal/faulty_vfs.hpp"
#include "tests/unit/journal/journal_rig.hpp"
#include "tests/unit/journal/story.hpp"
#include "tests/unit/journal/test_codec.hpp"
#include "tests/unit/weights/temporary_folder.hpp"

using namespace pecia::runtime;
using namespace pecia::runtime::test;
using pecia::kernels::Expected;

namespace {

namespace fs = std::filesystem;

struct Files {
  std::string database;
  std::string log;
};

struct Tally {
  int refused = 0;
  int shortened = 0;
  int whole = 0;
};

SqliteJournalOptions small_options() {
  SqliteJournalOptions options;
  options.reserve_bytes = 0;
  options.group_records_max = 8;
  options.checkpoint_bytes = 64 * 1024;
  return options;
}

bool is_prefix(const std::vector<Record>& part, const std::vector<Record>& whole) {
  return part.size() <= whole.size() && std::equal(part.begin(), part.end(), whole.begin());
}

// Writes `all`; afterwards the journal's files, before and after it was closed.
std::pair<Files, Files> write_files(const std::string& path, const std::vector<Transaction>& all) {
  Expected<std::unique_ptr<SqliteJournal>> journal =
      SqliteJournal::open(path, test_codec(), small_options());
  REQUIRE(journal.ok());
  Answers answers;
  answers.listen_to(**journal);
  REQUIRE((*journal)->begin_term(5, 0).ok());
  for (const Transaction& transaction : all) (*journal)->append(transaction);
  for (const AppendAnswer& answer : answers.wait_for(all.size())) {
    REQUIRE(answer.outcome == AppendOutcome::durable);
  }
  Files open{read_file(path), read_file(path + "-wal")};
  journal->reset();
  return {open, {read_file(path), ""}};
}

// One truncation, or up to three flipped bits.
void harm(std::string& bytes, std::uint64_t seed) {
  const auto draw = [&](std::uint64_t number, std::uint64_t below) {
    return pecia::kernels::philox64(seed, number, 7) % below;
  };
  if (bytes.empty()) return;
  if (draw(0, 3) == 0) {
    bytes.resize(draw(1, bytes.size()));
    return;
  }
  for (std::uint64_t flip = 0; flip <= draw(2, 3); ++flip) {
    char& byte = bytes[draw(3 + 2 * flip, bytes.size())];
    byte = static_cast<char>(byte ^ (1 << draw(4 + 2 * flip, 8)));
  }
}

// Opens and reads; where that works, also takes a term, writes and reads again.
void judge(const std::string& path, const std::vector<Record>& all, Tally& tally) {
  const auto refuse = [&](const pecia::kernels::Error& error) {
    CHECK(error.message.find('\n') == std::string::npos);
    CHECK(error.message.find(path) == 0);
    ++tally.refused;
  };
  std::vector<Record> kept;
  {
    Expected<std::unique_ptr<SqliteJournal>> journal =
        SqliteJournal::open(path, test_codec(), small_options());
    if (!journal) return refuse(journal.error());
    Expected<std::vector<Record>> records = (*journal)->read();
    if (!records) return refuse(records.error());
    REQUIRE(is_prefix(*records, all));
    ++(records->size() < all.size() ? tally.shortened : tally.whole);
    kept = std::move(*records);
    Answers answers;
    answers.listen_to(**journal);
    Expected<Term> term = (*journal)->begin_term(6, 0);
    REQUIRE(term.ok());
    CHECK(*term == (kept.empty() ? 1 : 2));
    kept.push_back(TermRecord{*term, 6});
    (*journal)->append({opened(99), planned(99, 40)});
    REQUIRE(answers.wait_for(1)[0].outcome == AppendOutcome::durable);
    kept.push_back(opened(99));
    kept.push_back(planned(99, 40));
  }
  Expected<std::unique_ptr<SqliteJournal>> again = SqliteJournal::open(path, test_codec());
  REQUIRE(again.ok());
  Expected<std::vector<Record>> records = (*again)->read();
  INFO((records ? "" : records.error().message));
  REQUIRE(records.ok());
  CHECK(*records == kept);
}

}  // namespace

TEST_CASE("a harmed journal opens with a prefix of its records, or is refused in one line") {
  FaultyVfs vfs;
  vfs.skip_syncs = true;
  const TemporaryFolder folder;
  const std::vector<Transaction> all = story(11, 3, 6, 14);
  const auto [open, closed] = write_files(folder.file("original"), all);
  REQUIRE(open.log.size() > 4'096);
  std::vector<Record> records = flat(all);
  records.insert(records.begin(), TermRecord{1, 5});
  const std::string path = folder.file("journal");
  Tally of_closed;
  Tally of_open;
  for (std::uint64_t seed = 0; seed < 2'000; ++seed) {
    INFO("seed " << seed);
    const bool with_log = seed % 2 == 1;
    Files files = with_log ? open : closed;
    const bool harm_log = with_log && seed % 4 == 1;
    harm(harm_log ? files.log : files.database, seed);
    for (const char* end : {"-wal", "-shm"}) fs::remove(path + end);
    write_file(path, files.database);
    if (with_log) write_file(path + "-wal", files.log);
    judge(path, records, with_log ? of_open : of_closed);
  }
  for (const Tally& tally : {of_closed, of_open}) {
    INFO(tally.refused << " refused, " << tally.shortened << " shortened, " << tally.whole
                       << " whole");
    CHECK(tally.refused > 100);
    CHECK(tally.whole > 10);
  }
  CHECK(of_open.shortened > 100);
}
