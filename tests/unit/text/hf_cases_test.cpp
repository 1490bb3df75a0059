// Tokenizer files shaped like those of real models, of few tokens each: the ids of Hugging Face's
// own library, tokenizers 0.23.2 (hf_cases/ids.cjs).

#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/catch.hpp"
#include "tests/unit/text/hf_tokenizer_fixture.hpp"

namespace pecia::kernels {
namespace {

Json all_cases() {
  std::ifstream file(PECIA_SOURCE_DIR "/tests/unit/text/hf_cases/cases.json");
  REQUIRE(file.is_open());
  return Json::parse(file);
}

// Ids are dense in these files.
std::uint64_t tokens_of(const Json& tokenizer) {
  std::uint64_t size = tokenizer["model"]["vocab"].size();
  for (const Json& added : tokenizer["added_tokens"]) {
    size = std::max(size, added["id"].get<std::uint64_t>() + 1);
  }
  return size;
}

}  // namespace

TEST_CASE("Files shaped like those of real models give the ids of Hugging Face's own library") {
  const Json cases = all_cases();
  CHECK(cases.size() == 27);
  for (const Json& one : cases) {
    const Json& file = one["tokenizer"];
    const Tokenizer tokenizer = test::load_hf_tokenizer(file, tokens_of(file));
    for (const Json& text : one["texts"]) {
      INFO(one["name"] << ": " << text[0]);
      CHECK(
          tokenizer.encode(text[0].get<std::string>(), {.add_bos = false, .parse_special = true}) ==
          text[1].get<std::vector<TokenId>>());
    }
  }
}

}  // namespace pecia::kernels
