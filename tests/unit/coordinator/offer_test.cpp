// "offer", rules 1-4, and what follows when the offered tokens are durable.

#include "tests/unit/coordinator/coordinator_fixture.hpp"

using namespace pecia::actors;
using namespace pecia::runtime;

namespace {

// Job 1 with the steps 1 and 2 at worker a, and the attempts 2.1 and 2.2.
struct Offered : Coordinated {
  Offered() {
    begin();
    open_job({plan("1"), plan("2")});
    join("a1");
    REQUIRE(core.attempts().all().size() == 2);
  }
};

const Lines kDiverged = {"a1 drop 2.1", "a1 order 2.3 step 1 from 0"};

}  // namespace

TEST_CASE("an offer is appended, and acknowledged when it is durable, not before") {
  Offered c;
  CHECK(c.offer("a1", "1", 0, 3) == Lines{"append 3: tokens 1 from 0 +3"});
  CHECK(c.step("1").durable == 0);
  CHECK(c.durable() == Lines{"follow tokens 1 from 0 +3", "a1 committed 2.1 to 3"});
  CHECK(c.step("1").durable == 3);
}

TEST_CASE("offers follow each other while none of them is durable") {
  Offered c;
  c.offer("a1", "1", 0, 3);
  CHECK(c.offer("a1", "1", 3, 5) == Lines{"append 4: tokens 1 from 3 +2"});
  CHECK(with(c.durable(), "committed") == Lines{"a1 committed 2.1 to 3"});
  CHECK(with(c.durable(), "committed") == Lines{"a1 committed 2.1 to 5"});
}

TEST_CASE("a record names the attempt that offered it and the chain behind its last token") {
  Offered c;
  const Effects effects = c.core.on_offer(c.offer_of("a1", "1", 0, 3), c.now);
  const auto& append = std::get<Append>(effects.at(0));
  const auto& tokens = std::get<TokensRecord>(append.records.back());
  CHECK(tokens.attempt == AttemptId{kTerm, 1});
  CHECK(tokens.chain == c.chain_at("1", 3));
  CHECK(tokens.ids == text(0, 3));
}

TEST_CASE("rule 1: an offer by an attempt that is not open is dropped") {
  Offered c;
  Offer offer = c.offer_of("a1", "1", 0, 3);
  offer.attempt.n = 9;
  CHECK(c.say(offer) == Lines{"a1 drop 2.9"});
  offer.attempt = {1, 1};  // of a coordinator before this one
  CHECK(c.say(offer) == Lines{"a1 drop 1.1"});
  CHECK(c.times(CoordinatorEvent::offer_not_open) == 2);
}

TEST_CASE("rule 1: an open attempt may not speak for another step, nor from another worker") {
  Offered c;
  c.join("b1");
  Offer offer = c.offer_of("a1", "2", 0, 3);
  offer.attempt = {kTerm, 1};
  CHECK(c.say(offer) == Lines{"a1 drop 2.1"});
  offer.step.path = "1";
  offer.from_node = node("b1");
  CHECK(c.say(offer) == Lines{"b1 drop 2.1"});
  CHECK(c.core.attempts().all().size() == 2);
}

TEST_CASE("rule 1: an offer to an ended step, or to a job that is closing, is dropped") {
  Offered c;
  const Offer first = c.offer_of("a1", "1", 0, 3), second = c.offer_of("a1", "2", 0, 3);
  c.offer_end("a1", "1", 0, 3);
  c.all_durable();
  CHECK(c.say(first) == Lines{"a1 drop 2.1"});
  c.cancel();
  CHECK(c.say(second) == Lines{"a1 drop 2.2"});
  CHECK(c.asked() == 1);
}

TEST_CASE("rule 2: an offer beyond the recorded tokens sends the worker back to the durable ones") {
  Offered c;
  c.offer("a1", "1", 0, 2);
  c.durable();
  c.offer("a1", "1", 2, 4);
  CHECK(c.offer("a1", "1", 5, 7) == Lines{"a1 committed 2.1 to 2"});
  CHECK(c.times(CoordinatorEvent::offer_gap) == 1);
  CHECK(c.step("1").recorded() == 4);
}

TEST_CASE("rule 3: an offer whose chain differs closes its attempt, and the step is ready") {
  Offered c;
  Offer offer = c.offer_of("a1", "1", 0, 3);
  offer.chain = Chain{1};
  CHECK(c.say(offer) == kDiverged);
  CHECK(c.times(CoordinatorEvent::closed_diverged) == 1);
  CHECK(c.step("1").recorded() == 0);
}

TEST_CASE("rule 3: the chain is compared where the offer begins, behind pending tokens too") {
  Offered c;
  c.offer("a1", "1", 0, 2);
  Offer offer = c.offer_of("a1", "1", 2, 4);
  offer.chain = c.chain_at("1", 1);
  CHECK(c.say(offer) == kDiverged);
}

