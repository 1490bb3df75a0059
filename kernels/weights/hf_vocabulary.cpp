#include "kernels/weights/hf_vocabulary.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "kernels/weights/hf_merges.hpp"
#include "kernels/weights/hf_pretokenizer.hpp"
#include "kernels/weights/param_limits.hpp"
#include "kernels/weights/quoted.hpp"

namespace pecia::kernels {
namespace {

constexpr std::uint64_t kUnusedMax = 65'536;  // ids without a token: rows that pad the embedding
constexpr float kUnusedScore = -10'000;       // as the GGUF converter gives

// Some models do not mark all of what is no text as special.
bool reads_as_control(std::string_view text) {
  const auto between = [text](std::string_view begin, std::string_view end) {
    return text.starts_with(begin) && text.ends_with(end) &&
           text.size() >= begin.size() + end.size();
  };
  return text == "<pad>" || text == "<mask>" || text == "<2mass>" || text == "[@BOS@]" ||
         between("<|", "|>") || between("<\uff5c", "\uff5c>") || between("<unused", ">");
}

class Reader {
 public:
  Reader(const Json& tokenizer, std::uint64_t size, const std::string& name)
      : fields_(tokenizer, name), model_json_(fields_.object("model")), size_(size) {}

  Expected<HfVocabulary> read() {
    if (!fields_.ok()) return fields_.error();
    if (model_json_ == nullptr) return refuse("'model' is missing");
    for (const auto step :
         {&Reader::read_kind, &Reader::read_tokens, &Reader::read_unknown, &Reader::read_added,
          &Reader::fill_unused, &Reader::read_merges, &Reader::check_cuts}) {
      if (const Status status = (this->*step)(); !status) return status.error();
      if (!fields_.ok()) return fields_.error();
    }
    return std::move(words_);
  }

 private:
  template <class... Args>
  Error refuse(fmt::format_string<Args...> text, Args&&... args) const {
    return fail(ErrorKind::refuse, "{}: {}", fields_.name(),
                fmt::format(text, std::forward<Args>(args)...));
  }

  // -- kind ---------------------------------------------------------------------------------------

  Status read_kind() {
    if (size_ == 0 || size_ > kVocabularyMax) {
      return refuse("a vocabulary of {} tokens, expected 1 to {}", size_, kVocabularyMax);
    }
    JsonFields model(*model_json_, fields_.name() + ": model");
    const std::string type =
        model.text("type").value_or(model.find("merges") != nullptr ? "BPE" : "");
    byte_fallback_ = model.flag("byte_fallback").value_or(false);
    const bool ignore_merges = model.flag("ignore_merges").value_or(false);
    for (const char* key : {"continuing_subword_prefix", "end_of_word_suffix"}) {
      if (!model.text(key).value_or("").empty())
        model.refuse(fmt::format("'{}' is not supported", key));
    }
    if (model.number("dropout").value_or(0) != 0) model.refuse("'dropout' is not supported");
    if (!model.ok()) return model.error();
    const std::vector<std::string> cuts = hf_cuts(fields_.find("pre_tokenizer"));
    const bool bytes = std::ranges::any_of(
        cuts, [](const std::string& cut) { return cut == "words" || cut == "bytes"; });
    if (type == "BPE" && bytes) return read_cuts(cuts, ignore_merges);
    if (type != "BPE" && type != "Unigram") {
      return refuse("a model of type '{}' is not supported; BPE and Unigram are", quoted(type));
    }
    words_.kind = type == "BPE" ? "llama" : "t5";
    words_.pre = "default";
    if (type == "BPE" && (!byte_fallback_ || ignore_merges)) {
      return refuse("SentencePiece BPE needs 'byte_fallback' and no 'ignore_merges'");
    }
    return read_spaces();
  }

  Status read_cuts(const std::vector<std::string>& cuts, bool ignore_merges) {
    words_.kind = "gpt2";
    words_.pre = hf_cuts_name(cuts, ignore_merges);
    if (words_.pre.empty()) {
      return refuse("'pre_tokenizer' cuts by '{}'{}, which is not known; known are the cuts of {}",
                    quoted(fmt::format("{}", fmt::join(cuts, ", "))),
                    ignore_merges ? " and ignores merges" : "", hf_cuts_names());
    }
    const std::optional<bool> composes = hf_composes(fields_.find("normalizer"));
    if (composes) return words_.composed = *composes, Status{};
    return refuse("'normalizer' is '{}'; byte-level BPE may have none or NFC",
                  quoted(fields_.find("normalizer")->dump()));
  }

