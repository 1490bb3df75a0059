#include "actors/coordinator/attempts.hpp"

#include "tests/catch.hpp"
#include "tests/unit/coordinator/coordinator_fixture.hpp"

using namespace pecia::actors;
using namespace pecia::runtime;

namespace {

constexpr std::uint64_t kChallengeMs = 250;
using Hello = Workers::Hello;

Attempt attempt(std::uint64_t n, const Path& path, const char* worker) {
  Attempt made;
  made.id = {kTerm, n};
  made.step = {kJob, path};
  made.node = node(worker);
  return made;
}

}  // namespace

TEST_CASE("attempts are found by id, by step and by worker, until they are closed") {
  Attempts attempts;
  attempts.open(attempt(1, "1", "a1"));
  attempts.open(attempt(2, "1", "b1"));
  attempts.open(attempt(3, "2", "a1"));
  CHECK(attempts.find({kTerm, 2})->node == node("b1"));
  CHECK(attempts.count_of({kJob, "1"}) == 2);
  CHECK(attempts.count_at(node("a1")) == 2);
  CHECK(attempts.count_at(node("a2")) == 0);
  attempts.close({kTerm, 1});
  CHECK(attempts.find({kTerm, 1}) == nullptr);
  CHECK(attempts.of({kJob, "1"}).front().id == AttemptId{kTerm, 2});
  CHECK(attempts.at(node("a1")).front().id == AttemptId{kTerm, 3});
}

TEST_CASE("hedges are counted while they are open") {
  Attempts attempts;
  Attempt hedge = attempt(1, "1", "a1");
  hedge.hedge = true;
  attempts.open(hedge);
  attempts.open(attempt(2, "2", "a1"));
  CHECK(attempts.hedges() == 1);
  attempts.close({kTerm, 2});
  CHECK(attempts.hedges() == 1);
  attempts.close({kTerm, 1});
  CHECK(attempts.hedges() == 0);
}

TEST_CASE("an attempt may be silent for stall_ms, or for some times its usual pace") {
  const ProtocolLimits limits;
  Attempts attempts;
  Attempt& slow = attempts.open(attempt(1, "1", "a1"));
  CHECK(stall_after_ms(slow, limits) == limits.stall_ms);
  attempts.progressed(slow, 1'000);
  CHECK(slow.armed_ms == 1'000);
  CHECK(stall_after_ms(slow, limits) == limits.stall_factor * 1'000);
  attempts.progressed(slow, 1'010);
  CHECK(slow.expected_ms == (3 * 1'000 + 10) / 4);
  for (int i = 0; i < 40; ++i) attempts.progressed(slow, slow.armed_ms + 10);
  CHECK(stall_after_ms(slow, limits) == limits.stall_ms);
}

TEST_CASE("arming all attempts starts their timers again and says nothing of their pace") {
  Attempts attempts;
  Attempt& slow = attempts.open(attempt(1, "1", "a1"));
  attempts.arm_all(5'000);
  CHECK(slow.armed_ms == 5'000);
  CHECK(slow.expected_ms == 0);
}

TEST_CASE("a worker is fresh at its first word and known afterwards") {
  Workers workers(kChallengeMs);
  CHECK(workers.greet(node("a1"), 10) == Hello::fresh);
  CHECK(workers.greet(node("a1"), 30) == Hello::known);
  CHECK(workers.find(node("a1"))->heard_ms == 30);
  CHECK(workers.find(node("a2")) == nullptr);
  CHECK(workers.boot_of("a") == node("a1"));
  CHECK(workers.boot_of("b").boot == 0);
}

TEST_CASE("late messages of an old boot do not bury a worker that goes on speaking") {
  Workers workers(kChallengeMs);
  workers.greet(node("a2"), 0);
  for (std::uint64_t ms = 0; ms <= 10 * kChallengeMs; ms += 100) {
    CHECK(workers.greet(node("a1"), ms) == Hello::ghost);
    CHECK(workers.greet(node("a2"), ms + 50) == Hello::known);
  }
}

TEST_CASE("another boot is believed once it has spoken for a while and the known one has not") {
  Workers workers(kChallengeMs);
  workers.greet(node("a1"), 0);
  CHECK(workers.greet(node("a2"), 1'000) == Hello::ghost);
  CHECK(workers.greet(node("a2"), 1'000 + kChallengeMs - 1) == Hello::ghost);
  CHECK(workers.greet(node("a2"), 1'000 + kChallengeMs) == Hello::reborn);
}

TEST_CASE("a third boot starts the challenge anew") {
  Workers workers(kChallengeMs);
  workers.greet(node("a1"), 0);
  CHECK(workers.greet(node("a2"), 0) == Hello::ghost);
  CHECK(workers.greet(node("a3"), kChallengeMs) == Hello::ghost);
  CHECK(workers.greet(node("a3"), 2 * kChallengeMs) == Hello::reborn);
}

TEST_CASE("another boot of a lost worker is believed at once, and brings the suspects") {
  Workers workers(kChallengeMs);
  workers.greet(node("a1"), 0);
  workers.lose(node("a1"), {{{kJob, "1"}, 7, true}});
  CHECK(workers.find(node("a1")) == nullptr);
  CHECK(workers.greet(node("a2"), 1) == Hello::reborn);
  const std::vector<Suspect> suspects = workers.died(node("a1"));
  REQUIRE(suspects.size() == 1);
  CHECK((suspects[0].step.path == "1" && suspects[0].durable == 7 && suspects[0].alone));
  CHECK(workers.greet(node("a2"), 1) == Hello::fresh);
}

TEST_CASE("a lost worker that speaks again did not die: nothing is suspected any more") {
  Workers workers(kChallengeMs);
  workers.greet(node("a1"), 0);
  workers.lose(node("a1"), {{{kJob, "1"}, 7, true}});
  CHECK(workers.greet(node("a1"), 1) == Hello::fresh);
  workers.lose(node("a1"), {});
  CHECK(workers.greet(node("a2"), 2) == Hello::reborn);
  CHECK(workers.died(node("a1")).empty());
}

TEST_CASE("losing a boot that is not the known one changes nothing") {
  Workers workers(kChallengeMs);
  workers.greet(node("a2"), 0);
  workers.lose(node("a1"), {});
  CHECK(workers.find(node("a2")) != nullptr);
}
