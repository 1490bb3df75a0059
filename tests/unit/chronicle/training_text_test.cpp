#include "kernels/chronicle/training_text.hpp"

#include "kernels/base/hash.hpp"
#include "tests/catch.hpp"

namespace pecia::kernels {
namespace {

std::string digest_of(TextKind kind, Split split) {
  Sha256 hash;
  for (std::uint64_t i = 0; i < 40; ++i) {
    const TrainingText text = training_text(kind, split, 20'261'125, i);
    hash.update(text.prompt);
    hash.update(text.completion);
  }
  return hex(hash.finish());
}

}  // namespace

TEST_CASE("the corpus of a seed is the same bytes on every machine") {
  CHECK(digest_of(TextKind::whole, Split::train) ==
        "a80ccab641e23c55a2891cedc4d1b0a0259f92f914de9e3818835bd4a3fd159a");
  CHECK(digest_of(TextKind::slice, Split::train) ==
        "abd32170fa43359c5d593a785fe2f710c2d57dec305b396349a9a9c7691bb605");
  CHECK(digest_of(TextKind::short_tale, Split::train) ==
        "93492fd8b2238c0ea0326c7abaed23d3a98ef2cd97b6a970a8a0b425946a9428");
  CHECK(digest_of(TextKind::whole, Split::held_out) ==
        "91c3ce7e343a397c46b56e68fe2d17ac97af41b1c3dd2cd6ba1a61040254c9f0");
}

TEST_CASE("texts of one seed differ, and so do seeds") {
  const std::string text = training_text(TextKind::whole, Split::train, 1, 0).completion;
  CHECK(text != training_text(TextKind::whole, Split::train, 1, 1).completion);
  CHECK(text != training_text(TextKind::whole, Split::train, 2, 0).completion);
  CHECK(text == training_text(TextKind::whole, Split::train, 1, 0).completion);
}

TEST_CASE("a whole text is the document that write would make") {
  for (std::uint64_t i = 0; i < 50; ++i) {
    const Chronicle tale = corpus_tale(TextKind::whole, Split::train, 3, i);
    const TrainingText text = training_text(TextKind::whole, Split::train, 3, i);
    CHECK(text.prompt + text.completion == merge(tale.outline, tale.chapters));
    CHECK(text.prompt ==
          header_text(tale.facts) + "\n\n" + tale.outline.sections[0].heading + "\n\n");
  }
}

TEST_CASE("a slice has the prompt that write gives it, and its chapter follows") {
  std::vector<int> chosen(8);
  for (std::uint64_t i = 0; i < 200; ++i) {
    const Chronicle tale = corpus_tale(TextKind::slice, Split::train, 3, i);
    const TrainingText text = training_text(TextKind::slice, Split::train, 3, i);
    int found = 0;
    for (std::size_t k = 0; k < tale.chapters.size(); ++k) {
      if (text.completion != tale.chapters[k]) continue;
      CHECK(text.prompt == slice_prompt(tale.outline, k));
      ++found;
      ++chosen[k];
    }
    CHECK(found == 1);
  }
  for (std::size_t k = 0; k < chosen.size(); ++k) CHECK(chosen[k] > 0);
}

TEST_CASE("a text's header is of its split") {
  for (std::uint64_t i = 0; i < 200; ++i) {
    CHECK(!is_held_out(corpus_tale(TextKind::whole, Split::train, 1, i).facts));
    CHECK(is_held_out(corpus_tale(TextKind::whole, Split::held_out, 1, i).facts));
  }
}

}  // namespace pecia::kernels