  Status read_spaces() {
    auto spaces =
        hf_spaces(fields_.find("normalizer"), fields_.find("pre_tokenizer"), fields_.name());
    if (!spaces) return spaces.error();
    words_.spaces = *std::move(spaces);
    const HfSpaces& rules = words_.spaces;
    const bool rewrites = rules.extra_removed || rules.last_removed || !rules.charsmap.empty();
    if (rewrites && words_.kind == "llama") {
      return refuse(
          "SentencePiece BPE that removes spaces or rewrites characters is not supported");
    }
    if (rules.last_removed && !rules.extra_removed) {
      return refuse("'normalizer' strips the end of a text but leaves runs of spaces");
    }
    return find_out_spelling();
  }

  // Only a token with a mark makes a difference: before the normalizer turns spaces into marks,
  // text has none of them but as letters.
  Status find_out_spelling() {
    const Json* list = fields_.list("added_tokens");
    if (list == nullptr) return {};
    bool has_marks = false, all_early = true;
    for (const Json& entry : *list) {
      JsonFields token(entry, fields_.name() + ": added_tokens");
      const bool early = !words_.spaces.marked_early || !token.flag("normalized").value_or(false);
      const std::string text = token.text("content").value_or("");
      if (!token.ok()) return token.error();
      if (text.find(kSpaceMark) == text.npos) continue;
      has_marks = true;
      all_early &= early;
    }
    words_.added_as_spelt = has_marks && all_early;
    return {};
  }

  // -- tokens -------------------------------------------------------------------------------------

  Status put(std::uint64_t id, const std::string& text, TokenType type) {
    if (id >= size_) {
      return refuse("token '{}' has id {}, but the model has {} tokens", quoted(text), id, size_);
    }
    if (id >= ids_max_) {
      return refuse("token '{}' has id {}, at most {} ids may be unused", quoted(text), id,
                    kUnusedMax);
    }
    if (id >= words_.texts.size()) {
      words_.texts.resize(id + 1);
      words_.types.resize(id + 1, TokenType::undefined);
    }
    words_.texts[id] = text;
    words_.types[id] = type;
    return {};
  }

  Status read_tokens() {
    const Json* vocabulary = JsonFields(*model_json_, fields_.name()).find("vocab");
    const bool listed = words_.kind == "t5";
    if (vocabulary == nullptr || !(listed ? vocabulary->is_array() : vocabulary->is_object())) {
      return refuse("'vocab' of the model must be {}", listed ? "a list" : "an object");
    }
    const Json* added = fields_.list("added_tokens");
    ids_max_ = vocabulary->size() + (added != nullptr ? added->size() : 0) + kUnusedMax;
    return listed ? read_scored(*vocabulary) : read_numbered(*vocabulary);
  }

  Status read_numbered(const Json& vocabulary) {
    for (const auto& [text, id] : vocabulary.items()) {
      const auto whole = whole_number(id);
      if (!whole) return refuse("token '{}' has no id", quoted(text));
      const std::uint64_t number = *whole;
      if (number < words_.types.size() && words_.types[number] != TokenType::undefined) {
        return refuse("tokens '{}' and '{}' have one id, {}", quoted(words_.texts[number]),
                      quoted(text), number);
      }
      const bool byte = byte_fallback_ && !words_.byte_level() && parse_byte_token(text);
      const Status placed = put(number, text, byte ? TokenType::byte : TokenType::normal);
      if (!placed) return placed.error();
    }
    return {};
  }

  // [["piece", score], ..], by id.
  Status read_scored(const Json& vocabulary) {
    for (const Json& entry : vocabulary) {
      const std::size_t id = words_.scores.size();
      const bool usable =
          entry.is_array() && entry.size() == 2 && entry[0].is_string() && entry[1].is_number();
      if (!usable) return refuse("token {} is no pair of a text and a score", id);
      const auto& text = entry[0].get_ref<const std::string&>();
      const bool byte = byte_fallback_ && parse_byte_token(text);
      const Status placed = put(id, text, byte ? TokenType::byte : TokenType::normal);
      if (!placed) return placed.error();
      words_.scores.push_back(static_cast<float>(entry[1].get<double>()));
      if (!std::isfinite(words_.scores.back())) return refuse("token {} has no finite score", id);
    }
    return {};
  }

  Status read_unknown() {
    JsonFields model(*model_json_, fields_.name() + ": model");
    if (words_.kind == "t5") {
      const auto id = model.whole("unk_id", 0, std::max<std::size_t>(words_.texts.size(), 1) - 1);
      if (id) words_.unknown = static_cast<std::int64_t>(*id);
    } else {
      words_.unknown = words_.id_of(model.text("unk_token").value_or(""));
    }
    if (!model.ok()) return model.error();
    if (words_.unknown >= 0 && !words_.byte_level())
      words_.types[words_.unknown] = TokenType::unknown;
    return {};
  }

