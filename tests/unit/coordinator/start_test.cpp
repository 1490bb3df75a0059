// "start: lock, term + 1 durable, fold, then for adopt_ms only adopt; afterwards place every ready
// step".

#include "tests/unit/coordinator/coordinator_fixture.hpp"

using namespace pecia::actors;
using namespace pecia::runtime;

namespace {

// Step 1 with three durable tokens, step 2 that waits for it.
const std::vector<Record> kPast = {opened(), PlannedRecord{kJob, {}, {plan("1"), plan("2", {"1"})}},
                                   past_tokens("1", 0, 3)};

// What worker a tells of step 1 after a restart, and whether it may go on with it.
bool adopts(const HeldAttempt& held, Coordinated& c) {
  c.join("a1");
  c.workers["a1"].held = {held};
  const Lines lines = c.report("a1");
  const bool adopted = !with(lines, "a1 committed").empty();
  CHECK(with(lines, "a1 drop").size() == (adopted ? 0 : 1));
  CHECK(c.core.attempts().all().size() == (adopted ? 1 : 0));
  return adopted;
}
bool adopts(const HeldAttempt& held) {
  Coordinated c;
  c.start(kPast);
  HeldAttempt told = held;
  if (told.chain == Chain{}) told.chain = c.chain_at("1", told.committed);
  return adopts(told, c);
}
HeldAttempt told(std::uint64_t have, std::uint64_t committed) {
  return {{1, 1}, {kJob, "1"}, have, committed, {}, 0};
}

}  // namespace

TEST_CASE("a start folds the journal, lets it be followed, and asks again for the plan") {
  Coordinated c;
  CHECK(
      c.start(kPast) ==
      Lines{"follow term 1, opened job1, planned 1 2, tokens 1 from 0 +3, term 2", "expand at 0"});
  CHECK(c.core.term() == kTerm);
  CHECK(c.step("1").durable == 3);
  CHECK(c.core.state_of(kJob) == JobState::stalled);
  CHECK(c.times(CoordinatorEvent::resumed) == 1);
}

TEST_CASE("a start over an empty journal resumes nothing") {
  Coordinated c;
  CHECK(c.start() == Lines{"follow term 1, term 2"});
  CHECK(c.times(CoordinatorEvent::resumed) == 0);
}

TEST_CASE("a closed job is neither planned nor placed after a start") {
  Coordinated c;
  std::vector<Record> past = kPast;
  past.emplace_back(ClosedRecord{kJob, JobEnd::cancelled, {}});
  CHECK(with(c.start(past), "expand").empty());
  c.pass(c.limits.adopt_ms);
  CHECK(c.join("a1").empty());
  CHECK(c.core.state_of(kJob) == JobState::cancelled);
}

TEST_CASE("steps that are planned already are not planned again after a start") {
  Coordinated c;
  c.start(kPast);
  CHECK(c.expanded({plan("1"), plan("2", {"1"})}).empty());
  CHECK(c.expanded({plan("1"), plan("2", {"1"}), plan("3")}) == Lines{"append 1: planned 3"});
}

TEST_CASE("a job whose steps had all ended before a crash is closed after the start") {
  Coordinated c;
  c.start({opened(), PlannedRecord{kJob, {}, {plan("1")}}, past_tokens("1", 0, 3),
           EndedRecord{{kJob, "1"}, StepEnd::eos, 3, 12, {}}});
  CHECK(c.expanded({plan("1")}) == Lines{"append 1: closed done"});
}

TEST_CASE("nothing is ordered before the adopt window ends, and every ready step then") {
  Coordinated c;
  c.start(kPast);
  CHECK(c.join("a1").empty());
  CHECK(c.pass(c.limits.adopt_ms - 1).empty());
  CHECK(c.pass(1) == Lines{"a1 order 2.1 step 1 from 3"});
}

TEST_CASE("where no job is open there is nothing to adopt, and orders go out at once") {
  std::vector<Record> past = kPast;
  past.emplace_back(ClosedRecord{kJob, JobEnd::cancelled, {}});
  for (const std::vector<Record>& records : {std::vector<Record>(), past}) {
    Coordinated c;
    c.start(records);
    CHECK_FALSE(c.core.adopts(c.now.mono_ms));
  }
  Coordinated c;
  c.start(kPast);
  CHECK(c.core.adopts(c.now.mono_ms));
}

TEST_CASE(
    "adoption ends when all who were expected have reported, and the ready steps are ordered") {
  Coordinated c;
  c.core.expect({"a", "b"});
  c.start(kPast);
  c.join("a1");
  CHECK(c.core.adopts(c.now.mono_ms));
  CHECK_FALSE(with(c.join("b1"), "order").empty());
  CHECK_FALSE(c.core.adopts(c.now.mono_ms));
}

