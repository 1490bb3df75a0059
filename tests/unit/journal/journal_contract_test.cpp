// What journal.hpp promises, of the journal on a disk and of its twin in memory alike.

#include <algorithm>

#include "tests/catch.hpp"
#include "tests/unit/journal/journal_rig.hpp"
#include "tests/unit/journal/story.hpp"

using namespace pecia::runtime;
using namespace pecia::runtime::test;

namespace {

using Rig = std::unique_ptr<JournalRig>;

// One process's journal, from its opening on.
struct Writer {
  explicit Writer(JournalRig& on) : rig(on), journal(on.open()) { answers.listen_to(*journal); }

  std::vector<Record> read() {
    pecia::kernels::Expected<std::vector<Record>> records = journal->read();
    INFO((records ? "" : records.error().message));
    REQUIRE(records.ok());
    return *records;
  }
  Term begin(Boot boot = 5) {
    pecia::kernels::Expected<Term> term = journal->begin_term(boot, 0);
    INFO((term ? "" : term.error().message));
    REQUIRE(term.ok());
    return *term;
  }
  void append(Transaction records) {
    CHECK(journal->append(std::move(records)) == appended + 1);
    ++appended;
  }
  // Outcomes of all appends since the last call.
  std::vector<AppendOutcome> outcomes() {
    rig.run(*journal);
    const std::vector<AppendAnswer>& all = answers.wait_for(appended);
    REQUIRE(all.size() == appended);
    std::vector<AppendOutcome> since;
    for (; seen < appended; ++seen) {
      CHECK(all[seen].transaction == seen + 1);
      CHECK(all[seen].why.empty() == (all[seen].outcome == AppendOutcome::durable));
      since.push_back(all[seen].outcome);
    }
    return since;
  }

  JournalRig& rig;
  Answers answers;  // outlives the journal, whose thread may still call
  std::unique_ptr<Journal> journal;
  std::uint64_t appended = 0;
  std::uint64_t seen = 0;
};

using Outcomes = std::vector<AppendOutcome>;
constexpr auto kDurable = AppendOutcome::durable;
constexpr auto kFull = AppendOutcome::full;
constexpr auto kBroken = AppendOutcome::broken;
constexpr auto kDeposed = AppendOutcome::deposed;

Rig any_rig() { return GENERATE(true, false) ? memory_rig() : sqlite_rig(); }

}  // namespace

TEST_CASE("a new journal is empty, and every opening takes the next term") {
  const Rig rig = any_rig();
  CHECK(Writer(*rig).read().empty());
  for (Term term = 1; term <= 4; ++term) {
    Writer writer(*rig);
    CHECK(writer.begin(100 + term) == term);
  }
  CHECK(Writer(*rig).read() == std::vector<Record>{TermRecord{1, 101}, TermRecord{2, 102},
                                                   TermRecord{3, 103}, TermRecord{4, 104}});
}

TEST_CASE("what was answered durable is read back by the next process, in order") {
  const Rig rig = any_rig();
  const std::vector<Transaction> all = story(3, 2, 8, 10);
  const std::size_t half = all.size() / 2;
  for (const auto& [from, to] : {std::pair{std::size_t{0}, half}, std::pair{half, all.size()}}) {
    Writer writer(*rig);
    const std::vector<Record> before = writer.read();
    CHECK(without_terms(before) == flat(std::span(all).first(from)));
    writer.begin();
    for (std::size_t i = from; i < to; ++i) writer.append(all[i]);
    CHECK(writer.outcomes() == Outcomes(to - from, kDurable));
  }
  CHECK(without_terms(Writer(*rig).read()) == flat(all));
}

TEST_CASE("a journal can be read again by the writer it has") {
  const Rig rig = any_rig();
  Writer writer(*rig);
  writer.begin();
  writer.append({opened(1), planned(1, 1)});
  writer.outcomes();
  CHECK(without_terms(writer.read()) == std::vector<Record>{opened(1), planned(1, 1)});
  writer.append({tokens(1, "1", 0)});
  CHECK(writer.outcomes() == Outcomes{kDurable});
}

