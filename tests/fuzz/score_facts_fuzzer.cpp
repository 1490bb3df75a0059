// Headers of facts and the scorer over any bytes: a header that parses survives being written and
// parsed again, and the counts of a score agree with each other.

#include <cstdint>
#include <cstdlib>

#include "kernels/chronicle/fact_score.hpp"

using namespace pecia::kernels;

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

void check_header(const Facts& facts) {
  const std::string text = header_text(facts);
  if (text.empty()) return;
  const auto again = parse_header(text);
  require(again.ok() && again->values == facts.values && again->chapters == facts.chapters);
}

void check_score(const FactScore& score, std::size_t bytes) {
  const Tally facts = score.facts();
  require(facts.agreeing <= facts.stated);
  require(score.contradictions.size() ==
          std::min(facts.stated - facts.agreeing, kContradictionsMax));
  require(score.unparsed_sentences <= score.sentences && score.sentences <= bytes);
  require(score.words <= bytes && score.duplicate_eight_grams <= score.eight_grams);
  require(score.score() >= 0.0 && score.score() <= 1.0);
  for (const Contradiction& each : score.contradictions)
    require(each.line >= 1 && !each.role.empty() && !each.sentence.empty());
}

constexpr std::string_view kHeader =
    "Hero: Mira, a weaver\nCompanion: Pip, a brown otter\nHome: Ashby\nQuest: the silver bell\n"
    "Promise: to plant an oak beside the well\nChapters: 4";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t count) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), count);
  Facts facts = parse_header(kHeader).value();
  if (const auto parsed = parse_header(preamble_of(text))) {
    check_header(*parsed);
    facts = *parsed;
  } else {
    require(parsed.error().kind == ErrorKind::refuse && !parsed.error().message.empty());
  }
  check_score(score_facts({text, facts, nullptr}), count);
  if (const auto outline = parse_outline(text))
    check_score(score_facts({text, facts, &*outline}), count);
  return 0;
}
