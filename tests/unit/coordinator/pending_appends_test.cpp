#include "actors/coordinator/pending_appends.hpp"

#include "tests/catch.hpp"
#include "tests/unit/coordinator/coordinator_fixture.hpp"

using namespace pecia::actors;
using namespace pecia::runtime;

namespace {

class Appending {
 public:
  Lines append(const Path& path, std::uint64_t tokens) {
    pending.append({past_tokens(path, 0, tokens)}, effects);
    return taken();
  }
  std::string answer(std::uint64_t transaction, AppendOutcome outcome) {
    return line(pending.answered({transaction, outcome, "the disk"}, now_ms));
  }
  Lines tick_at(std::uint64_t ms) {
    now_ms = ms;
    pending.tick(now_ms, effects);
    return taken();
  }
  Lines taken() { return lines_of(std::exchange(effects, {})); }

  ProtocolLimits limits;
  PendingAppends pending{limits};
  Effects effects;
  std::uint64_t now_ms = 0;
};

constexpr AppendOutcome kDurable = AppendOutcome::durable, kFull = AppendOutcome::full;

}  // namespace

TEST_CASE("appends go out at once, numbered from 1, and come back as they become durable") {
  Appending a;
  CHECK(a.append("1", 2) == Lines{"append 1: tokens 1 from 0 +2"});
  CHECK(a.append("2", 3) == Lines{"append 2: tokens 2 from 0 +3"});
  CHECK(a.pending.tokens() == 5);
  CHECK(a.answer(1, kDurable) == "tokens 1 from 0 +2");
  CHECK(a.pending.tokens() == 3);
  CHECK(a.answer(2, kDurable) == "tokens 2 from 0 +3");
  CHECK(a.pending.tokens() == 0);
  CHECK_FALSE(a.pending.stalled());
}

TEST_CASE("what a full storage refused is appended again, in order, under new numbers") {
  Appending a;
  a.append("1", 1);
  a.append("2", 1);
  CHECK(a.answer(1, kFull).empty());
  CHECK(a.append("3", 1).empty());  // it would be refused as well
  CHECK(a.answer(2, kFull).empty());
  CHECK(a.pending.why() == "the disk");
  CHECK(a.tick_at(a.limits.storage_retry_ms) ==
        Lines{"retry storage", "append 3: tokens 1 from 0 +1", "append 4: tokens 2 from 0 +1",
              "append 5: tokens 3 from 0 +1"});
  CHECK(a.answer(3, kDurable) == "tokens 1 from 0 +1");
}

TEST_CASE("a storage is stalled from the first refusal to the first durable append") {
  Appending a;
  a.append("1", 1);
  a.answer(1, AppendOutcome::broken);
  CHECK(a.pending.stalled());
  a.tick_at(a.limits.storage_retry_ms);
  CHECK(a.pending.stalled());
  a.answer(2, kDurable);
  CHECK_FALSE(a.pending.stalled());
}

TEST_CASE("no retry while the journal owes an answer") {
  Appending a;
  a.append("1", 1);
  a.append("2", 1);
  a.answer(1, kFull);
  CHECK(a.tick_at(60'000).empty());
  a.answer(2, kFull);
  CHECK(a.tick_at(60'000).empty());
  CHECK(a.tick_at(60'000 + a.limits.storage_retry_ms).size() == 3);
}

TEST_CASE("the wait for a retry doubles up to its maximum, and starts anew after a durable one") {
  Appending a;
  a.append("1", 1);
  std::uint64_t transaction = 1, wait_ms = a.limits.storage_retry_ms;
  for (int refusals = 0; refusals < 10; ++refusals) {
    a.answer(transaction++, kFull);
    CHECK(a.tick_at(a.now_ms + wait_ms - 1).empty());
    CHECK(a.tick_at(a.now_ms + 1).size() == 2);
    CHECK(a.tick_at(a.now_ms + 60'000).empty());  // once
    wait_ms = std::min(2 * wait_ms, a.limits.storage_retry_ms_max);
  }
  CHECK(wait_ms == a.limits.storage_retry_ms_max);
  a.answer(transaction++, kDurable);
  a.append("2", 1);
  a.answer(transaction, kFull);
  CHECK(a.tick_at(a.now_ms + a.limits.storage_retry_ms).size() == 2);
}

TEST_CASE("a retry whose second append is refused keeps what became durable and appends the rest") {
  Appending a;
  a.append("1", 1);
  a.append("2", 1);
  a.answer(1, kFull);
  a.answer(2, kFull);
  a.tick_at(1'000);
  CHECK(a.answer(3, kDurable) == "tokens 1 from 0 +1");
  a.answer(4, kFull);
  CHECK(a.pending.stalled());
  CHECK(a.pending.tokens() == 1);
  CHECK(a.tick_at(2'000) == Lines{"retry storage", "append 5: tokens 2 from 0 +1"});
}
