#include "kernels/text/tokenizer_special.hpp"

#include <algorithm>
#include <cstdint>

#include "kernels/text/unicode.hpp"

namespace pecia::kernels {
namespace {

bool inside_word(std::string_view text, const SpecialMatch& match) {
  return is_word_character(character_before(text, match.begin)) ||
         is_word_character(character_at(text, match.end));
}

}  // namespace

SpecialTokens::SpecialTokens(const Vocabulary& vocabulary, bool silent) : words_(vocabulary) {
  for (std::size_t i = 0; i < vocabulary.texts.size(); ++i) {
    const auto id = static_cast<TokenId>(i);
    // Gemma's runs of spaces are spelt with U+2581 in GGUF files: text has them as spaces.
    const bool user_defined = vocabulary.types[i] == TokenType::user_defined;
    const bool has_spaces = user_defined && !vocabulary.added_as_spelt;
    const std::string_view text = has_spaces ? vocabulary.pieces[i] : vocabulary.texts[i];
    const bool wanted = user_defined || (silent && vocabulary.silent(id));
    if (!wanted || text.empty()) continue;
    tokens_.emplace_back(text, id);
    first_bytes_.set(static_cast<std::uint8_t>(text.front()));
  }
  std::sort(tokens_.begin(), tokens_.end());
}

std::optional<SpecialMatch> SpecialTokens::find(std::string_view text, std::size_t from) const {
  if (tokens_.empty()) return std::nullopt;
  for (std::size_t at = from; at < text.size(); ++at) {
    if (!first_bytes_.test(static_cast<std::uint8_t>(text[at]))) continue;
    auto match = longest_at(text, at);
    if (!match) continue;
    const auto asks = words_.surroundings.find(match->id);
    if (asks == words_.surroundings.end()) return match;
    if (asks->second.whole_word && inside_word(text, *match)) {
      at = match->end - 1;
      continue;
    }
    if (asks->second.strip_left) match->begin = behind_last_ink(text, from, match->begin);
    if (asks->second.strip_right) match->end = next_ink(text, match->end);
    return match;
  }
  return std::nullopt;
}

// Narrows the sorted tokens to those that share one byte more with the text, as a trie would.
std::optional<SpecialMatch> SpecialTokens::longest_at(std::string_view text,
                                                      std::size_t begin) const {
  std::optional<SpecialMatch> longest;
  auto low = tokens_.begin(), high = tokens_.end();
  for (std::size_t depth = 0; begin + depth < text.size(); ++depth) {
    const auto next = static_cast<std::uint8_t>(text[begin + depth]);
    const auto byte_of = [&](const auto& token) -> int {
      return token.first.size() == depth ? -1 : static_cast<std::uint8_t>(token.first[depth]);
    };
    low = std::partition_point(low, high, [&](const auto& token) { return byte_of(token) < next; });
    high =
        std::partition_point(low, high, [&](const auto& token) { return byte_of(token) <= next; });
    if (low == high) break;
    if (low->first.size() == depth + 1) longest = {begin, begin + depth + 1, low->second};
  }
  return longest;
}

}  // namespace pecia::kernels
