// tokenizer.json as the metadata that GGUF files carry.
#include "kernels/weights/hf_tokenizer.hpp"

#include <functional>
#include <nlohmann/json.hpp>

#include "kernels/weights/hf_merges.hpp"
#include "kernels/weights/synth.hpp"
#include "kernels/weights/vocabulary_format.hpp"
#include "tests/catch.hpp"
#include "tests/unit/weights/hf_writer.hpp"
#include "tests/unit/weights/temporary_folder.hpp"

using namespace pecia::kernels;

namespace {

// A byte-level vocabulary of few tokens.
Json small_bpe() {
  const Json words = {{"type", "ByteLevel"}, {"add_prefix_space", false}};
  const Json vocabulary = {{"a", 0}, {"b", 1}, {"ab", 2}};
  const Json end = {{"id", 3}, {"content", "<|end|>"}, {"special", true}};
  const Json user = {{"id", 4}, {"content", "x▁y"}, {"special", false}};
  return {{"added_tokens", Json::array({end, user})},
          {"normalizer", nullptr},
          {"pre_tokenizer", words},
          {"model", {{"type", "BPE"}, {"vocab", vocabulary}, {"merges", Json::array({"a b"})}}}};
}

struct Files {
  Json tokenizer = small_bpe();
  Json settings = Json::object(), config = Json::object(), generation = Json::object();
  std::optional<std::string> chat_template;
  std::uint64_t vocabulary = 6;
};

Expected<std::vector<std::byte>> made(const Files& files) {
  GgufHeader header;
  const Status added = add_hf_tokenizer(
      {&files.tokenizer, &files.settings, &files.config, &files.generation, files.chat_template},
      files.vocabulary, "hf", header);
  if (!added) return added.error();
  return header.bytes();
}

// What tests ask of the metadata, copied out of it.
class Metadata {
 public:
  explicit Metadata(const Files& files) {
    auto bytes = made(files);
    if (!bytes) FAIL(bytes.error().message);
    bytes_ = std::move(*bytes);
  }
  ModelFile file() const { return ModelFile::parse(bytes_, "made").value(); }
  std::string text(const char* key) const {
    return std::string(file().find_text(key).value().value_or(""));
  }
  std::vector<std::string> texts(const char* key) const {
    const ModelFile owner = file();  // the list of views is its own
    const auto found = owner.find_texts(key).value().value();
    return {found.begin(), found.end()};
  }
  // -1 where there is no such key.
  std::int64_t id(const std::string& name) const {
    const auto found = file().find_unsigned("tokenizer.ggml." + name + "_token_id").value();
    return found ? static_cast<std::int64_t>(*found) : -1;
  }
  bool flag(const char* key) const { return file().find_bool(key).value().value(); }

 private:
  std::vector<std::byte> bytes_;
};

std::string reason(const std::function<void(Files&)>& spoil) {
  Files files;
  spoil(files);
  const auto bytes = made(files);
  return bytes ? "none" : bytes.error().message;
}

bool says(const std::string& message, std::string_view words) {
  INFO(message);
  CHECK(message.starts_with("hf/"));
  CHECK(message.find('\n') == std::string::npos);
  return message.find(words) != std::string::npos;
}

}  // namespace

TEST_CASE("byte-level BPE becomes a gpt2 vocabulary") {
  const Metadata metadata{Files{}};
  CHECK(metadata.text("tokenizer.ggml.model") == "gpt2");
  CHECK(metadata.text("tokenizer.ggml.pre") == "gpt-2");
  CHECK(metadata.texts("tokenizer.ggml.tokens") ==
        std::vector<std::string>{"a", "b", "ab", "<|end|>", "x▁y", "[PAD5]"});
  CHECK(metadata.file().find_ints("tokenizer.ggml.token_type").value().value() ==
        std::vector<std::int32_t>{1, 1, 1, 3, 4, 5});
  CHECK(metadata.texts("tokenizer.ggml.merges") == std::vector<std::string>{"a b"});
  CHECK(metadata.id("bos") == -1);
  CHECK(metadata.id("eos") == -1);
  CHECK(!metadata.flag("tokenizer.ggml.add_bos_token"));
  Files pairs;
  pairs.tokenizer["model"]["merges"] = Json::array({Json::array({"a", "b"})});
  CHECK(Metadata(pairs).texts("tokenizer.ggml.merges") == std::vector<std::string>{"a b"});
}

