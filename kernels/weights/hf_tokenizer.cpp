#include "kernels/weights/hf_tokenizer.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <span>
#include <vector>

#include "kernels/weights/hf_vocabulary.hpp"

namespace pecia::kernels {
namespace {

constexpr std::size_t kEndsMax = 64;
constexpr std::size_t kNamedEnds = 3;           // GGUF has a key for each: eos, eot, eom
constexpr std::uint32_t kNoToken = 0xFFFFFFFF;  // what readers of GGUF take for none

const Json kNothing = Json::object();

// Special tokens and what is put around a text.
class Specials {
 public:
  Specials(const HfTokenizerFiles& files, const HfVocabulary& words, const std::string& folder)
      : words_(words),
        tokenizer_(*files.tokenizer, folder + "/tokenizer.json"),
        settings_(or_nothing(files.settings), folder + "/tokenizer_config.json"),
        config_(or_nothing(files.config), folder + "/config.json"),
        generation_(or_nothing(files.generation), folder + "/generation_config.json"),
        chat_template_(files.chat_template) {}

  Status add_to(GgufHeader& header) {
    read_ends();
    std::int64_t bos = named("bos_token");
    if (bos < 0) bos = numbered(config_, "bos_token_id");
    const std::int64_t first = leading_token();
    if (bos < 0) bos = first;
    const bool leads = first >= 0 && first == bos;
    const bool add_bos = settings_.flag("add_bos_token").value_or(leads);
    const bool add_eos = settings_.flag("add_eos_token").value_or(false);
    add_id(header, "bos", bos);
    add_id(header, "eos", ends_.empty() ? -1 : ends_[0]);
    add_id(header, "unknown", words_.unknown >= 0 ? words_.unknown : named("unk_token"));
    if (const std::int64_t padding = named("pad_token"); padding >= 0) {
      add_id(header, "padding", padding);
    }
    // The others that end a text go where turns and messages end.
    if (ends_.size() > 1) add_id(header, "eot", ends_[1]);
    if (ends_.size() > 2) add_id(header, "eom", ends_[2]);
    if (ends_.size() > kNamedEnds) {
      header.add_ints(kEndsKey, std::vector<std::int32_t>(ends_.begin() + kNamedEnds, ends_.end()));
    }
    header.add_bool("tokenizer.ggml.add_bos_token", add_bos);
    header.add_bool("tokenizer.ggml.add_eos_token", add_eos);
    const std::string chat = chat_template();
    if (!chat.empty()) header.add_text("tokenizer.chat_template", chat);
    for (const JsonFields* fields : {&tokenizer_, &settings_, &config_, &generation_}) {
      if (!fields->ok()) return fields->error();
    }
    return {};
  }

 private:
  static const Json& or_nothing(const Json* json) { return json != nullptr ? *json : kNothing; }

  // Readers of SentencePiece kinds assume ids where a file is silent.
  void add_id(GgufHeader& header, const char* name, std::int64_t id) const {
    if (id < 0 && words_.byte_level()) return;
    header.add_u32(fmt::format("tokenizer.ggml.{}_token_id", name),
                   id < 0 ? kNoToken : static_cast<std::uint32_t>(id));
  }

  // The id of a token that tokenizer_config.json gives by its text, plain or as an added token.
  std::int64_t named(const char* key) {
    const Json* value = settings_.find(key);
    if (value == nullptr) return -1;
    if (value->is_string()) return words_.id_of(value->get_ref<const std::string&>());
    const auto content = value->is_object() ? value->find("content") : value->end();
    if (content != value->end() && content->is_string()) {
      return words_.id_of(content->get_ref<const std::string&>());
    }
    settings_.refuse(fmt::format("'{}' is no text", key));
    return -1;
  }

  bool is_id(const Json& value) const {
    return whole_number(value).value_or(words_.texts.size()) < words_.texts.size();
  }

  // A single id; lists are read_ends()'s matter.
  std::int64_t numbered(JsonFields& fields, const char* key) const {
    const Json* value = fields.find(key);
    return value != nullptr && is_id(*value) ? value->get<std::int64_t>() : -1;
  }

  void add_end(std::int64_t id) {
    if (id < 0 || ends_.size() == kEndsMax) return;
    if (std::ranges::find(ends_, id) == ends_.end()) ends_.push_back(id);
  }

