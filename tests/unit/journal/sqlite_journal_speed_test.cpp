// build/release/bin/test_journal "[.speed]": committed tokens a second of the journal alone.

#include <fmt/format.h>

#include <chrono>

#include "tests/catch.hpp"
#include "tests/unit/journal/journal_rig.hpp"
#include "tests/unit/journal/story.hpp"
#include "tests/unit/journal/test_codec.hpp"
#include "tests/unit/weights/temporary_folder.hpp"

using namespace pecia::runtime;
using namespace pecia::runtime::test;

TEST_CASE("tokens of 64 steps in turn, each waiting for its own commit", "[.speed]") {
  using Clock = std::chrono::steady_clock;
  constexpr int kSteps = 64;
  constexpr int kTokens = 16;  // a record
  constexpr std::uint64_t kRounds = 500;
  const TemporaryFolder folder;
  auto journal = SqliteJournal::open(folder.file("journal"), test_codec());
  REQUIRE(journal.ok());
  Answers answers;
  answers.listen_to(**journal);
  REQUIRE((*journal)->begin_term(5, 0).ok());
  (*journal)->append({opened(1), planned(1, kSteps)});
  answers.wait_for(1);
  const Clock::time_point start = Clock::now();
  for (std::uint64_t round = 0; round < kRounds; ++round) {
    for (int step = 1; step <= kSteps; ++step) {
      (*journal)->append({tokens(1, std::to_string(step), round * kTokens, kTokens)});
    }
    REQUIRE(answers.wait_for(1 + (round + 1) * kSteps).back().outcome == AppendOutcome::durable);
  }
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  const SqliteJournalCounts counts = (*journal)->counts();
  fmt::print("{:.0f} tokens/s: {} records of {} tokens in {} groups and {:.2f} s\n",
             kSteps * kTokens * kRounds / seconds, counts.records, kTokens, counts.groups, seconds);
}
