#include "kernels/chronicle/chronicle.hpp"

#include <set>

#include "kernels/chronicle/lexer.hpp"
#include "kernels/chronicle/statistics.hpp"
#include "kernels/chronicle/training_text.hpp"
#include "tests/catch.hpp"

namespace pecia::kernels {
namespace {

int count_words(std::string_view text) {
  int words = 0;
  for (const Token& token : lex(text, 1)) words += token.words;
  return words;
}

}  // namespace

TEST_CASE("a chronicle has 4 to 8 chapters of 150 to 350 words in several paragraphs") {
  std::set<std::size_t> lengths;
  for (std::uint64_t i = 0; i < 400; ++i) {
    const Chronicle tale = corpus_tale(TextKind::whole, Split::train, 9, i);
    lengths.insert(tale.chapters.size());
    CHECK(tale.chapters.size() == tale.outline.sections.size());
    CHECK(tale.facts.chapters == static_cast<int>(tale.chapters.size()));
    for (const std::string& chapter : tale.chapters) {
      CHECK(count_words(chapter) >= 150);
      CHECK(count_words(chapter) <= 350);
      CHECK(chapter.find("\n\n") != std::string::npos);
      CHECK(!chapter.ends_with('\n'));
    }
  }
  CHECK(lengths == std::set<std::size_t>{4, 5, 6, 7, 8});
}

TEST_CASE("the notes of a chapter say its plot and who is where and holds what") {
  for (std::uint64_t i = 0; i < 50; ++i) {
    const Chronicle tale = corpus_tale(TextKind::whole, Split::train, 2, i);
    for (const OutlineSection& section : tale.outline.sections) {
      const std::size_t state = section.notes.find("\nAt the start " + tale.facts.text(Role::hero));
      REQUIRE(state != std::string::npos);
      CHECK(state > 20);
      CHECK(section.notes.find(tale.facts.text(Role::object), state) != std::string::npos);
      CHECK(section.notes.find(tale.facts.text(Role::gift), state) != std::string::npos);
    }
  }
}

TEST_CASE("an outline survives being written as Markdown") {
  const Chronicle tale = corpus_tale(TextKind::whole, Split::held_out, 4, 0);
  const Outline read = parse_outline(outline_markdown(tale.outline)).value();
  CHECK(read.preamble == tale.outline.preamble);
  REQUIRE(read.sections.size() == tale.outline.sections.size());
  for (std::size_t k = 0; k < read.sections.size(); ++k) {
    CHECK(read.sections[k].heading == tale.outline.sections[k].heading);
    CHECK(read.sections[k].notes == tale.outline.sections[k].notes);
  }
}

TEST_CASE("a large corpus has at least 1,500 word types beside names and facts") {
  const CorpusStatistics counted = corpus_statistics({.count = 600});
  CHECK(counted.word_types_beside_facts >= 1'500);
  CHECK(counted.word_types >= counted.word_types_beside_facts + 500);
  CHECK(counted.templates >= 300);
  CHECK(counted.unparsed_sentences == 0);
  CHECK(counted.duplicate_rate < 0.005);
  for (std::size_t r = 0; r < kTallyCount; ++r) {
    INFO(tally_name(r));
    CHECK(counted.by_role[r].stated > 0);
    CHECK(counted.by_role[r].stated == counted.by_role[r].agreeing);
  }
}

TEST_CASE("a short tale has one chapter, 55 to 120 words, and a header of what it needs") {
  for (std::uint64_t i = 0; i < 500; ++i) {
    const Chronicle tale = corpus_tale(TextKind::short_tale, Split::train, 1, i);
    REQUIRE(tale.chapters.size() == 1);
    const std::string document = merge(tale.outline, tale.chapters);
    CHECK(count_words(document) >= 55);
    CHECK(count_words(document) <= 120);
    for (const Token& token : lex(document, 1)) {
      if (token.is_fact) CHECK(tale.facts[token.fact.role] == token.fact.value);
    }
  }
}

}  // namespace pecia::kernels
