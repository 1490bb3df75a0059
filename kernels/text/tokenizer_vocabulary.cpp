#include "kernels/text/tokenizer_vocabulary.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

#include "kernels/text/tokenizer_bytes.hpp"
#include "kernels/weights/quoted.hpp"

namespace pecia::kernels {
namespace {

// Texts by which chat models mark the end of a turn; files seldom name them all by id.
bool reads_as_end(std::string_view text) {
  constexpr std::string_view kEnds[] = {
      "<|eot_id|>",    "<|eom_id|>",         "<|im_end|>",
      "<|end|>",       "<|return|>",         "<|call|>",
      "<end_of_turn>", "<|endoftext|>",      "<|end_of_text|>",
      "<EOT>",         "\u2581<EOT>",        "[EOT]",
      "_<EOT>",        "<end_of_utterance>", "<｜end▁of▁sentence｜>"};
  return std::find(std::begin(kEnds), std::end(kEnds), text) != std::end(kEnds);
}

// Fills one Vocabulary from one file; every step returns its Status.
class Reader {
 public:
  explicit Reader(const ModelFile& file) : file_(file) {}

  Expected<Vocabulary> read() {
    for (const auto step : {&Reader::read_kind, &Reader::read_tokens, &Reader::read_types,
                            &Reader::read_scores, &Reader::read_ids, &Reader::read_options,
                            &Reader::read_normaliser, &Reader::read_surroundings}) {
      if (const Status status = (this->*step)(); !status) return status.error();
    }
    for (std::size_t id = 0; id < words_.texts.size(); ++id) {
      words_.pieces.push_back(piece_of(static_cast<TokenId>(id)));
    }
    find_ends();
    return std::move(words_);
  }

 private:
  template <class... Args>
  Error refuse(fmt::format_string<Args...> text, Args&&... args) const {
    return fail(ErrorKind::refuse, "{}: {}", file_.path(),
                fmt::format(text, std::forward<Args>(args)...));
  }

  Status read_text(std::string_view key, std::string& into) {
    const auto text = file_.find_text(key);
    if (!text) return text.error();
    if (*text) into = **text;
    return {};
  }

  Status read_bool(std::string_view key, bool& into) {
    const auto flag = file_.find_bool(key);
    if (!flag) return flag.error();
    if (*flag) into = **flag;
    return {};
  }

  Status read_bools(std::initializer_list<std::pair<std::string_view, bool*>> flags) {
    for (const auto& [key, into] : flags) {
      if (Status status = read_bool(key, *into); !status) return status;
    }
    return {};
  }

  Status read_kind() {
    words_.pre = "default";
    for (const auto& [key, into] : {std::pair{"tokenizer.ggml.model", &words_.kind},
                                    std::pair{"tokenizer.ggml.pre", &words_.pre},
                                    std::pair{"tokenizer.chat_template", &words_.chat_template}}) {
      if (Status status = read_text(key, *into); !status) return status;
    }
    if (words_.kind.empty()) return refuse("no tokenizer.ggml.model, so the file has no tokenizer");
    if (words_.kind != "llama" && words_.kind != "gpt2" && words_.kind != "t5") {
      return refuse("tokenizer.ggml.model is '{}', supported are llama, gpt2 and t5",
                    quoted(words_.kind));
    }
    return {};
  }

  Status read_tokens() {
    const auto tokens = file_.find_texts("tokenizer.ggml.tokens");
    if (!tokens) return tokens.error();
    if (!*tokens || (*tokens)->empty()) return refuse("tokenizer.ggml.tokens is absent or empty");
    if ((*tokens)->size() > std::numeric_limits<TokenId>::max()) {
      return refuse("tokenizer.ggml.tokens has {} entries, more than ids can count",
                    (*tokens)->size());
    }
    words_.texts.assign((*tokens)->begin(), (*tokens)->end());
    std::size_t bytes = 0;
    for (std::size_t id = 0; id < words_.texts.size(); ++id) {
      if (words_.texts[id].size() > kTokenBytesMax) {
        return refuse("tokenizer.ggml.tokens[{}] has {} bytes, at most {} are accepted", id,
                      words_.texts[id].size(), kTokenBytesMax);
      }
      bytes += words_.texts[id].size();
    }
    if (words_.unigram() && bytes > kUnigramBytesMax) {
      return refuse("tokenizer.ggml.tokens have {} bytes, at most {} are accepted", bytes,
                    kUnigramBytesMax);
    }
    return {};
  }

  Status check_count(std::string_view key, std::size_t count) const {
    if (count == words_.texts.size()) return {};
    return refuse("{} has {} entries for {} tokens", key, count, words_.texts.size());
  }