TEST_CASE("what added tokens ask of the text around them comes along") {
  Files files;
  Json& added = files.tokenizer["added_tokens"];
  added[0]["rstrip"] = true;
  added[0]["lstrip"] = false;
  added[1]["lstrip"] = true;
  added[1]["single_word"] = true;
  const Metadata metadata(files);
  const auto ids = [&](std::string_view key) {
    return metadata.file().find_ints(key).value().value_or(std::vector<std::int32_t>{-1});
  };
  CHECK(ids(kStripRightKey) == std::vector<std::int32_t>{3});
  CHECK(ids(kStripLeftKey) == std::vector<std::int32_t>{4});
  CHECK(ids(kWholeWordKey) == std::vector<std::int32_t>{4});
  const Metadata plain{Files{}};
  CHECK(plain.file().find_ints(kStripRightKey).value().value().empty());
  CHECK(plain.file().find_ints(kStripLeftKey).value() == std::nullopt);
  CHECK(says(reason([](Files& spoilt) { spoilt.tokenizer["added_tokens"][0]["rstrip"] = "yes"; }),
             "'rstrip' is string, expected true or false"));
}

TEST_CASE("added tokens beyond the embedding are left out, as gemma-3's of images") {
  Files files;
  files.tokenizer["added_tokens"].push_back(
      {{"id", 6}, {"content", "<image>"}, {"special", true}, {"rstrip", true}});
  const Metadata metadata(files);
  CHECK(metadata.texts("tokenizer.ggml.tokens").size() == 6);
  CHECK(metadata.file().find_ints(kStripRightKey).value().value().empty());
}

TEST_CASE("text becomes NFC where the file says so") {
  Files files;
  CHECK(!Metadata(files).file().find_bool(kComposeKey).value().value());
  files.tokenizer["normalizer"] = {{"type", "NFC"}};
  CHECK(Metadata(files).file().find_bool(kComposeKey).value().value());
}

TEST_CASE("tokens that look like no text are no text, whatever the file says of them") {
  Files files;
  files.tokenizer["added_tokens"][0]["special"] = false;
  const Metadata metadata(files);
  CHECK(metadata.file().find_ints("tokenizer.ggml.token_type").value().value()[3] == 3);
}

TEST_CASE("special tokens come by name, then by number, and every end of a text counts") {
  Files files;
  files.settings = {
      {"bos_token", "a"}, {"eos_token", {{"content", "<|end|>"}}}, {"pad_token", "b"}};
  files.config = {{"bos_token_id", 2}, {"eos_token_id", Json::array({3, 1})}};
  files.generation = {{"eos_token_id", Json::array({2, 1, 99, "x"})}};
  const Metadata named(files);
  CHECK(named.id("bos") == 0);
  CHECK(named.id("eos") == 3);
  CHECK(named.id("eot") == 1);
  CHECK(named.id("eom") == 2);
  CHECK(named.id("padding") == 1);
  CHECK(named.file().find(kEndsKey) == nullptr);
  files.generation["eos_token_id"].push_back(0);
  CHECK(Metadata(files).file().find_ints(kEndsKey).value() == std::vector<std::int32_t>{0});
  files.generation["eos_token_id"].erase(4);
  files.settings = nullptr;
  files.settings = Json::object();
  const Metadata numbered(files);
  CHECK(numbered.id("bos") == 2);
  CHECK(numbered.id("eos") == 3);
  files.config = {{"eos_token_id", 1}};
  CHECK(Metadata(files).id("eos") == 1);
}

TEST_CASE("what stands before a text is told by the template of the tokens, or by the settings") {
  Files files;
  const Json special = {{"SpecialToken", {{"id", "<|end|>"}}}};
  const Json processing = {{"type", "TemplateProcessing"}, {"single", Json::array({special})}};
  files.tokenizer["post_processor"] = {{"type", "Sequence"},
                                       {"processors", Json::array({processing})}};
  files.settings = {{"bos_token", "<|end|>"}};
  CHECK(Metadata(files).flag("tokenizer.ggml.add_bos_token"));
  files.settings["add_bos_token"] = false;
  CHECK(!Metadata(files).flag("tokenizer.ggml.add_bos_token"));
  files.settings = Json::object();
  files.tokenizer["post_processor"] = processing;
  CHECK(Metadata(files).id("bos") == 3);
  CHECK(Metadata(files).flag("tokenizer.ggml.add_bos_token"));
  files.settings["bos_token"] = "a";
  CHECK(!Metadata(files).flag("tokenizer.ggml.add_bos_token"));
}