  // What tokenizer_config.json names comes first, then the numbers of the other files.
  void read_ends() {
    add_end(named("eos_token"));
    for (JsonFields* fields : {&config_, &generation_}) {
      const Json* value = fields->find("eos_token_id");
      if (value == nullptr) continue;
      add_end(numbered(*fields, "eos_token_id"));
      if (!value->is_array()) continue;
      for (const Json& id : *value) {
        if (is_id(id)) add_end(id.get<std::int64_t>());
      }
    }
  }

  // The special token that the template of `post_processor` puts before the text.
  std::int64_t leading_token() {
    const Json* processor = tokenizer_.object("post_processor");
    if (processor == nullptr) return -1;
    JsonFields outer(*processor, tokenizer_.name());
    const Json* list = outer.list("processors");
    if (list == nullptr) return leading_token_of(*processor);
    for (const Json& part : *list) {
      const std::int64_t token = leading_token_of(part);
      if (token >= 0) return token;
    }
    return -1;
  }

  std::int64_t leading_token_of(const Json& processor) {
    JsonFields fields(processor, tokenizer_.name());
    if (fields.text("type").value_or("") != "TemplateProcessing") return -1;
    const Json* parts = fields.list("single");
    if (parts == nullptr || parts->empty()) return -1;
    JsonFields first(parts->front(), tokenizer_.name());
    const Json* special = first.object("SpecialToken");
    if (special == nullptr) return -1;
    return words_.id_of(JsonFields(*special, tokenizer_.name()).text("id").value_or(""));
  }

  // The file of its own, else tokenizer_config.json: one text, or several by name.
  std::string chat_template() {
    if (chat_template_) return *chat_template_;
    const Json* value = settings_.find("chat_template");
    if (value == nullptr) return {};
    if (value->is_string()) return value->get<std::string>();
    for (const Json& entry : *value) {
      JsonFields fields(entry, settings_.name() + ": chat_template");
      const auto text = fields.text("template");
      if (text && fields.text("name").value_or("") == "default") return *text;
    }
    return {};
  }

  const HfVocabulary& words_;
  JsonFields tokenizer_, settings_, config_, generation_;
  const std::optional<std::string>& chat_template_;
  std::vector<std::int64_t> ends_;  // ids that end a text, the most usual first
};

// What becomes of a text before it is cut into tokens.
void add_text_rules(const HfVocabulary& words, GgufHeader& header) {
  if (words.byte_level()) {
    header.add_bool(kComposeKey, words.composed);
  } else {
    header.add_bool("tokenizer.ggml.add_space_prefix", words.spaces.prefix);
    if (words.spaces.prefix_once) header.add_bool(kPrefixOnceKey, true);
    if (words.spaces.prefix_missing) header.add_bool(kPrefixMissingKey, true);
    if (words.added_as_spelt) header.add_bool(kAsSpeltKey, true);
  }
  if (words.kind == "t5") {
    header.add_bool("tokenizer.ggml.remove_extra_whitespaces", words.spaces.extra_removed);
    const bool keeps_last = words.spaces.extra_removed && !words.spaces.last_removed;
    if (keeps_last) header.add_bool(kKeepLastSpaceKey, true);
  }
  if (!words.spaces.charsmap.empty()) {
    header.add_bytes("tokenizer.ggml.precompiled_charsmap",
                     std::as_bytes(std::span(words.spaces.charsmap)));
  }
  if (!words.strip_left.empty()) header.add_ints(kStripLeftKey, words.strip_left);
  header.add_ints(kStripRightKey, words.strip_right);  // even if empty: readers assume none then
  if (!words.whole_words.empty()) header.add_ints(kWholeWordKey, words.whole_words);
}

}  // namespace

Status add_hf_tokenizer(const HfTokenizerFiles& files, std::uint64_t vocabulary,
                        const std::string& folder, GgufHeader& header) {
  const auto words = read_hf_vocabulary(*files.tokenizer, vocabulary, folder + "/tokenizer.json");
  if (!words) return words.error();
  header.add_text("tokenizer.ggml.model", words->kind);
  header.add_text("tokenizer.ggml.pre", words->pre);
  header.add_texts("tokenizer.ggml.tokens", words->texts);
  if (!words->byte_level()) header.add_floats("tokenizer.ggml.scores", words->scores);
  std::vector<std::int32_t> types;
  for (const TokenType type : words->types) types.push_back(static_cast<std::int32_t>(type));
  header.add_ints("tokenizer.ggml.token_type", types);
  if (words->byte_level() || !words->merges.empty()) {
    header.add_texts("tokenizer.ggml.merges", words->merges);
  }
  add_text_rules(*words, header);
  return Specials(files, *words, folder).add_to(header);
}

}  // namespace pecia::kernels