TEST_CASE("power loss takes no synced record and nothing before one") {
  const Rig rig = any_rig();
  const std::vector<Record> synced = {opened(1), planned(1, 2), tokens(1, "1", 0),
                                      ended(1, "1", 4)};
  {
    Writer writer(*rig);
    writer.begin();
    writer.append({synced[0], synced[1]});
    writer.outcomes();
    writer.append({synced[2]});
    writer.outcomes();
    writer.append({synced[3]});
    CHECK(writer.outcomes() == Outcomes{kDurable});
    writer.append({tokens(1, "2", 0)});  // survives a kill only
    CHECK(writer.outcomes() == Outcomes{kDurable});
    rig->lose_power();
  }
  Writer next(*rig);
  CHECK(without_terms(next.read()) == synced);
  CHECK(next.begin() == 2);
  next.append({tokens(1, "2", 0, 2)});
  CHECK(next.outcomes() == Outcomes{kDurable});
}

TEST_CASE("power loss after a term was taken leaves the term taken") {
  const Rig rig = any_rig();
  {
    Writer writer(*rig);
    CHECK(writer.begin() == 1);
    rig->lose_power();
  }
  CHECK(Writer(*rig).begin() == 2);
}

TEST_CASE("a full disk stops everything until retry, and loses nothing that was durable") {
  const Rig rig = any_rig();
  Writer writer(*rig);
  writer.begin();
  writer.append({opened(1), planned(1, 2)});
  CHECK(writer.outcomes() == Outcomes{kDurable});
  rig->set_full(true);
  writer.append({tokens(1, "1", 0)});
  CHECK(writer.outcomes() == Outcomes{kFull});
  rig->set_full(false);
  writer.append({tokens(1, "1", 0)});
  writer.append({tokens(1, "1", 4)});
  CHECK(writer.outcomes() == Outcomes{kFull, kFull});  // room is back, retry() was not called
  writer.journal->retry();
  writer.append({tokens(1, "1", 0)});
  writer.append({tokens(1, "1", 4)});
  CHECK(writer.outcomes() == Outcomes{kDurable, kDurable});
  const std::vector<Record> kept = {opened(1), planned(1, 2), tokens(1, "1", 0), tokens(1, "1", 4)};
  CHECK(without_terms(writer.read()) == kept);
}

