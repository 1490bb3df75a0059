#include "kernels/text/spm.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <string>

#include "kernels/text/tokenizer_bytes.hpp"
#include "kernels/text/unicode.hpp"
#include "kernels/weights/quoted.hpp"

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
  byte_ids_.fill(-1);
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
      has_unused_ |= is_unused(id);
    }
  }
}

Status SpmEncoder::use_merges(std::span<const std::string_view> merges, std::string_view name) {
  merges_.emplace(merges.size());
  for (std::size_t rank = 0; rank < merges.size(); ++rank) {
    const std::string_view merge = merges[rank];
    const std::size_t space = std::min(merge.find(' '), merge.size());
    const TokenId left = find(merge.substr(0, space));
    const TokenId right = find(merge.substr(std::min(space + 1, merge.size())));
    const TokenId joined = find(std::string(merge.substr(0, space))
                                    .append(merge.substr(std::min(space + 1, merge.size()))));
    if (left < 0 || right < 0 || joined < 0) {
      return fail(ErrorKind::refuse,
                  "{}: tokenizer.ggml.merges[{}] ('{}') needs its parts and their union among the "
                  "tokens",
                  name, rank, quoted(merge));
    }
    merges_->add(left, right, {static_cast<std::uint32_t>(rank), joined});
  }
  return {};
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
  Parts parts;
  const std::size_t entries =
      merger.run([&](const MergeSymbol& left, const MergeSymbol& right) -> MergedPair {
        if (merges_) {
          return left.id < 0 || right.id < 0 ? MergedPair{} : merges_->find(left.id, right.id);
        }
        const std::string_view joined = view.substr(left.begin, left.bytes + right.bytes);
        const TokenId id = find(joined);
        if (has_unused_ && id >= 0 && is_unused(id)) {
          parts[joined] = {joined.substr(0, left.bytes), joined.substr(left.bytes)};
        }
        return {id < 0 ? 0 : priorities_[id], id};
      });
  bool behind_unknown = false;
  for (const MergeSymbol& symbol : merger.symbols()) {
    const std::string_view piece = view.substr(symbol.begin, symbol.bytes);
    const bool unknown = symbol.id < 0 && !has_bytes(piece);
    if (symbol.id >= 0 && !has_unused_) {
      ids.push_back(symbol.id);
    } else if (!unknown) {
      emit(piece, parts, ids);
    } else if (!behind_unknown && words_.unknown >= 0) {
      ids.push_back(words_.unknown);
    }
    behind_unknown = unknown;
  }
  return entries;
}

bool SpmEncoder::has_bytes(std::string_view text) const {
  return std::all_of(text.begin(), text.end(),
                     [this](char byte) { return byte_ids_[static_cast<std::uint8_t>(byte)] >= 0; });
}

void SpmEncoder::emit(std::string_view text, const Parts& parts, std::vector<TokenId>& ids) const {
  const TokenId id = find(text);
  const auto made_of = id >= 0 && is_unused(id) ? parts.find(text) : parts.end();
  if (made_of != parts.end()) {
    emit(made_of->second.first, parts, ids);
    emit(made_of->second.second, parts, ids);
  } else if (id >= 0) {
    ids.push_back(id);
  } else {
    for (const char byte : text) {
      const TokenId byte_id = byte_ids_[static_cast<std::uint8_t>(byte)];
      if (byte_id >= 0) ids.push_back(byte_id);
    }
  }
}

}  // namespace pecia::kernels
