// Records in, rows out.

#include "actors/coordinator/explain_core.hpp"

#include "runtime/wire/codec.hpp"
#include "runtime/wire/limits.hpp"
#include "tests/catch.hpp"

using namespace pecia::actors;
using namespace pecia::runtime;

namespace {

constexpr JobId kJob{1};
constexpr JobId kOther{2};

OpenedRecord opened(const JobId& job = kJob) {
  JobSpec spec;
  spec.outline = "# One\n";
  spec.tokens = 600;
  spec.context = ContextMode::summary;
  return {job, encode(spec), 11, Id{3}, "numerics", 1'000};
}
TokensRecord tokens(std::uint64_t from, std::uint64_t to, AttemptId attempt, std::uint64_t ms) {
  return {{kJob, "1"}, from, TokenIds(to - from, 7), {}, attempt, ms};
}
PlannedRecord planned() {
  return {kJob, "", {{"1", {}, {1, 2}, 50}, {"2", {}, {1, 2}, 40}}, 1'010};
}
PlacedRecord placed(AttemptId attempt, std::uint64_t ms) {
  return {{kJob, "1"}, attempt, {"a", 5}, PlacedHow::ordered, 0, ms};
}

ExplainCore story_of(const std::vector<Record>& records) {
  ExplainCore story;
  for (const Record& record : records) story.follow(record);
  return story;
}
std::vector<ExplainRow> rows_of(const ExplainCore& story, const JobId& job = kJob) {
  return story.explained({job, 0}, JobState::running, "").rows;
}

}  // namespace

TEST_CASE("a job's story begins with what its spec asks for and with its plan") {
  const ExplainCore story = story_of({TermRecord{1, 1, 900}, opened(), planned()});
  const Explained told = story.explained({kJob, 0}, JobState::stalled, "full");
  CHECK(told.unix_ms == 1'000);
  CHECK(told.tokens == 600);
  CHECK(told.context == ContextMode::summary);
  CHECK(told.numerics == "numerics");
  CHECK(told.state == JobState::stalled);
  CHECK(told.why == "full");
  CHECK(told.rows == std::vector<ExplainRow>{PlannedRow{2, 90, 1'010}});
}

TEST_CASE("offers of one attempt are one row, whatever other steps do between them") {
  TokensRecord second_step = tokens(0, 3, {1, 2}, 1'060);
  second_step.step.path = "2";
  const ExplainCore story =
      story_of({opened(), planned(), placed({1, 1}, 1'020), tokens(0, 4, {1, 1}, 1'050),
                second_step, tokens(4, 9, {1, 1}, 1'070)});
  CHECK(rows_of(story) == std::vector<ExplainRow>{PlannedRow{2, 90, 1'010}, placed({1, 1}, 1'020),
                                                  GrewRow{"1", {1, 1}, 0, 9, 2, 1'050, 1'070},
                                                  GrewRow{"2", {1, 2}, 0, 3, 1, 1'060, 1'060}});
}

TEST_CASE("another attempt, a loss and a new term begin another row") {
  const LeftRecord left{{kJob, "1"}, {1, 1}, {"a", 5}, LeftReason::silent, "", 3, 1'080};
  const ExplainCore story =
      story_of({opened(), planned(), tokens(0, 4, {1, 1}, 1'050), left,
                tokens(4, 5, {1, 1}, 1'090),  // on its way when the node was given up
                tokens(5, 6, {1, 2}, 1'100), TermRecord{2, 9, 1'200}, tokens(6, 7, {1, 2}, 1'300)});
  CHECK(rows_of(story) == std::vector<ExplainRow>{
                              PlannedRow{2, 90, 1'010}, GrewRow{"1", {1, 1}, 0, 4, 1, 1'050, 1'050},
                              left, GrewRow{"1", {1, 1}, 4, 5, 1, 1'090, 1'090},
                              GrewRow{"1", {1, 2}, 5, 6, 1, 1'100, 1'100}, TermRecord{2, 9, 1'200},
                              GrewRow{"1", {1, 2}, 6, 7, 1, 1'300, 1'300}});
}

TEST_CASE("what happens to all is told of the jobs that are open then") {
  const ClosedRecord closed{kOther, JobEnd::failed, "deadline", 1'100};
  const ExplainCore story = story_of({opened(), opened(kOther), closed, TermRecord{2, 9, 1'200},
                                      StalledRecord{50, "full", 1'300}});
  CHECK(rows_of(story) ==
        std::vector<ExplainRow>{TermRecord{2, 9, 1'200}, StalledRecord{50, "full", 1'300}});
  CHECK(rows_of(story, kOther) == std::vector<ExplainRow>{closed});
  CHECK(story.explained({kOther, 0}, JobState::failed, "").why == "deadline");
}

TEST_CASE(
    "a job that nobody is at work on is as its records leave it, notes behind its end or not") {
  CHECK(story_of({opened()}).state_of(kJob) == JobState::opened);
  CHECK(story_of({opened(), planned()}).state_of(kJob) == JobState::stalled);
  const ClosedRecord closed{kJob, JobEnd::cancelled, "", 1'100};
  CHECK(story_of({opened(), planned(), closed, placed({1, 1}, 1'020)}).state_of(kJob) ==
        JobState::cancelled);
}

TEST_CASE("a long story is told in pages that fit a message") {
  std::vector<Record> records = {opened()};
  for (std::uint64_t n = 1; n <= 600; ++n) records.emplace_back(placed({1, n}, 1'000 + n));
  const ExplainCore story = story_of(records);
  std::vector<ExplainRow> rows;
  for (int page = 0; page < 3; ++page) {
    const Explained told = story.explained({kJob, rows.size()}, JobState::running, "");
    CHECK(told.from == rows.size());
    CHECK(told.rows_in_all == 600);
    CHECK(measure(ToClient(told)).ok());
    rows.insert(rows.end(), told.rows.begin(), told.rows.end());
  }
  CHECK(rows.size() == 600);
  CHECK(std::get<PlacedRecord>(rows.back()).attempt.n == 600);
  CHECK(story.explained({kJob, UINT64_MAX}, JobState::running, "").rows.empty());
}