TEST_CASE("rule 3: an offer that overlaps the recorded tokens and differs diverges") {
  Offered c;
  c.offer("a1", "1", 0, 3);
  Offer offer = c.offer_of("a1", "1", 1, 5);
  offer.ids[1] = 9;
  CHECK(c.say(offer) == kDiverged);
  CHECK(c.step("1").ids == text(0, 3));
}

TEST_CASE("rule 3: an offer beyond the budget of its step diverges, and one up to it does not") {
  Offered c;
  const auto most = static_cast<std::uint64_t>(plan("1").tokens_max);
  CHECK(c.offer("a1", "1", 0, most + 1) == kDiverged);
  CHECK(c.offer("a1", "1", 0, most) == Lines{"append 3: tokens 1 from 0 +50"});
}

TEST_CASE(
    "rule 3: nothing may be offered behind a recorded end, nor an end before recorded tokens") {
  Offered c;
  c.offer_end("a1", "1", 0, 3);
  CHECK(with(c.offer("a1", "1", 3, 4), "drop") == Lines{"a1 drop 2.1"});
  c.offer("a1", "2", 0, 3);
  CHECK(with(c.offer_end("a1", "2", 0, 2), "drop") == Lines{"a1 drop 2.2"});
  CHECK(c.times(CoordinatorEvent::closed_diverged) == 2);
}

TEST_CASE("rule 4: of an offer that overlaps, the part beyond the recorded tokens is appended") {
  Offered c;
  c.offer("a1", "1", 0, 3);
  CHECK(c.offer("a1", "1", 1, 5) == Lines{"append 4: tokens 1 from 3 +2"});
  CHECK(c.step("1").ids == text(0, 5));
}

TEST_CASE("rule 4: last tokens and the end of their step are one transaction") {
  Offered c;
  CHECK(c.offer_end("a1", "1", 0, 3) == Lines{"append 3: tokens 1 from 0 +3, ended 1 at 3"});
  CHECK(c.durable() ==
        Lines{"follow tokens 1 from 0 +3, ended 1 at 3", "a1 committed 2.1 to 3", "a1 drop 2.1"});
  CHECK(c.step("1").ended);
  CHECK(c.times(CoordinatorEvent::closed_ended) == 1);
}

TEST_CASE("rule 4: an end may come alone, behind tokens that are recorded or behind none") {
  Offered c;
  c.offer("a1", "1", 0, 3);
  CHECK(c.offer_end("a1", "1", 3, 3) == Lines{"append 4: ended 1 at 3"});
  CHECK(c.offer_end("a1", "2", 0, 0) == Lines{"append 5: ended 2 at 0"});
}

TEST_CASE("an offer that is repeated is answered with what is durable and not appended again") {
  Offered c;
  c.offer("a1", "1", 0, 3);
  CHECK(c.offer("a1", "1", 0, 3) == Lines{"a1 committed 2.1 to 0"});
  c.durable();
  CHECK(c.offer("a1", "1", 0, 3) == Lines{"a1 committed 2.1 to 3"});
  CHECK(c.offer("a1", "1", 1, 2) == Lines{"a1 committed 2.1 to 3"});
  c.offer_end("a1", "1", 3, 3);
  CHECK(c.offer_end("a1", "1", 2, 3) == Lines{"a1 committed 2.1 to 3"});
  CHECK(c.times(CoordinatorEvent::offer_repeated) == 4);
  CHECK(c.asked() == 1);
}

TEST_CASE("offers wait at their workers while too many tokens are pending") {
  Offered c;
  c.limits.pending_tokens_max = 5;
  c.offer("a1", "1", 0, 3);
  CHECK(c.offer("a1", "2", 0, 3).empty());
  CHECK(c.times(CoordinatorEvent::offer_held_back) == 1);
  CHECK(c.offer("a1", "2", 0, 2) == Lines{"append 4: tokens 2 from 0 +2"});
  c.durable();
  CHECK(c.offer("a1", "2", 2, 5) == Lines{"append 5: tokens 2 from 2 +3"});
}

TEST_CASE("a worker that offers speaks: it is not silent, and its attempt is held") {
  Offered c;
  c.wait(c.limits.silent_ms);
  c.offer("a1", "1", 0, 1);
  c.wait(c.limits.silent_ms);
  c.tick();
  CHECK(c.core.workers().all().size() == 1);
  CHECK(c.core.attempts().find({kTerm, 1})->held);
}

TEST_CASE("tokens that become durable are told to every open attempt of their step") {
  Offered c;
  c.join("b1");
  c.pass(c.limits.stall_ms * static_cast<std::uint64_t>(c.limits.hedge_after_percent) / 100 + 250);
  REQUIRE(c.core.attempts().count_of({kJob, "1"}) == 2);
  c.offer("a1", "1", 0, 3);
  CHECK(with(c.durable(), "committed") == Lines{"a1 committed 2.1 to 3", "b1 committed 2.3 to 3"});
}
