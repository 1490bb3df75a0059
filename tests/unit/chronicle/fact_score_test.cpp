#include "kernels/chronicle/fact_score.hpp"

#include "kernels/chronicle/lexer.hpp"
#include "kernels/chronicle/sentence_index.hpp"
#include "kernels/chronicle/statistics.hpp"
#include "tests/catch.hpp"

namespace pecia::kernels {
namespace {

constexpr std::string_view kHeader =
    "Hero: Mira, a weaver\n"
    "Companion: Pip, a brown otter\n"
    "Home: Ashby\n"
    "Season: autumn\n"
    "Quest: the silver bell\n"
    "Landmark: Grimtor\n"
    "Mentor: Agatha, who has the needle\n"
    "Rival: Garrick\n"
    "Promise: to plant an oak beside the well\n"
    "Chapters: 6\n\n";

FactScore judge(std::string_view body) {
  const std::string text = std::string(kHeader) + std::string(body);
  const Facts facts = parse_header(preamble_of(text)).value();
  return score_facts({text, facts, nullptr});
}

// A place in a chapter's text where a fact stands, found without the templates.
struct Stated {
  std::size_t at;
  Token token;
};

std::vector<Stated> stated_facts(const std::string& document) {
  std::vector<Stated> found;
  const std::string_view body = std::string_view(document).substr(document.find("\n# "));
  for (const Token& token : lex(body, 1)) {
    if (token.is_fact)
      found.push_back({static_cast<std::size_t>(token.text.data() - document.data()), token});
  }
  return found;
}

// Another value of the same inventory, in the same form.
std::string other_value(const Token& token, Draws& draws) {
  const auto values = token.past ? promises_kept() : inventory(token.fact.role);
  const auto count = values.size();
  const std::size_t step = 1 + draws.below(count - 1);
  return values[(static_cast<std::size_t>(token.fact.value) + step) % count];
}

void check_flawless(TextKind kind, Split split) {
  for (std::uint64_t i = 0; i < 1'000; ++i) {
    const FactScore score = score_training_text(kind, split, 77, i);
    REQUIRE(score.contradictions.empty());
    REQUIRE(score.score() == 1.0);
    REQUIRE(score.unparsed_sentences == 0);
    REQUIRE(score.pronouns.stated == score.pronouns.agreeing);
    REQUIRE(score.sentences > 2);
  }
}

}  // namespace

TEST_CASE("1,000 whole tales of the corpus agree with their headers in every sentence") {
  check_flawless(TextKind::whole, Split::train);
}

TEST_CASE("1,000 slices of the corpus agree with header and outline in every sentence") {
  check_flawless(TextKind::slice, Split::held_out);
}

TEST_CASE("1,000 short tales of the corpus agree with their headers in every sentence") {
  check_flawless(TextKind::short_tale, Split::train);
}

TEST_CASE("each of 1,000 planted contradictions is found, with its place and what would agree") {
  Draws draws(42, 0);
  std::size_t found = 0;
  std::array<int, kRoleCount> planted{};
  for (std::uint64_t i = 0; i < 1'000; ++i) {
    const Chronicle tale = corpus_tale(TextKind::whole, Split::train, 5, i);
    std::string document = merge(tale.outline, tale.chapters);
    const FactScore honest = score_facts({document, tale.facts, nullptr});
    const std::vector<Stated> facts = stated_facts(document);
    const Stated& victim = facts[draws.below(facts.size())];
    const std::string right(victim.token.text), wrong = other_value(victim.token, draws);
    const std::string_view role = role_name(victim.token.fact.role);
    const auto line = 1 + std::count(document.begin(), document.begin() + victim.at, '\n');
    ++planted[static_cast<std::size_t>(victim.token.fact.role)];
    document.replace(victim.at, right.size(), wrong);

    const FactScore score = score_facts({document, tale.facts, nullptr});
    INFO(right << " became " << wrong);
    REQUIRE(score.contradictions.size() == 1);
    const Contradiction& told = score.contradictions.front();
    REQUIRE((told.role == role && told.said == wrong && told.expected == right));
    REQUIRE(told.line == static_cast<std::size_t>(line));
    REQUIRE(score.unparsed_sentences == 0);
    REQUIRE(score.facts().stated == honest.facts().stated);
    REQUIRE(score.facts().agreeing + 1 == honest.facts().agreeing);
    ++found;
  }
  CHECK(found == 1'000);
  for (const int count : planted) CHECK(count > 0);
}

TEST_CASE("a value of another role in a slot is a contradiction of the slot's role") {
  const FactScore score = judge("# 1. Leaving Ashby\n\nThey passed. Garrick thought of Ashby.");
  CHECK(score.unparsed_sentences == 2);
  const FactScore swapped =
      judge("# 1. Leaving Ashby\n\nHad Garrick not sworn to plant an oak beside the well?");
  REQUIRE(swapped.unparsed_sentences == 0);
  REQUIRE(swapped.contradictions.size() == 1);
  CHECK(swapped.contradictions[0].role == "hero");
  CHECK(swapped.contradictions[0].said == "Garrick");
  CHECK(swapped.contradictions[0].expected == "Mira");
  CHECK(swapped.contradictions[0].line == 14);
}

TEST_CASE("a sentence of no template is unparsed, and its facts are judged all the same") {
  const FactScore score = judge("# 1. Leaving Ashby\n\nMira gave Pip a brown hat in Oakham.");
  CHECK(score.unparsed_sentences == 1);
  CHECK(score.facts().stated == 5);
  CHECK(score.facts().agreeing == 4);
  REQUIRE(score.contradictions.size() == 1);
  CHECK(score.contradictions[0].role == "home");
  CHECK(score.contradictions[0].expected == "Ashby");
}

TEST_CASE("who holds what is judged from the first chapter on") {
  const std::string carried = "Mira carried the silver bell wrapped in a shawl.";
  const FactScore early = judge("# 1. Leaving Ashby\n\n" + carried);
  REQUIRE(early.contradictions.size() == 1);
  CHECK(early.contradictions[0].role == "holder");
  CHECK(early.contradictions[0].expected == "the object lies at Grimtor");
  const FactScore later = judge(
      "# 1. Leaving Ashby\n\nA slab slid aside, and behind it lay the silver bell. Mira lifted it "
      "out. " +
      carried);
  CHECK(later.contradictions.empty());
  CHECK(later.by_role[kHolderTally].agreeing == 1);
  CHECK(judge("# 3. Leaving Ashby\n\n" + carried).contradictions.empty());
}

TEST_CASE("where the hero is is judged from the outline's notes") {
  const std::string markdown =
      std::string(kHeader) +
      "# 2. The ferry at the ford\nAt the start Mira and Pip are at the toll house. Mira holds the "
      "silver bell.\n";
  const Outline outline = parse_outline(markdown).value();
  const Facts facts = parse_header(outline.preamble).value();
  const auto judge_place = [&](std::string_view sentence) {
    const std::string text = "# 2. The ferry at the ford\n\n" + std::string(sentence);
    return score_facts({text, facts, &outline});
  };
  const FactScore right = judge_place("Early, Mira and Pip left the toll house.");
  CHECK(right.by_role[kPlaceTally].agreeing == 1);
  const FactScore wrong = judge_place("Early, Mira and Pip left the town well.");
  REQUIRE(wrong.contradictions.size() == 1);
  CHECK(wrong.contradictions[0].role == "place");
  CHECK(wrong.contradictions[0].expected == "the toll house");
  CHECK(judge_place("Somewhere ahead, at Grimtor, lay the silver bell.").contradictions.size() ==
        1);
}

TEST_CASE("a wrong pronoun is told apart from the facts") {
  const FactScore score = judge(
      "# 1. Leaving Ashby\n\nMira thought of Garrick and looked over "
      "his shoulder.");
  CHECK(score.unparsed_sentences == 0);
  CHECK(score.score() == 1.0);
  CHECK((score.pronouns.stated == 1 && score.pronouns.agreeing == 0));
}

TEST_CASE("a text that states nothing scores 0, not 1") {
  const FactScore score = judge("# And\n\nNothing. At all!");
  CHECK(score.facts().stated == 0);
  CHECK(score.score() == 0.0);
  CHECK(score.sentences == 3);
  CHECK(score.unparsed_sentences == 3);
}

TEST_CASE("runs of eight words that come again are counted") {
  CHECK(judge("# a b c d e f g\n\na b c d e f g.").duplicate_eight_grams == 0);
  const FactScore score = judge(
      "# a\n\none two three four five six seven eight nine. "
      "one two three four five six seven eight nine.");
  CHECK(score.words == 19);
  CHECK(score.eight_grams == 12);
  CHECK(score.duplicate_eight_grams == 2);
}

TEST_CASE("hostile text is judged in bounded time and memory") {
  std::string names, marks;
  for (int i = 0; i < 60'000; ++i) names += "Mira ", marks += ".\"\n\n";
  CHECK(judge("# a\n\n" + names).by_role[0].agreeing == 60'000);
  CHECK(judge("# a\n\n" + marks).unparsed_sentences > 59'000);
  const FactScore wrong = judge("# a\n\n" + std::string("Una ") + names + names);
  CHECK(wrong.contradictions.size() == 1);
  std::string others;
  for (int i = 0; i < 20'000; ++i) others += "Una ";
  CHECK(judge("# a\n\n" + others).contradictions.size() == kContradictionsMax);
}

}  // namespace pecia::kernels
