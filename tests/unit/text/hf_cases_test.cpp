// Tokenizer files shaped like those of real models, of few tokens each: the ids of Hugging Face's
// own library, tokenizers 0.23.2 (hf_cases/ids.cjs).

#include <fstream>
#include <nlohmann/json.hpp>

#include "kernels/text/tokenizer.hpp"
#include "kernels/weights/hf_tokenizer.hpp"
#include "tests/catch.hpp"

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

Tokenizer load(const Json& tokenizer) {
  GgufHeader header;
  HfTokenizerFiles files;
  files.tokenizer = &tokenizer;
  const Status added = add_hf_tokenizer(files, tokens_of(tokenizer), "hf", header);
  if (!added) FAIL(added.error().message);
  const auto bytes = header.bytes();
  auto loaded = Tokenizer::load(ModelFile::parse(bytes, "hf").value());
  if (!loaded) FAIL(loaded.error().message);
  return *std::move(loaded);
}

}  // namespace

TEST_CASE("Files shaped like those of real models give the ids of Hugging Face's own library") {
  const Json cases = all_cases();
  CHECK(cases.size() == 27);
  for (const Json& one : cases) {
    const Tokenizer tokenizer = load(one["tokenizer"]);
    for (const Json& text : one["texts"]) {
      INFO(one["name"] << ": " << text[0]);
      CHECK(
          tokenizer.encode(text[0].get<std::string>(), {.add_bos = false, .parse_special = true}) ==
          text[1].get<std::vector<TokenId>>());
    }
  }
}

}  // namespace pecia::kernels