TEST_CASE("a held attempt of an older term is adopted, told what is durable, and not ordered") {
  Coordinated c;
  c.start(kPast);
  c.join("a1");
  c.workers["a1"].held = {c.held("1", 5, 2)};
  CHECK(c.report("a1") == Lines{"a1 committed 1.1 to 3"});
  CHECK(c.pass(c.limits.adopt_ms).empty());
  CHECK(c.core.state_of(kJob) == JobState::running);
  CHECK(c.offer("a1", "1", 3, 5) == Lines{"append 1: tokens 1 from 3 +2"});
}

TEST_CASE("a held attempt is adopted only if it reaches as far as the durable tokens") {
  CHECK(adopts(told(3, 3)));
  CHECK(adopts(told(9, 0)));
  CHECK_FALSE(adopts(told(2, 2)));
}

TEST_CASE("a held attempt that believes more to be committed than is durable is dropped") {
  CHECK(adopts(told(5, 3)));
  HeldAttempt ahead = told(5, 4);
  ahead.chain = Chain{1};
  CHECK_FALSE(adopts(ahead));
}

TEST_CASE("a held attempt whose chain differs at what is committed is dropped") {
  HeldAttempt other = told(5, 2);
  other.chain = Chain{1};
  CHECK_FALSE(adopts(other));
}

TEST_CASE("what stands behind an adopted attempt's committed tokens is left to its offers") {
  Coordinated c;
  c.start(kPast);
  REQUIRE(adopts(c.held("1", 5, 1), c));
  Offer other = c.offer_of("a1", "1", 1, 5);
  other.ids[1] = 9;
  CHECK(with(c.say(other), "a1 drop 1.1").size() == 1);
  CHECK(c.times(CoordinatorEvent::closed_diverged) == 1);
}

TEST_CASE("an unknown attempt of the coordinator's own or a later term is not adopted") {
  HeldAttempt own = told(5, 2);
  own.attempt = {kTerm, 9};
  CHECK_FALSE(adopts(own));
  own.attempt = {kTerm + 1, 1};
  CHECK_FALSE(adopts(own));
}

TEST_CASE("held attempts at steps that nobody knows or that have ended are dropped") {
  HeldAttempt unknown = told(5, 2);
  unknown.chain = Chain{1};
  unknown.step.path = "9";
  CHECK_FALSE(adopts(unknown));
  Coordinated c;
  std::vector<Record> past = kPast;
  past.emplace_back(EndedRecord{{kJob, "1"}, StepEnd::eos, 3, 12, {}});
  c.start(past);
  CHECK_FALSE(adopts(c.held("1", 3, 3), c));
}

TEST_CASE("of two held attempts at one step the first one to be reported is adopted") {
  Coordinated c;
  c.start(kPast);
  REQUIRE(adopts(c.held("1", 5, 3), c));
  c.join("b1");
  HeldAttempt second = c.held("1", 8, 3);
  second.attempt = {1, 2};
  c.workers["b1"].held = {second};
  CHECK(c.report("b1") == Lines{"b1 drop 1.2"});
}

TEST_CASE("an open attempt that another worker claims to hold is dropped there") {
  Coordinated c;
  c.start(kPast);
  REQUIRE(adopts(c.held("1", 5, 3), c));
  c.join("b1");
  c.workers["b1"].held = {c.held("1", 5, 3)};
  CHECK(c.report("b1") == Lines{"b1 drop 1.1"});
  CHECK(c.core.attempts().find({1, 1})->node == node("a1"));
}

TEST_CASE("the id of an open attempt is not adopted for another step") {
  Coordinated c;
  c.start(kPast);
  REQUIRE(adopts(c.held("1", 5, 3), c));
  c.join("b1");
  c.workers["b1"].held = {c.held("2", 0, 0)};
  CHECK(c.report("b1") == Lines{"b1 drop 1.1"});
}

TEST_CASE("what is recorded and not durable is not committed: who believes so is dropped") {
  Coordinated c;
  c.start(kPast);
  REQUIRE(adopts(c.held("1", 5, 3), c));
  c.offer("a1", "1", 3, 5);
  c.lost("a1");
  c.workers["b1"].held = {c.held("1", 5, 4)};
  CHECK(c.join("b1") == Lines{"b1 drop 1.1"});
  c.workers["b1"].held = {c.held("1", 5, 3)};
  CHECK(c.report("b1") == Lines{"b1 committed 1.1 to 3"});
}

TEST_CASE("after the adopt window nothing is adopted, and the step is ordered anew") {
  Coordinated c;
  c.start(kPast);
  c.wait(c.limits.adopt_ms);
  c.workers["a1"].held = {c.held("1", 5, 2)};
  CHECK(c.join("a1") == Lines{"a1 drop 1.1", "a1 order 2.1 step 1 from 3"});
}
