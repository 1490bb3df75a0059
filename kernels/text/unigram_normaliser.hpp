#pragma once
// What SentencePiece does to text before a unigram model sees it: characters rewritten by the
// model's own table (NFKC and the like), runs of spaces made one, a space put in front, spaces
// written as U+2581 (google/sentencepiece, src/normalizer.cc).
// The table is a double array (darts-clone) in front of its replacements: 32-bit units, each with
// the label of the byte that leads to it, the way to its children, and whether a key ends here.
// Thread rule: immutable; share freely.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/base/expected.hpp"

namespace pecia::kernels {

// No character of Unicode becomes more than 33 bytes; keeps the work per byte of text bounded.
inline constexpr std::size_t kReplacementBytesMax = 256;

struct NormaliserOptions {
  bool remove_extra_spaces = false;
  bool escape_spaces = true;  // ' ' as U+2581
  bool keep_broken = false;   // bytes outside any character stay; else each becomes U+FFFD
  // Hugging Face's ways. A space is put in front only where none is, and of several at the begin
  // one stays; at the end one stays too, or all white space goes.
  bool prefix_missing = false;
  bool keep_last_space = false;
};

class UnigramNormaliser {
 public:
  UnigramNormaliser() = default;
  // `charsmap`: tokenizer.ggml.precompiled_charsmap; empty: no table. Refuses one that is cut
  // short or has an endless replacement.
  static Expected<UnigramNormaliser> create(std::span<const std::byte> charsmap,
                                            NormaliserOptions options);

  std::string apply(std::string_view text, bool space_prefix) const;
  const NormaliserOptions& options() const { return options_; }

 private:
  struct Piece {
    std::size_t bytes = 0;  // of the text
    std::string_view text;  // what they become
  };
  Piece first_of(std::string_view text) const;
  Piece replaced(std::string_view text) const;  // bytes == 0: the table knows no beginning of it
  std::string rewritten(std::string_view text) const;
  void trim_end(std::string& text) const;

  NormaliserOptions options_;
  std::vector<std::uint32_t> units_;
  std::string replacements_;  // each ended by a zero
};

}  // namespace pecia::kernels
