#pragma once
// How often each word of the pre-tokenizer stands in a text that arrives in parts: all that BPE
// training needs to know of it. However the text is cut into add() calls, the counts are those of
// the whole, save that a run of kPieceBytes without white space is cut there.
// Thread rule: one thread.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "kernels/base/expected.hpp"
#include "kernels/text/pretokenize.hpp"

namespace pecia::kernels {

// Letters, digits and marks apart, each with the one space before it. No word of this style leads
// from something else into white space, so a text may be cut before any; and an opening quote is a
// word of its own, which the llama-3 styles would glue to the word behind it.
inline constexpr std::string_view kBpePretokenizer = "gpt-2";

struct CountedWord {
  std::string_view text;
  std::uint64_t count = 0;
};

class WordCounts {
 public:
  static constexpr std::size_t kPieceBytes = std::size_t{1} << 20;  // held until words are cut
  // Training takes about 50 bytes of memory for each of these.
  static constexpr std::size_t kDistinctBytesMax = std::size_t{1} << 26;

  WordCounts();

  // The next bytes of the text. Refuses invalid UTF-8, by line and byte, and more than
  // kDistinctBytesMax bytes of different words; nothing may be added after a refusal.
  Status add(std::string_view bytes);
  // The text is over; the next add() begins another, whose words do not touch this one's.
  Status end_text();

  std::uint64_t bytes() const { return bytes_; }  // of all texts
  std::size_t words() const { return counts_.size(); }
  // In the order of their bytes; views live as long as this object is not added to.
  std::vector<CountedWord> sorted() const;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };

  Status count_first(std::size_t bytes);
  Status check_utf8(std::string_view piece);
  Status count(std::string_view word);

  Pretokenizer pretokenizer_;
  std::unordered_map<std::string, std::uint64_t, Hash, std::equal_to<>> counts_;
  std::string pending_;                   // read, but not yet cut into words
  std::uint64_t bytes_ = 0;               // of texts that are over, and of this one
  std::uint64_t offset_ = 0, lines_ = 0;  // of pending_ in its text
  std::size_t distinct_bytes_ = 0;
};

}  // namespace pecia::kernels
