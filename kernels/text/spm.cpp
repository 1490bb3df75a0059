#include "kernels/text/spm.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <string>

#include "kernels/text/tokenizer_bytes.hpp"
#include "kernels/text/unicode.hpp"

namespace pecia::kernels {
namespace {

// Numbers in the reverse order of the scores, equal for equal scores. A float's bits order like
// the number once negative ones are flipped; adding zero makes -0 the same as 0.
std::uint32_t priority_of(float score) {
  const auto bits = std::bit_cast<std::uint32_t>(score + 0.0f);
  const std::uint32_t ascending = bits >> 31 ? ~bits : bits | 0x80000000u;
  return ~ascending;
}

std::string with_space_marks(std::string_view text, bool space_prefix) {
  std::string result(space_prefix ? kSpaceMark : "");
  result.reserve(text.size() * 2);
  for (const char byte : text) byte == ' ' ? result.append(kSpaceMark) : result.append(1, byte);
  return result;
}

}  // namespace

SpmEncoder::SpmEncoder(const Vocabulary& vocabulary) : words_(vocabulary) {
  byte_ids_.fill(words_.unknown);
  ids_.reserve(words_.texts.size());
  for (std::size_t i = 0; i < words_.texts.size(); ++i) {
    const auto id = static_cast<TokenId>(i);
    const std::string& text = words_.texts[i];
    priorities_.push_back(priority_of(words_.scores[i]));
    if (words_.types[i] == TokenType::byte) {
      byte_ids_[*parse_byte_token(text)] = id;
    } else if (!words_.silent(id) && !text.empty()) {
      ids_.emplace(text, id);
      longest_ = std::max(longest_, text.size());
    }
  }
}

TokenId SpmEncoder::find(std::string_view text) const {
  if (text.size() > longest_) return -1;
  const auto found = ids_.find(text);
  return found == ids_.end() ? -1 : found->second;
}

std::size_t SpmEncoder::encode(std::string_view text, std::vector<TokenId>& ids) const {
  const std::string escaped = with_space_marks(text, words_.add_space_prefix);
  const std::string_view view = escaped;
  Merger merger;
  for (std::size_t at = 0; at < view.size();) {
    const Utf8Run run = utf8_run(view, at);
    const std::size_t bytes = run.whole() ? run.length : 1;
    merger.symbols().push_back({static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(bytes),
                                find(view.substr(at, bytes))});
    at += bytes;
  }
  const std::size_t entries =
      merger.run([&](const MergeSymbol& left, const MergeSymbol& right) -> MergedPair {
        const TokenId id = find(view.substr(left.begin, left.bytes + right.bytes));
        return {id < 0 ? 0 : priorities_[id], id};
      });
  for (const MergeSymbol& symbol : merger.symbols()) emit(view, symbol, ids);
  return entries;
}

void SpmEncoder::emit(std::string_view text, const MergeSymbol& symbol,
                      std::vector<TokenId>& ids) const {
  if (symbol.id >= 0) return ids.push_back(symbol.id);
  for (const char byte : text.substr(symbol.begin, symbol.bytes)) {
    const TokenId id = byte_ids_[static_cast<std::uint8_t>(byte)];
    if (id >= 0) ids.push_back(id);
  }
}

}  // namespace pecia::kernels