  Status read_types() {
    const auto types = file_.find_ints("tokenizer.ggml.token_type");
    if (!types) return types.error();
    words_.types.assign(words_.texts.size(), TokenType::normal);
    if (!*types) return guess_byte_tokens();
    const std::vector<std::int32_t>& numbers = **types;
    if (Status s = check_count("tokenizer.ggml.token_type", numbers.size()); !s) return s;
    for (std::size_t id = 0; id < numbers.size(); ++id) {
      if (numbers[id] < 0 || numbers[id] > 6) {
        return refuse("tokenizer.ggml.token_type[{}] is {}, not one of 0 to 6", id, numbers[id]);
      }
      words_.types[id] = static_cast<TokenType>(numbers[id]);
    }
    return check_byte_tokens();
  }

  Status guess_byte_tokens() {
    for (std::size_t id = 0; words_.sentencepiece() && id < words_.texts.size(); ++id) {
      if (parse_byte_token(words_.texts[id])) words_.types[id] = TokenType::byte;
    }
    return {};
  }

  Status check_byte_tokens() const {
    for (std::size_t id = 0; words_.sentencepiece() && id < words_.texts.size(); ++id) {
      if (words_.types[id] == TokenType::byte && !parse_byte_token(words_.texts[id])) {
        return refuse("tokenizer.ggml.tokens[{}] is of type byte but does not read like <0x0A>",
                      id);
      }
    }
    return {};
  }

  Status read_scores() {
    if (!words_.sentencepiece()) return {};
    auto scores = file_.find_floats("tokenizer.ggml.scores");
    if (!scores) return scores.error();
    if (!*scores) {
      return refuse("tokenizer.ggml.scores is absent, a {} tokenizer needs them", words_.kind);
    }
    words_.scores = std::move(**scores);
    if (Status s = check_count("tokenizer.ggml.scores", words_.scores.size()); !s) return s;
    for (std::size_t id = 0; id < words_.scores.size(); ++id) {
      if (std::isnan(words_.scores[id])) return refuse("tokenizer.ggml.scores[{}] is NaN", id);
      if (words_.unigram() && std::isinf(words_.scores[id])) {  // their sums would be NaN
        return refuse("tokenizer.ggml.scores[{}] is infinite", id);
      }
    }
    return {};
  }

  // -1, also where writers put it as 4294967295, says that there is none.
  Status read_id(std::string_view key, TokenId& into) {
    const GgufValue* value = file_.find(key);
    if (!value) return {};
    const auto* signed_id = std::get_if<std::int64_t>(value);
    if (signed_id && *signed_id == -1) return into = -1, Status{};
    const auto id = file_.find_unsigned(key);
    if (!id) return id.error();
    if (**id == 0xFFFFFFFF) return into = -1, Status{};
    if (**id >= words_.texts.size()) {
      return refuse("{} is {}, but there are {} tokens", key, **id, words_.texts.size());
    }
    return into = static_cast<TokenId>(**id), Status{};
  }

  Status read_ids() {
    if (words_.texts.size() > 2) {  // SentencePiece's own defaults, and T5's
      if (words_.kind == "llama") words_.unknown = 0, words_.bos = 1, words_.eos = 2;
      if (words_.unigram()) words_.eos = 1, words_.unknown = 2;
    }
    for (const auto& [key, into] : {std::pair{"tokenizer.ggml.bos_token_id", &words_.bos},
                                    std::pair{"tokenizer.ggml.eos_token_id", &words_.eos},
                                    std::pair{"tokenizer.ggml.unknown_token_id", &words_.unknown},
                                    std::pair{"tokenizer.ggml.eot_token_id", &eot_},
                                    std::pair{"tokenizer.ggml.eom_token_id", &eom_}}) {
      if (Status status = read_id(key, *into); !status) return status;
    }
    if (words_.unigram() && words_.unknown < 0) {
      return refuse("tokenizer.ggml.unknown_token_id is absent, a t5 tokenizer needs one");
    }
    auto ends = listed_ids(kEndsKey);
    if (!ends) return ends.error();
    words_.end_ids = *std::move(ends);
    return {};
  }

  // Bytes, signed in the files of some writers.
  Status read_charsmap() {
    constexpr std::string_view kKey = "tokenizer.ggml.precompiled_charsmap";
    const GgufValue* value = file_.find(kKey);
    if (value == nullptr) return {};
    const auto* array = std::get_if<GgufArray>(value);
    if (array == nullptr || array->raw.size() != array->count) {
      return refuse("{} is no array of bytes", kKey);
    }
    words_.charsmap.assign(reinterpret_cast<const char*>(array->raw.data()), array->raw.size());
    return {};
  }

