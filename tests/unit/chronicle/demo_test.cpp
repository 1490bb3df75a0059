// The demo's outline is in the language of the corpus, and no training text has its header.

#include <fstream>
#include <sstream>

#include "kernels/chronicle/training_text.hpp"
#include "tests/catch.hpp"

namespace pecia::kernels {

TEST_CASE("the demo's outline has six chapters, a held-out header, and is the corpus's own") {
  std::ostringstream text;
  text << std::ifstream(PECIA_SOURCE_DIR "/config/demo/chronicle.md", std::ios::binary).rdbuf();
  const Outline outline = parse_outline(text.str()).value();
  CHECK(outline.sections.size() == 6);
  CHECK(is_held_out(parse_header(outline.preamble).value()));
  // pecia corpus --kind outline --split held-out --seed 7 --first N
  constexpr std::uint64_t kSeed = 7, kFirst = 11;
  const Chronicle tale = corpus_tale(TextKind::whole, Split::held_out, kSeed, kFirst);
  CHECK(text.str() == outline_markdown(tale.outline));
}

}  // namespace pecia::kernels