TEST_CASE("the chat template comes from a file of its own before the settings") {
  Files files;
  files.settings["chat_template"] = "one";
  CHECK(Metadata(files).text("tokenizer.chat_template") == "one");
  files.settings["chat_template"] = Json::array(
      {{{"name", "tool"}, {"template", "two"}}, {{"name", "default"}, {"template", "three"}}});
  CHECK(Metadata(files).text("tokenizer.chat_template") == "three");
  files.chat_template = "four";
  CHECK(Metadata(files).text("tokenizer.chat_template") == "four");
}

TEST_CASE("a SentencePiece vocabulary has the scores of the model it came from") {
  const TemporaryFolder folder;
  SynthShape shape{.name = "s",
                   .layers = 1,
                   .width = 32,
                   .heads = 1,
                   .kv_heads = 1,
                   .head_dim = 32,
                   .ffn_width = 32,
                   .vocabulary = 2'000,
                   .context = 64};
  REQUIRE(synthesise(shape, TensorType::f32, 1, folder.file("m.gguf")));
  const ModelFile model = ModelFile::open(folder.file("m.gguf")).value();
  Files files;
  files.tokenizer = test::spm_tokenizer(model);
  files.vocabulary = 2'000;
  files.settings = {{"bos_token", "<s>"}, {"eos_token", "</s>"}};
  const Metadata metadata(files);
  CHECK(metadata.text("tokenizer.ggml.model") == "llama");
  CHECK(metadata.flag("tokenizer.ggml.add_space_prefix"));
  CHECK(metadata.flag("tokenizer.ggml.add_bos_token"));
  CHECK(metadata.id("unknown") == 0);
  for (const char* key : {"tokenizer.ggml.tokens"}) {
    const auto expected = model.find_texts(key).value().value();
    CHECK(metadata.texts(key) == std::vector<std::string>(expected.begin(), expected.end()));
  }
  CHECK(metadata.file().find_ints("tokenizer.ggml.token_type").value() ==
        model.find_ints("tokenizer.ggml.token_type").value());
  CHECK(metadata.file().find_floats("tokenizer.ggml.scores").value() ==
        model.find_floats("tokenizer.ggml.scores").value());
}

TEST_CASE("a SentencePiece vocabulary without a bos says so") {
  Files files;
  files.tokenizer["pre_tokenizer"] = {{"type", "Metaspace"}, {"replacement", "▁"}};
  files.tokenizer["model"]["byte_fallback"] = true;
  const Metadata metadata(files);
  CHECK(metadata.text("tokenizer.ggml.model") == "llama");
  CHECK(metadata.id("bos") == 0xFFFFFFFF);
}

TEST_CASE("scores say what merges say, or the merges come along") {
  using Merges = std::vector<HfMerge>;
  using Texts = std::vector<std::string>;
  const Texts pieces = {"", "a", "b", "c", "ab", "bc", "abc"};
  const Merges by_id = {{"a", "b"}, {"b", "c"}, {"a", "bc"}, {"ab", "c"}};
  CHECK(hf_scores(pieces, by_id).scores == std::vector<float>{0, 0, -1, -2, -3, -4, -5});
  CHECK(hf_scores(pieces, by_id).merges.empty());
  const Merges other = {{"b", "c"}, {"a", "b"}, {"ab", "c"}, {"a", "bc"}, {"x", "y"}, {"", "ab"}};
  const HfScores scores = hf_scores(pieces, other);
  CHECK(scores.merges.empty());
  CHECK(scores.scores[5] > scores.scores[4]);
  CHECK(scores.scores[4] > scores.scores[6]);
  CHECK(scores.scores[6] > scores.scores[1]);
  const Merges lacks_one = {{"a", "b"}, {"x", "y"}, {"b", "c"}, {"a", "bc"}};
  CHECK(hf_scores(pieces, lacks_one).merges == Texts{"a b", "b c", "a bc"});
  const Merges apart = {{"a", "b"}, {"ab", "c"}, {"b", "c"}, {"a", "bc"}};
  CHECK(hf_scores(pieces, apart).merges == Texts{"a b", "ab c", "b c", "a bc"});
}