  Status read_normaliser() {
    if (!words_.unigram()) return {};
    Status flags =
        read_bools({{"tokenizer.ggml.remove_extra_whitespaces", &words_.remove_extra_spaces},
                    {kKeepLastSpaceKey, &words_.keep_last_space}});
    return flags ? read_charsmap() : flags;
  }

  Status read_options() {
    words_.add_bos = words_.add_space_prefix = words_.kind == "llama";
    if (!words_.sentencepiece()) {
      const PretokenizerStyle* style = pretokenizer_style(words_.pre);
      if (!style) {
        return refuse("tokenizer.ggml.pre is '{}', supported are {}", quoted(words_.pre),
                      pretokenizer_names());
      }
      words_.add_bos = style->add_bos;
      words_.ignore_merges = style->ignore_merges;
      words_.compose = style->compose;
    }
    if (Status s = read_bool("tokenizer.ggml.add_bos_token", words_.add_bos); !s) return s;
    if (!words_.sentencepiece()) return read_bool(kComposeKey, words_.compose);
    return read_bools({{"tokenizer.ggml.add_space_prefix", &words_.add_space_prefix},
                       {kPrefixOnceKey, &words_.space_prefix_once},
                       {kPrefixMissingKey, &words_.space_prefix_missing},
                       {kAsSpeltKey, &words_.added_as_spelt}});
  }

  Status read_surroundings() {
    for (const auto& [key, flag] : {std::pair{kStripLeftKey, &TokenSurroundings::strip_left},
                                    std::pair{kStripRightKey, &TokenSurroundings::strip_right},
                                    std::pair{kWholeWordKey, &TokenSurroundings::whole_word}}) {
      const auto ids = listed_ids(key);
      if (!ids) return ids.error();
      for (const TokenId id : *ids) words_.surroundings[id].*flag = true;
    }
    return file_.find(kStripRightKey) == nullptr ? assume_surroundings() : Status{};
  }

  // Empty where there is no such key.
  Expected<std::vector<TokenId>> listed_ids(std::string_view key) const {
    auto ids = file_.find_ints(key);
    if (!ids) return ids.error();
    if (!*ids) return std::vector<TokenId>{};
    for (const std::int32_t id : **ids) {
      if (id < 0 || static_cast<std::size_t>(id) >= words_.texts.size()) {
        return refuse("{} names token {}, but there are {}", key, id, words_.texts.size());
      }
    }
    return **std::move(ids);
  }

  // Phi-3's own markers take the white space behind them along; its files do not say so.
  Status assume_surroundings() {
    const auto architecture = file_.find_text("general.architecture");
    if (!architecture) return architecture.error();
    if (!*architecture || **architecture != "phi3" || words_.kind != "llama") return {};
    for (std::size_t id = 0; id < words_.texts.size(); ++id) {
      const std::string& text = words_.texts[id];
      const bool marker =
          words_.types[id] == TokenType::control && text != "<s>" && text != "<|endoftext|>";
      if (marker || text == "</s>")
        words_.surroundings[static_cast<TokenId>(id)].strip_right = true;
    }
    return {};
  }

  std::string piece_of(TokenId id) const {
    const std::string& text = words_.texts[id];
    if (words_.silent(id)) return {};
    const bool sentencepiece = words_.sentencepiece();
    if (!sentencepiece && words_.types[id] == TokenType::user_defined) return text;
    if (!sentencepiece) return from_byte_alphabet(text).value_or(text);
    if (words_.types[id] != TokenType::byte) return spaces_for_marks(text);
    return {static_cast<char>(*parse_byte_token(text))};
  }

  void find_ends() {
    std::vector<TokenId>& ends = words_.end_ids;
    for (const TokenId id : {words_.eos, eot_, eom_}) {
      if (id >= 0) ends.push_back(id);
    }
    for (std::size_t id = 0; id < words_.texts.size(); ++id) {
      const bool special =
          words_.types[id] == TokenType::control || words_.types[id] == TokenType::user_defined;
      if (special && reads_as_end(words_.texts[id])) ends.push_back(static_cast<TokenId>(id));
    }
    std::sort(ends.begin(), ends.end());
    ends.erase(std::unique(ends.begin(), ends.end()), ends.end());
  }

  const ModelFile& file_;
  Vocabulary words_;
  TokenId eot_ = -1, eom_ = -1;
};

}  // namespace

Expected<Vocabulary> read_vocabulary(const ModelFile& file) { return Reader(file).read(); }

}  // namespace pecia::kernels
