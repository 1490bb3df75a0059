#include "kernels/text/bpe.hpp"

#include <cassert>
#include <optional>

#include "kernels/text/tokenizer_bytes.hpp"
#include "kernels/weights/quoted.hpp"

namespace pecia::kernels {

Expected<BpeEncoder> BpeEncoder::build(const Vocabulary& vocabulary,
                                       std::span<const std::string_view> merges,
                                       std::string_view name) {
  const PretokenizerStyle* style = pretokenizer_style(vocabulary.pre);
  assert(style && "read_vocabulary() refuses unknown styles");
  BpeEncoder encoder(vocabulary, *style, merges.size());
  encoder.index_tokens();
  for (std::size_t rank = 0; rank < merges.size(); ++rank) {
    const Status added = encoder.add_merge(merges[rank], static_cast<std::uint32_t>(rank));
    if (!added) {
      return fail(ErrorKind::refuse, "{}: tokenizer.ggml.merges[{}] {}", name, rank,
                  added.error().message);
    }
  }
  Merger merger;
  std::vector<TokenId> replacement;
  encoder.encode_word("\uFFFD", merger, replacement);
  encoder.replacement_ = std::move(replacement);
  return encoder;
}

BpeEncoder::BpeEncoder(const Vocabulary& vocabulary, const PretokenizerStyle& style,
                       std::size_t merges)
    : words_(vocabulary), pretokenizer_(style), merges_(merges) {
  byte_ids_.fill(-1);
}

// The first of several tokens with the same bytes counts. Text never becomes a control token.
void BpeEncoder::index_tokens() {
  ids_.reserve(words_.texts.size());
  for (std::size_t i = 0; i < words_.texts.size(); ++i) {
    const auto id = static_cast<TokenId>(i);
    if (words_.silent(id)) {
      silent_.insert(words_.texts[i]);
    } else {
      ids_.emplace(words_.pieces[i], id);
    }
  }
  for (int byte = 0; byte < 256; ++byte) {
    const char text = static_cast<char>(byte);
    const auto found = ids_.find(std::string_view(&text, 1));
    if (found != ids_.end()) byte_ids_[byte] = found->second;
  }
}

Status BpeEncoder::add_merge(std::string_view merge, std::uint32_t rank) {
  const std::size_t space = merge.find(' ');
  if (space == merge.npos || space == 0 || space + 1 == merge.size()) {
    return fail(ErrorKind::refuse, "is '{}', not two parts with a space between", quoted(merge));
  }
  const auto left = from_byte_alphabet(merge.substr(0, space));
  const auto right = from_byte_alphabet(merge.substr(space + 1));
  if (!left || !right) {
    return fail(ErrorKind::refuse, "('{}') has a character outside the byte alphabet",
                quoted(merge));
  }
  const Symbol left_symbol = symbol_of(*left), right_symbol = symbol_of(*right);
  const Symbol joined = symbol_of(*left + *right);
  if (joined < 0 && silent_.contains(*left + *right)) return {};
  if (left_symbol < 0 || right_symbol < 0 || joined < 0) {
    return fail(ErrorKind::refuse, "('{}') needs its parts and their union among the tokens",
                quoted(merge));
  }
  merges_.add(left_symbol, right_symbol, {rank, joined});
  return {};
}

BpeEncoder::Symbol BpeEncoder::symbol_of(std::string_view bytes) const {
  if (bytes.size() == 1) return static_cast<std::uint8_t>(bytes.front());
  const auto found = ids_.find(bytes);
  return found == ids_.end() ? -1 : 256 + found->second;
}

std::size_t BpeEncoder::encode(std::string_view text, std::vector<TokenId>& ids) const {
  Merger merger;
  std::size_t entries = 0;
  for (const std::string_view word : pretokenizer_.split(text)) {
    entries += encode_word(word, merger, ids);
  }
  return entries;
}

std::size_t BpeEncoder::encode_word(std::string_view word, Merger& merger,
                                    std::vector<TokenId>& ids) const {
  if (words_.ignore_merges) {
    const auto whole = ids_.find(word);
    const bool known = whole != ids_.end();
    // One that was added to the vocabulary would have been found before, were it meant here.
    const bool added = known && words_.types[whole->second] == TokenType::user_defined;
    if (known && !added) return ids.push_back(whole->second), 0;
  }
  auto& symbols = merger.symbols();
  symbols.clear();
  for (std::size_t at = 0; at < word.size(); ++at) {
    symbols.push_back({static_cast<std::uint32_t>(at), 1, static_cast<std::uint8_t>(word[at])});
  }
  const std::size_t entries = merger.run([&](const MergeSymbol& left, const MergeSymbol& right) {
    return merges_.find(left.id, right.id);
  });
  for (const MergeSymbol& symbol : symbols) emit(symbol.id, ids);
  return entries;
}

void BpeEncoder::emit(Symbol symbol, std::vector<TokenId>& ids) const {
  const TokenId id = symbol < 256 ? byte_ids_[symbol] : symbol - 256;
  if (id >= 0) return ids.push_back(id);
  ids.insert(ids.end(), replacement_.begin(), replacement_.end());
}

}  // namespace pecia::kernels
