#include "actors/summarizer/summarizer_core.hpp"

#include "kernels/text/slicing.hpp"
#include "tests/unit/slicer/slicer_fixture.hpp"

using namespace pecia::actors;

TEST_CASE("a summary has sentences of the text, and no more tokens than it may") {
  const auto tokenizer = bytes_tokenizer();
  std::string text;
  for (int k = 1; k <= 9; ++k) text += text_of_slice(std::to_string(k)) + "\n\n";
  const auto summary = summarize(text, 100, *tokenizer);
  REQUIRE(summary.ok());
  CHECK(summary->size() <= 100);
  CHECK(summary->find('.') != summary->npos);
  CHECK(summarize("All of it.\n", 100, *tokenizer).value() == "All of it.");
  CHECK(summarize("", 100, *tokenizer).value() == "");
}

TEST_CASE("of a text beyond what can be read the end is summarized, from a whole character on") {
  const auto tokenizer = bytes_tokenizer();
  std::string text = "\xF0\x9F\x98\x80 in front.";
  // The limit falls into the middle of the first character.
  text.resize(2 + pecia::kernels::kSlicedTextBytesMax, ' ');
  CHECK(summarize(text, 40, *tokenizer).value() == "in front.");
}