  Status read_added() {
    const Json* list = fields_.list("added_tokens");
    if (list == nullptr) return {};
    for (const Json& entry : *list) {
      JsonFields token(entry, fields_.name() + ": added_tokens");
      const auto id = token.whole("id", 0, kVocabularyMax);
      const auto text = token.text("content");
      const bool special = token.flag("special").value_or(false);
      if (!token.ok()) return token.error();
      if (!id || !text) return refuse("an added token without id or content");
      if (*id >= size_) continue;  // of a larger model that shares the file, as gemma-3's of images
      read_surroundings(token, static_cast<std::int32_t>(*id));
      if (!token.ok()) return token.error();
      if (static_cast<std::int64_t>(*id) == words_.unknown && !words_.byte_level()) continue;
      const bool control = special || reads_as_control(*text);
      const bool as_spelt = control || words_.byte_level() || words_.added_as_spelt;
      const Status placed = put(*id, as_spelt ? *text : spaces_for_marks(*text),
                                control ? TokenType::control : TokenType::user_defined);
      if (!placed) return placed.error();
    }
    return {};
  }

  void read_surroundings(JsonFields& token, std::int32_t id) {
    for (const auto& [key, ids] :
         {std::pair{"lstrip", &words_.strip_left}, std::pair{"rstrip", &words_.strip_right},
          std::pair{"single_word", &words_.whole_words}}) {
      if (token.flag(key).value_or(false)) ids->push_back(id);
    }
  }

  Status fill_unused() {
    const auto known = static_cast<std::uint64_t>(std::ranges::count_if(
        words_.types, [](TokenType type) { return type != TokenType::undefined; }));
    if (size_ - known > kUnusedMax) {
      return refuse("{} tokens for a model of {}, at most {} ids may be unused", known, size_,
                    kUnusedMax);
    }
    words_.texts.resize(size_);
    words_.types.resize(size_, TokenType::undefined);
    if (words_.kind == "t5") words_.scores.resize(size_, kUnusedScore);
    for (std::size_t id = 0; id < size_; ++id) {
      if (words_.types[id] != TokenType::undefined) continue;
      words_.texts[id] = fmt::format("[PAD{}]", id);
      words_.types[id] = TokenType::unused;
    }
    return {};
  }

  // -- merges -------------------------------------------------------------------------------------

  Status read_merges() {
    if (words_.kind == "t5") return {};
    JsonFields model(*model_json_, fields_.name() + ": model");
    const Json* list = model.list("merges");
    if (!model.ok()) return model.error();
    if (list == nullptr) return refuse("'merges' of the model is missing");
    const auto merges = read_hf_merges(*list, model.name());
    if (!merges) return merges.error();
    if (!words_.byte_level()) return score(*merges);
    for (const auto& [left, right] : *merges) {
      words_.merges.push_back(fmt::format("{} {}", left, right));
    }
    return {};
  }

  // Whether merging may come to the token. Added ones are found before, but for gemma's runs of
  // spaces, which are spelt with marks.
  bool merges_to(std::size_t id) const {
    if (words_.types[id] != TokenType::user_defined) return words_.types[id] == TokenType::normal;
    return words_.texts[id].find(kSpaceMark) != std::string::npos;
  }

  Status check_cuts() {
    for (std::size_t id = 0; words_.spaces.cut && id < words_.texts.size(); ++id) {
      const bool spans = words_.texts[id].find(kSpaceMark, 1) != std::string::npos;
      if (spans && words_.types[id] == TokenType::normal) {
        return refuse("token {} has a space inside, where 'pre_tokenizer' cuts", id);
      }
    }
    return {};
  }

  Status score(const std::vector<HfMerge>& merges) {
    std::vector<std::string> pieces = words_.texts;
    for (std::size_t id = 0; id < pieces.size(); ++id) {
      if (!merges_to(id)) pieces[id].clear();
    }
    HfScores scores = hf_scores(pieces, merges);
    words_.scores = std::move(scores.scores);
    words_.merges = std::move(scores.merges);
    return {};
  }

  JsonFields fields_;
  const Json* model_json_;
  const std::uint64_t size_;
  std::uint64_t ids_max_ = 0;  // ids are below: what is allocated follows from what is there
  bool byte_fallback_ = false;
  HfVocabulary words_;
};

}  // namespace

std::int64_t HfVocabulary::id_of(std::string_view text) const {
  if (text.empty()) return -1;
  const auto found = std::ranges::find(texts, text);
  return found == texts.end() ? -1 : found - texts.begin();
}

Expected<HfVocabulary> read_hf_vocabulary(const Json& tokenizer, std::uint64_t size,
                                          const std::string& name) {
  return Reader(tokenizer, size, name).read();
}

}  // namespace pecia::kernels
