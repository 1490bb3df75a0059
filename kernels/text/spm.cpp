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

// The bytes of a character as one number.
std::uint32_t packed(std::string_view character) {
  std::uint32_t number = 0;
  for (const char byte : character) number = number << 8 | static_cast<std::uint8_t>(byte);
  return number;
}

// All pairs of characters that stand side by side in a token.
std::vector<std::uint64_t> pairs_in(const std::unordered_map<std::string_view, TokenId>& tokens) {
  std::vector<std::uint64_t> pairs;
  for (const auto& [text, id] : tokens) {
    std::uint32_t before = 0;
    for (std::size_t at = 0; at < text.size();) {
      const Utf8Run run = utf8_run(text, at);
      const std::size_t bytes = run.whole() ? run.length : 1;
      const std::uint32_t now = packed(text.substr(at, bytes));
      if (at > 0) pairs.push_back(std::uint64_t{before} << 32 | now);
      before = now;
      at += bytes;
    }
  }
  std::sort(pairs.begin(), pairs.end());
  pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
  return pairs;
}

}  // namespace

SpmEncoder::Neighbours::Neighbours(const std::vector<std::uint64_t>& pairs) : table_(pairs.size()) {
  for (const std::uint64_t pair : pairs) {
    table_.add(static_cast<std::int32_t>(pair >> 32), static_cast<std::int32_t>(pair), {0, 0});
  }
}

SpmEncoder::SpmEncoder(const Vocabulary& vocabulary) : words_(vocabulary) {
  byte_ids_.fill(-1);
  ids_.reserve(words_.texts.size());
  for (std::size_t i = 0; i < words_.texts.size(); ++i) {
    const auto id = static_cast<TokenId>(i);
    const std::string& text = words_.texts[i];
    priorities_.push_back(priority_of(words_.scores[i]));
    if (words_.types[i] == TokenType::byte) {
      byte_ids_[*parse_byte_token(text)] = id;
    } else if (!words_.silent(id) && !text.empty() && merges_to(id)) {
      ids_.emplace(text, id);
      longest_ = std::max(longest_, text.size());
      has_unused_ |= is_unused(id);
    }
  }
  neighbours_ = Neighbours(pairs_in(ids_));
}

// Added tokens are found before anything merges; only those that marks are part of may come of
// both.
bool SpmEncoder::merges_to(TokenId id) const {
  return words_.types[id] != TokenType::user_defined ||
         words_.texts[id].find(kSpaceMark) != std::string::npos;
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

// No merge reaches across two characters that stand side by side in no token, so the text is cut
// there: what is merged at once stays small, however long the text.
std::size_t SpmEncoder::encode(std::string_view text, bool space_prefix,
                               std::vector<TokenId>& ids) const {
  std::string escaped = marks_for_spaces(text);
  if (space_prefix) escaped.insert(0, kSpaceMark);
  Run run{escaped, ids, {}, {}, false, 0};
  std::vector<MergeSymbol>& symbols = run.merger.symbols();
  std::uint32_t before = 0;
  for (std::size_t at = 0; at < escaped.size();) {
    const Utf8Run character = utf8_run(escaped, at);
    const std::size_t bytes = character.whole() ? character.length : 1;
    const std::string_view one = run.text.substr(at, bytes);
    const std::uint32_t now = packed(one);
    if (!symbols.empty() && !neighbours_.contains(before, now)) merge(run);
    symbols.push_back(
        {static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(bytes), find(one)});
    before = now;
    at += bytes;
  }
  merge(run);
  return run.entries;
}

void SpmEncoder::merge(Run& run) const {
  run.parts.clear();
  run.entries +=
      run.merger.run([&](const MergeSymbol& left, const MergeSymbol& right) -> MergedPair {
        if (merges_) {
          return left.id < 0 || right.id < 0 ? MergedPair{} : merges_->find(left.id, right.id);
        }
        const std::string_view joined = run.text.substr(left.begin, left.bytes + right.bytes);
        const TokenId id = find(joined);
        if (has_unused_ && id >= 0 && is_unused(id)) {
          run.parts[joined] = {joined.substr(0, left.bytes), joined.substr(left.bytes)};
        }
        return {id < 0 ? 0 : priorities_[id], id};
      });
  for (const MergeSymbol& symbol : run.merger.symbols()) {
    const std::string_view piece = run.text.substr(symbol.begin, symbol.bytes);
    const bool unknown = symbol.id < 0 && !has_bytes(piece);
    if (symbol.id >= 0 && !has_unused_) {
      run.ids.push_back(symbol.id);
    } else if (!unknown) {
      emit(piece, run.parts, run.ids);
    } else if (!run.behind_unknown && words_.unknown >= 0) {
      run.ids.push_back(words_.unknown);
    }
    run.behind_unknown = unknown;
  }
  run.merger.symbols().clear();
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
