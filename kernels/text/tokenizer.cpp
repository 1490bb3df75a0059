#include "kernels/text/tokenizer.hpp"

#include <algorithm>
#include <cassert>
#include <optional>
#include <utility>

#include "kernels/base/hash.hpp"
#include "kernels/text/bpe.hpp"
#include "kernels/text/spm.hpp"
#include "kernels/text/tokenizer_special.hpp"
#include "kernels/text/tokenizer_vocabulary.hpp"
#include "kernels/text/unicode.hpp"
#include "kernels/text/unigram.hpp"
#include "kernels/text/unigram_normaliser.hpp"

namespace pecia::kernels {
namespace {

using Merges = std::span<const std::string_view>;

Expected<Merges> read_merges(const ModelFile& file) {
  const auto merges = file.find_texts("tokenizer.ggml.merges");
  if (!merges) return merges.error();
  if (*merges) return **merges;
  return fail(ErrorKind::refuse, "{}: tokenizer.ggml.merges is absent, a gpt2 tokenizer needs it",
              file.path());
}

// All texts in one field, each behind its length, so that no two lists give the same bytes.
template <class Texts>
void hash_texts(FieldHash& hash, const Texts& texts) {
  std::string joined;
  for (const std::string_view text : texts) {
    joined.append(std::to_string(text.size())).append(":").append(text);
  }
  hash.field(joined);
}

std::string digest_of(const Vocabulary& words, Merges merges) {
  FieldHash hash;
  hash.field("tokenizer 1").field(words.kind).field(words.pre);
  hash_texts(hash, words.texts);
  hash_texts(hash, merges);
  hash.field(std::as_bytes(std::span(words.types)));
  hash.field(std::as_bytes(std::span(words.scores)));
  for (const TokenId id : {words.bos, words.unknown}) hash.field(static_cast<std::uint32_t>(id));
  hash.field(std::uint32_t{words.add_bos}).field(std::uint32_t{words.add_space_prefix});
  if (words.unigram()) hash.field(std::uint32_t{words.remove_extra_spaces}).field(words.charsmap);
  if (words.space_prefix_once) hash.field("space prefix once");
  if (words.space_prefix_missing) hash.field("space prefix missing");
  if (words.keep_last_space) hash.field("keep last space");
  if (words.added_as_spelt) hash.field("added as spelt");
  if (words.compose) hash.field("composed");
  for (const auto& [id, asks] : words.surroundings) {
    hash.field(fmt::format("{}: {} {} {}", id, asks.strip_left, asks.strip_right, asks.whole_word));
  }
  return hex(hash.digest());
}

}  // namespace

struct Tokenizer::Content {
  explicit Content(Vocabulary vocabulary)
      : words(std::move(vocabulary)), user_defined(words, false), special(words, true) {}

  Status build_encoder(const ModelFile& file) {
    Merges merges;
    if (words.unigram()) {
      if (Status built = build_unigram(file); !built) return built;
    } else if (words.sentencepiece()) {
      if (Status built = build_spm(file, merges); !built) return built;
    } else {
      const auto read = read_merges(file);
      if (!read) return read.error();
      merges = *read;
      auto built = BpeEncoder::build(words, merges, file.path());
      if (!built) return built.error();
      bpe.emplace(std::move(*built));
    }
    fingerprint = digest_of(words, merges);
    return {};
  }

  Status build_spm(const ModelFile& file, Merges& merges) {
    spm.emplace(words);
    const auto listed = file.find_texts("tokenizer.ggml.merges");
    if (!listed) return listed.error();
    if (!*listed) return {};
    merges = **listed;
    return spm->use_merges(merges, file.path());
  }

  Status build_unigram(const ModelFile& file) {
    unigram.emplace(words);
    const NormaliserOptions options = {.remove_extra_spaces = words.remove_extra_spaces,
                                       .keep_broken = unigram->has_bytes(),
                                       .prefix_missing = words.space_prefix_missing,
                                       .keep_last_space = words.keep_last_space};
    auto made = UnigramNormaliser::create(std::as_bytes(std::span(words.charsmap)), options);
    if (!made) {
      return fail(ErrorKind::refuse, "{}: tokenizer.ggml.precompiled_charsmap {}", file.path(),
                  made.error().message);
    }
    normaliser = *std::move(made);
    return {};
  }

