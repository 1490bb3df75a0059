// Real vocabularies as tokenizer.json: the same tokens as from GGUF.

#include <nlohmann/json.hpp>

#include "kernels/text/token_vectors.hpp"
#include "tests/catch.hpp"
#include "tests/unit/text/hf_tokenizer_fixture.hpp"
#include "tests/unit/text/tokenizer_fixture.hpp"
#include "tests/unit/weights/hf_writer.hpp"

namespace pecia::kernels {
namespace {

const Json kWords = {{"type", "ByteLevel"}, {"add_prefix_space", false}};
const Json kBytes = {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"use_regex", false}};
const Json kDigits = {{"type", "Digits"}, {"individual_digits", true}};

Json isolated(const char* regex) {
  return {{"type", "Split"}, {"pattern", {{"Regex", regex}}}, {"behavior", "Isolated"}};
}

// The cuts as the model's own file has them.
Json cuts_of(const std::string& name) {
  Json steps = Json::array({kWords});
  if (name == "starcoder") steps = Json::array({kDigits, kWords});
  if (name == "deepseek-coder") {
    steps = Json::array({isolated("[\r\n]"), isolated("\\s?\\p{L}+"), isolated("\\s?\\p{P}+"),
                         isolated("[一-龥ࠀ-一가-퟿]+"), kDigits, kBytes});
  }
  return {{"type", "Sequence"}, {"pretokenizers", steps}};
}

Json bpe_tokenizer(const ModelFile& file, const std::string& name) {
  const auto texts = file.find_texts("tokenizer.ggml.tokens").value().value();
  const auto types = file.find_ints("tokenizer.ggml.token_type").value().value();
  const auto merges = file.find_texts("tokenizer.ggml.merges").value().value();
  Json vocabulary = Json::object(), added = Json::array(), list = Json::array();
  for (std::size_t id = 0; id < texts.size(); ++id) {
    const std::string text(texts[id]);
    if (types[id] == 1) {
      vocabulary[text] = id;
    } else {
      added.push_back({{"id", id}, {"content", text}, {"special", types[id] == 3}});
    }
  }
  for (const std::string_view merge : merges) list.push_back(std::string(merge));
  return {{"added_tokens", added},
          {"pre_tokenizer", cuts_of(name)},
          {"model", {{"type", "BPE"}, {"vocab", vocabulary}, {"merges", list}}}};
}

std::size_t tokens_of(const ModelFile& file) {
  return file.find_texts("tokenizer.ggml.tokens").value()->size();
}

void check_vectors(const Tokenizer& tokenizer, const std::string& name) {
  const std::string input = test::read_file(test::vocabulary_path(name) + ".inp");
  const std::string expected = test::read_file(test::vocabulary_path(name) + ".out");
  std::string lines;
  for (const std::string_view text : read_token_vectors(input)) {
    lines += token_vector_line(tokenizer.encode(text, {.add_bos = false})) + "\n";
  }
  CHECK(lines == expected);
}

}  // namespace

TEST_CASE("A real byte-level vocabulary gives its published tokens from tokenizer.json") {
  const auto name = GENERATE(as<std::string>(), "gpt-2", "starcoder", "deepseek-coder");
  if (!test::has_vocabulary(name)) PECIA_SKIP("no vocabularies beside the repository");
  const ModelFile file = ModelFile::open(test::vocabulary_path(name)).value();
  check_vectors(test::load_hf_tokenizer(bpe_tokenizer(file, name), tokens_of(file)), name);
}

TEST_CASE("A real SentencePiece vocabulary gives its published tokens by scores and by ranks") {
  const std::string name = "llama-spm";
  if (!test::has_vocabulary(name)) PECIA_SKIP("no vocabularies beside the repository");
  const ModelFile file = ModelFile::open(test::vocabulary_path(name)).value();
  Json tokenizer = test::spm_tokenizer(file);
  check_vectors(test::load_hf_tokenizer(tokenizer, tokens_of(file)), name);
  // A list that lacks its last pair is none that scores can say, and that pair is in none of them.
  Json& merges = tokenizer["model"]["merges"];
  merges.erase(merges.size() - 1);
  check_vectors(test::load_hf_tokenizer(tokenizer, tokens_of(file)), name);
}

TEST_CASE("Merges of a SentencePiece vocabulary join by rank, and only those that are listed") {
  Json vocabulary = {{"<unk>", 0}, {"<0x0A>", 1}};
  for (const char* piece : {"▁", "a", "b", "c", "ab", "bc", "abc", "▁a"}) {
    const std::size_t id = vocabulary.size();
    vocabulary[piece] = id;
  }
  const Json marks = {{"type", "Replace"}, {"pattern", {{"String", " "}}}, {"content", "▁"}};
  const auto ids = [&](const Json& merges, std::string_view text) {
    const Json tokenizer = {{"normalizer", marks},
                            {"model",
                             {{"type", "BPE"},
                              {"unk_token", "<unk>"},
                              {"byte_fallback", true},
                              {"vocab", vocabulary},
                              {"merges", merges}}}};
    return test::load_hf_tokenizer(tokenizer, 10).encode(text, {.add_bos = false});
  };
  const Json pairs = Json::array({"b c", "a b", "ab c"});  // lacks "a bc"
  CHECK(ids(pairs, "abc") == std::vector<TokenId>{3, 7});  // a and bc join no further
  CHECK(ids(Json::array({"a b", "b c", "ab c"}), "abc") == std::vector<TokenId>{8});
  CHECK(ids(pairs, " ab\n") == std::vector<TokenId>{2, 6, 1});
}

}  // namespace pecia::kernels
