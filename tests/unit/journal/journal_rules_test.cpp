#include "runtime/journal/journal_rules.hpp"

#include "tests/catch.hpp"
#include "tests/unit/journal/story.hpp"

using namespace pecia::runtime;
using namespace pecia::runtime::test;

namespace {

// Rules after `records`, each of which must follow.
JournalRules after(const std::vector<Record>& records) {
  JournalRules rules;
  REQUIRE(rules.admit(records).ok());
  return rules;
}

bool follows(JournalRules& rules, const std::vector<Record>& records) {
  const pecia::kernels::Status status = rules.admit(records);
  if (status) return true;
  CHECK(status.error().kind == pecia::kernels::ErrorKind::bug);
  CHECK_FALSE(status.error().message.empty());
  return false;
}

const std::vector<Record> kPlanned = {TermRecord{1, 5}, opened(1), planned(1, 2)};

}  // namespace

TEST_CASE("whole histories follow, transaction by transaction") {
  JournalRules rules = after({TermRecord{1, 5}});
  for (const Transaction& transaction : story(1, 3, 4, 5)) REQUIRE(follows(rules, transaction));
  CHECK(rules.term() == 1);
}

TEST_CASE("a term is the one before plus 1, and nothing stands before the first") {
  JournalRules rules;
  CHECK_FALSE(follows(rules, {opened(1)}));
  CHECK_FALSE(follows(rules, {TermRecord{0, 5}}));
  CHECK_FALSE(follows(rules, {TermRecord{2, 5}}));
  REQUIRE(follows(rules, {TermRecord{1, 5}}));
  CHECK_FALSE(follows(rules, {TermRecord{1, 6}}));
  CHECK(follows(rules, {TermRecord{2, 6}}));
  CHECK(rules.term() == 2);
}

TEST_CASE("a job is opened once, and only an open one has records") {
  JournalRules rules = after({TermRecord{1, 5}});
  CHECK_FALSE(follows(rules, {planned(1, 1)}));
  CHECK_FALSE(follows(rules, {closed(1)}));
  REQUIRE(follows(rules, {opened(1), planned(1, 1)}));
  CHECK_FALSE(follows(rules, {opened(1)}));
  CHECK(follows(rules, {opened(2)}));
}

TEST_CASE("tokens go on where the step's last ended") {
  JournalRules rules = after(kPlanned);
  CHECK_FALSE(follows(rules, {tokens(1, "1", 1)}));
  REQUIRE(follows(rules, {tokens(1, "1", 0, 4)}));
  CHECK_FALSE(follows(rules, {tokens(1, "1", 0, 4)}));
  CHECK_FALSE(follows(rules, {tokens(1, "1", 3, 4)}));
  CHECK_FALSE(follows(rules, {tokens(1, "1", 5, 4)}));
  CHECK_FALSE(follows(rules, {tokens(1, "1", 4, 0)}));
  CHECK_FALSE(follows(rules, {tokens(1, "3", 0, 4)}));
  CHECK(follows(rules, {tokens(1, "1", 4, 1), tokens(1, "2", 0), tokens(1, "1", 5)}));
}

TEST_CASE("a step ends once, at its recorded length, and has no tokens after") {
  JournalRules rules = after(kPlanned);
  REQUIRE(follows(rules, {tokens(1, "1", 0, 4)}));
  CHECK_FALSE(follows(rules, {ended(1, "1", 3)}));
  CHECK_FALSE(follows(rules, {ended(1, "1", 5)}));
  CHECK_FALSE(follows(rules, {ended(1, "9", 0)}));
  REQUIRE(follows(rules, {ended(1, "1", 4)}));
  CHECK_FALSE(follows(rules, {ended(1, "1", 4)}));
  CHECK_FALSE(follows(rules, {tokens(1, "1", 4)}));
}