TEST_CASE("a full disk still takes the closing of jobs, and the rest once room is back") {
  const Rig rig = any_rig();
  Writer writer(*rig);
  writer.begin();
  writer.append({opened(1), planned(1, 1), opened(2), planned(2, 1)});
  CHECK(writer.outcomes() == Outcomes{kDurable});
  rig->set_full(true);
  writer.append({closed(1)});
  CHECK(writer.outcomes() == Outcomes{kDurable});
  writer.append({tokens(2, "1", 0, 100'000), closed(2)});  // not only a closing
  CHECK(writer.outcomes() == Outcomes{kFull});
  rig->set_full(false);
  writer.journal->retry();
  writer.append({tokens(2, "1", 0, 100'000), closed(2)});
  CHECK(writer.outcomes() == Outcomes{kDurable});
}

TEST_CASE("a disk full at any point of a job delays it, and changes nothing") {
  const Rig rig = any_rig();
  const std::vector<Transaction> all = story(4, 1, 3, 4);
  Writer writer(*rig);
  writer.begin();
  for (const Transaction& transaction : all) {
    if (!only_closes(transaction)) {
      rig->set_full(true);
      writer.append(transaction);
      CHECK(writer.outcomes() == Outcomes{kFull});
      rig->set_full(false);
      writer.journal->retry();
    }
    writer.append(transaction);
    CHECK(writer.outcomes() == Outcomes{kDurable});
  }
  CHECK(without_terms(Writer(*rig).read()) == flat(all));
}

TEST_CASE("a broken disk stops everything until retry") {
  const Rig rig = any_rig();
  Writer writer(*rig);
  writer.begin();
  rig->set_broken(true);
  writer.append({opened(1)});
  CHECK(writer.outcomes() == Outcomes{kBroken});
  writer.journal->retry();
  writer.append({opened(1)});
  CHECK(writer.outcomes() == Outcomes{kBroken});
  rig->set_broken(false);
  writer.append({opened(1)});
  CHECK(writer.outcomes() == Outcomes{kBroken});
  writer.journal->retry();
  writer.append({opened(1)});
  CHECK(writer.outcomes() == Outcomes{kDurable});
  CHECK(without_terms(writer.read()) == std::vector<Record>{opened(1)});
}

TEST_CASE("the writer of an older term is deposed for good") {
  const Rig rig = any_rig();
  Writer older(*rig);
  older.begin();
  older.append({opened(1), planned(1, 1)});
  CHECK(older.outcomes() == Outcomes{kDurable});
  Writer newer(*rig);
  CHECK(newer.begin() == 2);
  older.append({tokens(1, "1", 0)});
  older.append({tokens(1, "1", 4)});
  CHECK(older.outcomes() == Outcomes{kDeposed, kDeposed});
  older.journal->retry();
  older.append({tokens(1, "1", 0)});
  CHECK(older.outcomes() == Outcomes{kDeposed});
  newer.append({tokens(1, "1", 0, 2)});
  CHECK(newer.outcomes() == Outcomes{kDurable});
  const std::vector<Record> kept = {opened(1), planned(1, 1), tokens(1, "1", 0, 2)};
  CHECK(without_terms(newer.read()) == kept);
}

TEST_CASE("a deposed writer that reads the newer term writes none the less nothing") {
  const Rig rig = any_rig();
  Writer older(*rig);
  older.begin();
  Writer newer(*rig);
  newer.begin();
  CHECK(older.read().size() == 2);
  older.append({opened(1)});
  CHECK(older.outcomes() == Outcomes{kDeposed});
}

TEST_CASE("a term goes to the one who takes it last, also between another's reading and taking") {
  const Rig rig = any_rig();
  Writer first(*rig);
  first.read();
  Writer second(*rig);
  CHECK(second.begin() == 1);
  second.append({opened(1)});
  CHECK(second.outcomes() == Outcomes{kDurable});
  CHECK(first.begin() == 2);
  first.append({opened(1)});
  CHECK(first.outcomes() == Outcomes{kBroken});  // it knows of the job by now
}

TEST_CASE("a transaction that does not follow is answered broken and kept in no part") {
  const Rig rig = any_rig();
  Writer writer(*rig);
  writer.append({opened(1)});
  CHECK(writer.outcomes() == Outcomes{kBroken});  // no term yet
  writer.begin();
  writer.append({opened(1), planned(1, 1)});
  writer.append({tokens(1, "1", 0), ended(1, "1", 5)});
  writer.append({tokens(1, "1", 0)});
  CHECK(writer.outcomes() == Outcomes{kDurable, kBroken, kBroken});
  writer.journal->retry();
  writer.append({TermRecord{2, 5}});
  CHECK(writer.outcomes() == Outcomes{kBroken});
  writer.journal->retry();
  writer.append({tokens(1, "1", 0)});
  CHECK(writer.outcomes() == Outcomes{kDurable});
  const std::vector<Record> kept = {opened(1), planned(1, 1), tokens(1, "1", 0)};
  CHECK(without_terms(writer.read()) == kept);
}

TEST_CASE("beyond the limit of the queue appends are answered full, in order") {
  const Rig rig = any_rig();
  Writer writer(*rig);
  writer.begin();
  writer.append({opened(1), planned(1, 1)});
  writer.append(Transaction(70'000, tokens(1, "1", 0)));
  writer.append({tokens(1, "1", 0)});
  CHECK(writer.outcomes() == Outcomes{kDurable, kFull, kFull});
}
