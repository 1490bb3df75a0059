#include "kernels/text/word_counts.hpp"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>

#include "kernels/text/unicode.hpp"

namespace pecia::kernels {
namespace {

// Whether a character that is no white space ends before text[at].
bool word_ends_at(std::string_view text, std::size_t at) {
  UChar32 before = 0;
  auto place = static_cast<std::int32_t>(at);
  U8_PREV(text.data(), 0, place, before);
  return before >= 0 && !u_isUWhiteSpace(before);
}

// Bytes of `text` that may be cut off without changing a word: up to its last white space behind
// something else. Where there is none, up to its last whole character.
std::size_t cut_of(std::string_view text) {
  for (std::size_t at = text.size(); --at > 0;) {
    if ((text[at] == ' ' || text[at] == '\n') && word_ends_at(text, at)) return at;
  }
  return text.size() - unfinished_utf8(text);
}

}  // namespace

WordCounts::WordCounts() : pretokenizer_(*pretokenizer_style(kBpePretokenizer)) {}

Status WordCounts::add(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t taken = std::min(bytes.size(), kPieceBytes - pending_.size());
    pending_.append(bytes.substr(0, taken));
    bytes.remove_prefix(taken);
    bytes_ += taken;
    if (pending_.size() < kPieceBytes) continue;
    if (Status counted = count_first(cut_of(pending_)); !counted) return counted;
  }
  return {};
}

Status WordCounts::end_text() {
  if (Status counted = count_first(pending_.size()); !counted) return counted;
  offset_ = lines_ = 0;
  return {};
}

Status WordCounts::count_first(std::size_t bytes) {
  const std::string_view piece = std::string_view(pending_).substr(0, bytes);
  if (Status valid = check_utf8(piece); !valid) return valid;
  for (const std::string_view word : pretokenizer_.split(piece)) {
    if (Status counted = count(word); !counted) return counted;
  }
  offset_ += bytes;
  lines_ += static_cast<std::uint64_t>(std::count(piece.begin(), piece.end(), '\n'));
  pending_.erase(0, bytes);
  return {};
}

Status WordCounts::check_utf8(std::string_view piece) {
  const std::size_t at = first_broken_utf8(piece);
  if (at == piece.npos) return {};
  const auto line = 1 + lines_ + std::count(piece.begin(), piece.begin() + at, '\n');
  return fail(ErrorKind::refuse, "line {} (byte {}) is not valid UTF-8; save it as UTF-8", line,
              offset_ + at);
}

Status WordCounts::count(std::string_view word) {
  const auto found = counts_.find(word);
  if (found != counts_.end()) return ++found->second, Status{};
  distinct_bytes_ += word.size();
  if (distinct_bytes_ > kDistinctBytesMax) {
    return fail(ErrorKind::refuse,
                "the different words of the text exceed {} bytes; train on a part of it",
                kDistinctBytesMax);
  }
  counts_.emplace(word, 1);
  return {};
}

std::vector<CountedWord> WordCounts::sorted() const {
  std::vector<CountedWord> words;
  words.reserve(counts_.size());
  for (const auto& [text, count] : counts_) words.push_back({text, count});
  std::sort(words.begin(), words.end(),
            [](const CountedWord& a, const CountedWord& b) { return a.text < b.text; });
  return words;
}

}  // namespace pecia::kernels