TEST_CASE("planned steps are new, with known inputs and an ended parent") {
  JournalRules rules = after(kPlanned);
  const auto plan = [](const Path& parent, std::vector<PlannedStep> steps) {
    return std::vector<Record>{PlannedRecord{job_of(1), parent, std::move(steps)}};
  };
  CHECK_FALSE(follows(rules, plan("", {{"2", {}, {}, 1}})));
  CHECK_FALSE(follows(rules, plan("", {{"3", {}, {}, 1}, {"3", {}, {}, 1}})));
  CHECK_FALSE(follows(rules, plan("", {{"3", {"4"}, {}, 1}})));
  CHECK_FALSE(follows(rules, plan("", {{"03", {}, {}, 1}})));
  CHECK_FALSE(follows(rules, plan("1", {{"1.1", {}, {}, 1}})));
  REQUIRE(follows(rules, {ended(1, "1", 0)}));
  CHECK(follows(rules, plan("1", {{"1.1", {"1", "1.2"}, {}, 1}, {"1.2", {"2"}, {}, 1}})));
  CHECK(follows(rules, plan("", {{"3", {}, {}, 1}})));  // of none of the refused is left a trace
}

TEST_CASE("nothing of a job follows its closing") {
  JournalRules rules = after(kPlanned);
  REQUIRE(follows(rules, {opened(2), planned(2, 1), closed(1)}));
  for (const Record& record :
       {closed(1), opened(1), planned(1, 1), tokens(1, "1", 0), ended(1, "1", 0)}) {
    CHECK_FALSE(follows(rules, {record}));
  }
  CHECK(follows(rules, {tokens(2, "1", 0)}));
}

TEST_CASE("a transaction that does not follow leaves nothing of itself behind") {
  JournalRules rules = after(kPlanned);
  rules.keep();
  CHECK_FALSE(follows(rules, {tokens(1, "1", 0, 4), ended(1, "1", 4), opened(2), planned(2, 1),
                              closed(1), TermRecord{2, 6}, closed(3)}));
  CHECK(rules.term() == 1);
  CHECK(follows(rules, {tokens(1, "1", 0, 4), ended(1, "1", 4), opened(2), planned(2, 1), closed(1),
                        TermRecord{2, 6}}));
}

TEST_CASE("what was admitted since the last keep can be taken back, and only that") {
  JournalRules rules = after(kPlanned);
  REQUIRE(follows(rules, {tokens(1, "1", 0, 4)}));
  rules.keep();
  const std::vector<Record> more = {tokens(1, "1", 4, 2), ended(1, "1", 6),
                                    PlannedRecord{job_of(1), "1", {{"1.1", {}, {}, 1}}}, closed(1)};
  for (int round = 0; round < 3; ++round) {
    REQUIRE(follows(rules, more));
    rules.take_back();
  }
  CHECK_FALSE(follows(rules, {tokens(1, "1", 0, 4)}));
  REQUIRE(follows(rules, more));
  rules.keep();
  rules.take_back();
  CHECK_FALSE(follows(rules, {closed(1)}));
}

TEST_CASE("notes are of a job that was opened, whatever else they say, and change nothing") {
  JournalRules rules;
  const PlacedRecord placed{{job_of(1), "7.7"}, {9, 9}, {"nobody", 1}};
  CHECK_FALSE(follows(rules, {StalledRecord{0, ""}}));
  REQUIRE(follows(rules, {TermRecord{1, 5}}));
  CHECK_FALSE(follows(rules, {placed}));
  REQUIRE(follows(rules, {opened(1), planned(1, 2), placed, StalledRecord{0, ""}}));
  CHECK(follows(rules, {placed, tokens(1, "1", 0, 4),
                        LeftRecord{{job_of(1), "1"}, {1, 1}, {"a", 1}, LeftReason::down, ""}}));
  REQUIRE(follows(rules, {closed(1)}));
  CHECK(follows(rules, {placed}));
  rules.take_back();
  CHECK(follows(rules, {TermRecord{1, 5}, opened(1)}));
}