TEST_CASE("a unigram vocabulary keeps its own scores") {
  Files files;
  files.tokenizer = {
      {"normalizer", {{"type", "Replace"}, {"pattern", {{"Regex", " {2,}"}}}, {"content", " "}}},
      {"pre_tokenizer",
       {{"type", "Metaspace"}, {"replacement", "▁"}, {"prepend_scheme", "always"}}},
      {"model",
       {{"type", "Unigram"},
        {"unk_id", 0},
        {"byte_fallback", true},
        {"vocab", Json::array({Json::array({"<unk>", 0.0}), Json::array({"▁a", -1.5}),
                               Json::array({"<0x0A>", -2})})}}}};
  files.vocabulary = 4;
  const Metadata metadata(files);
  CHECK(metadata.text("tokenizer.ggml.model") == "t5");
  CHECK(metadata.file().find_floats("tokenizer.ggml.scores").value().value() ==
        std::vector<float>{0, -1.5f, -2, -10'000});
  CHECK(metadata.file().find_ints("tokenizer.ggml.token_type").value().value() ==
        std::vector<std::int32_t>{2, 1, 6, 5});
  CHECK(metadata.flag("tokenizer.ggml.remove_extra_whitespaces"));
  CHECK(metadata.id("unknown") == 0);
  CHECK(metadata.file().find(kPrefixOnceKey) == nullptr);
  files.tokenizer["pre_tokenizer"]["prepend_scheme"] = "first";
  CHECK(Metadata(files).file().find_bool(kPrefixOnceKey).value().value());
  files.tokenizer["normalizer"] = {{"type", "Precompiled"}, {"precompiled_charsmap", "AAAAAA=="}};
  const Metadata rewriting(files);
  const ModelFile owner = rewriting.file();
  const auto* table = std::get_if<GgufArray>(owner.find("tokenizer.ggml.precompiled_charsmap"));
  REQUIRE(table != nullptr);
  CHECK(table->raw.size() == 4);
}

TEST_CASE("a tokenizer that would cut or merge otherwise is refused by what differs") {
  const auto with = [](const char* key, Json value) {
    return reason([&](Files& files) { files.tokenizer["model"][key] = std::move(value); });
  };
  CHECK(says(with("type", "WordPiece"), "a model of type 'WordPiece' is not supported"));
  CHECK(says(with("dropout", 0.1), "'dropout' is not supported"));
  CHECK(says(with("end_of_word_suffix", "</w>"), "'end_of_word_suffix' is not supported"));
  CHECK(says(with("ignore_merges", true), "and ignores merges, which is not known; known are"));
  CHECK(says(with("merges", nullptr), "'merges' of the model is missing"));
  CHECK(says(with("merges", Json::array({"ab"})), "merges[0] is '\"ab\"', expected two texts"));
  CHECK(says(with("merges", Json::array({"a b c"})), "expected two texts"));
  CHECK(says(with("vocab", Json::array()), "'vocab' of the model must be an object"));
  CHECK(says(reason([](Files& files) { files.tokenizer.erase("model"); }), "'model' is missing"));
  CHECK(says(reason([](Files& files) {
               files.tokenizer["normalizer"] = {{"type", "Lowercase"}};
             }),
             "byte-level BPE may have none or NFC"));
  CHECK(says(reason([](Files& files) { files.tokenizer["pre_tokenizer"] = test::split_by("x"); }),
             "'pre_tokenizer' cuts by 'split x, bytes', which is not known"));
  CHECK(says(reason([](Files& files) { files.tokenizer["pre_tokenizer"] = nullptr; }),
             "SentencePiece BPE needs 'byte_fallback'"));
}

TEST_CASE("ids beyond the vocabulary, twice given or far apart are refused") {
  const auto with = [](const char* token, Json id, std::uint64_t vocabulary = 6) {
    return reason([&](Files& files) {
      files.tokenizer["model"]["vocab"][token] = std::move(id);
      files.vocabulary = vocabulary;
    });
  };
  CHECK(says(with("c", 6), "token 'c' has id 6, but the model has 6 tokens"));
  CHECK(says(with("c", 1), "have one id, 1"));
  CHECK(says(with("c", "1"), "token 'c' has no id"));
  CHECK(says(with("c", 10'000'000, 16'000'000), "at most 65536 ids may be unused"));
  CHECK(says(with("c", 5, 100'000), "6 tokens for a model of 100000, at most 65536"));
  CHECK(says(with("c", 5, 0), "a vocabulary of 0 tokens"));
  CHECK(says(reason([](Files& files) { files.tokenizer["added_tokens"][0].erase("id"); }),
             "an added token without id or content"));
}
