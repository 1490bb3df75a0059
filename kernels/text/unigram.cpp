#include "kernels/text/unigram.hpp"

#include <algorithm>
#include <limits>

#include "kernels/text/tokenizer_bytes.hpp"
#include "kernels/text/unicode.hpp"

namespace pecia::kernels {
namespace {

constexpr double kUncoveredPenalty = 10;  // SentencePiece's own

bool matches_text(const Vocabulary& words, std::size_t id) {
  return words.types[id] == TokenType::normal && !words.texts[id].empty();
}

std::size_t bytes_in_all(const Vocabulary& words) {
  std::size_t bytes = 0;
  for (std::size_t id = 0; id < words.texts.size(); ++id) {
    if (matches_text(words, id)) bytes += words.texts[id].size();
  }
  return bytes;
}

}  // namespace

UnigramEncoder::UnigramEncoder(const Vocabulary& vocabulary)
    : words_(vocabulary), edges_(bytes_in_all(vocabulary)), token_at_(1, -1) {
  byte_ids_.fill(-1);
  float least = std::numeric_limits<float>::max();
  for (std::size_t i = 0; i < words_.texts.size(); ++i) {
    const auto id = static_cast<TokenId>(i);
    if (words_.types[i] == TokenType::byte) byte_ids_[*parse_byte_token(words_.texts[i])] = id;
    if (!matches_text(words_, i)) continue;
    least = std::min(least, words_.scores[i]);
    std::int32_t node = 0;
    for (const char c : words_.texts[i]) {
      const auto byte = static_cast<std::uint8_t>(c);
      std::int32_t next = edges_.find(node, byte).id;
      if (next < 0) {
        next = static_cast<std::int32_t>(token_at_.size());
        edges_.add(node, byte, {0, next});
        token_at_.push_back(-1);
      }
      node = next;
    }
    if (token_at_[node] < 0) token_at_[node] = id;  // of several with one text the first counts
  }
  byte_fallback_ = std::find(byte_ids_.begin(), byte_ids_.end(), -1) == byte_ids_.end();
  uncovered_score_ = (token_at_.size() > 1 ? least : 0) - kUncoveredPenalty;
}

std::size_t UnigramEncoder::encode(std::string_view text, std::vector<TokenId>& ids) const {
  if (text.empty()) return 0;
  std::vector<Arrival> arrivals(text.size() + 1, {0, 0, kUnseen});
  const std::size_t looked_at = walk(text, arrivals);
  emit(text, arrivals, ids);
  return looked_at;
}

// Of equal sums the one that was found first stays: that with the longer last token.
void UnigramEncoder::offer(Arrival& place, double score, std::size_t begin, TokenId id) const {
  if (place.id != kUnseen && score <= place.score) return;
  place = {score, static_cast<std::uint32_t>(begin), id};
}

std::size_t UnigramEncoder::walk(std::string_view text, std::vector<Arrival>& arrivals) const {
  std::size_t looked_at = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    const Utf8Run run = utf8_run(text, begin);
    const std::size_t character = run.whole() ? run.length : 1;
    const double here = arrivals[begin].score;
    bool covered = false;  // the character alone is a token
    std::int32_t node = 0;
    for (std::size_t end = begin; end < text.size();) {
      node = edges_.find(node, static_cast<std::uint8_t>(text[end++])).id;
      if (node < 0) break;
      const TokenId id = token_at_[node];
      if (id < 0) continue;
      ++looked_at;
      covered |= end - begin == character;
      offer(arrivals[end], here + words_.scores[id], begin, id);
    }
    if (!covered) {
      ++looked_at;
      offer(arrivals[begin + character], here + uncovered_score_, begin, kUncovered);
    }
    begin += character;
  }
  return looked_at;
}

void UnigramEncoder::emit(std::string_view text, const std::vector<Arrival>& arrivals,
                          std::vector<TokenId>& ids) const {
  const std::size_t first = ids.size();
  bool behind_unknown = false;  // seen from the end, as all of this
  for (std::size_t end = text.size(); end > 0;) {
    const Arrival& last = arrivals[end];
    if (last.id >= 0) {
      ids.push_back(last.id);
    } else if (byte_fallback_) {
      for (std::size_t at = end; at > last.begin; --at) {
        ids.push_back(byte_ids_[static_cast<std::uint8_t>(text[at - 1])]);
      }
    } else if (!behind_unknown) {
      ids.push_back(words_.unknown);
    }
    behind_unknown = last.id < 0;
    end = last.begin;
  }
  std::reverse(ids.begin() + static_cast<std::ptrdiff_t>(first), ids.end());
}

}  // namespace pecia::kernels