  void encode(std::string_view text, bool at_start, std::vector<TokenId>& ids) const {
    const bool space = words.add_space_prefix && (at_start || !words.space_prefix_once);
    if (unigram) {
      unigram->encode(normaliser.apply(text, space), ids);
    } else if (spm) {
      const bool has_one = text.starts_with(' ') || text.starts_with(kSpaceMark);
      spm->encode(text, space && !(words.space_prefix_missing && has_one), ids);
    } else {
      words.compose ? bpe->encode(composed(text), ids) : bpe->encode(text, ids);
    }
  }

  Vocabulary words;
  SpecialTokens user_defined, special;
  std::optional<SpmEncoder> spm;  // one of these three
  std::optional<BpeEncoder> bpe;
  std::optional<UnigramEncoder> unigram;
  UnigramNormaliser normaliser;  // of the last
  std::string fingerprint;
};

Expected<Tokenizer> Tokenizer::load(const ModelFile& file) {
  auto words = read_vocabulary(file);
  if (!words) return words.error();
  const auto content = std::make_shared<Content>(std::move(*words));
  if (const Status built = content->build_encoder(file); !built) return built.error();
  return Tokenizer(content);
}

std::vector<TokenId> Tokenizer::encode(std::string_view text, EncodeOptions options) const {
  const Vocabulary& words = content_->words;
  std::vector<TokenId> ids;
  if (options.add_bos && words.add_bos && words.bos >= 0) ids.push_back(words.bos);
  const SpecialTokens& special = options.parse_special ? content_->special : content_->user_defined;
  for (std::size_t at = 0; at < text.size();) {
    const auto match = special.find(text, at);
    const std::size_t end = match ? match->begin : text.size();
    if (end > at) content_->encode(text.substr(at, end - at), options.at_start && at == 0, ids);
    if (!match) break;
    ids.push_back(match->id);
    at = match->end;
  }
  return ids;
}

std::string_view Tokenizer::piece(TokenId id) const {
  assert(id >= 0 && id < size());
  return content_->words.pieces[id];
}

std::string Tokenizer::decode(std::span<const TokenId> ids) const {
  TokenStream stream(*this, true);
  std::string text;
  for (const TokenId id : ids) text += stream.push(id);
  return text += stream.flush();
}

int Tokenizer::size() const { return static_cast<int>(content_->words.texts.size()); }
TokenId Tokenizer::bos() const { return content_->words.bos; }
TokenId Tokenizer::eos() const { return content_->words.eos; }

bool Tokenizer::ends_generation(TokenId id) const {
  const std::vector<TokenId>& ends = content_->words.end_ids;
  return std::binary_search(ends.begin(), ends.end(), id);
}

bool Tokenizer::is_control(TokenId id) const {
  assert(id >= 0 && id < size());
  return content_->words.types[id] == TokenType::control;
}

bool Tokenizer::is_user_defined(TokenId id) const {
  assert(id >= 0 && id < size());
  return content_->words.types[id] == TokenType::user_defined;
}

TokenSurroundings Tokenizer::surroundings(TokenId id) const {
  assert(id >= 0 && id < size());
  const auto found = content_->words.surroundings.find(id);
  return found == content_->words.surroundings.end() ? TokenSurroundings{} : found->second;
}

std::string_view Tokenizer::kind() const { return content_->words.kind; }
std::string_view Tokenizer::chat_template() const { return content_->words.chat_template; }
std::string Tokenizer::fingerprint() const { return content_->fingerprint; }

TokenStream::TokenStream(const Tokenizer& tokenizer, bool drop_leading_space)
    : tokenizer_(tokenizer),
      at_start_(drop_leading_space && tokenizer.content_->words.add_space_prefix) {}

}  // namespace pecia::kernels
