#include "kernels/text/forced_words.hpp"

#include <string_view>
#include <vector>

#include "kernels/text/bpe_segmentation.hpp"
#include "kernels/text/pretokenize.hpp"
#include "kernels/text/unicode.hpp"
#include "kernels/text/word_counts.hpp"

namespace pecia::kernels {
namespace {

struct Context {
  std::string_view before, behind;
};

constexpr Context kContexts[] = {{"", ""},
                                 {"", " word"},
                                 {" ", ""},
                                 {" ", "."},
                                 {"\n", ","},
                                 {"\n\n", "'s"},
                                 {"  ", "\n"},
                                 {"\t", " "},
                                 {"word ", ": 1"},
                                 {"(", ")"},
                                 {"[", "]"},
                                 {"\"", "\""},
                                 {" \"", ",\""},
                                 {"\n\"", "!"},
                                 {"\u201C", "\u2019s"},
                                 {"\u2018", "\u2019"},
                                 {"\u00AB", "\u00BB"},
                                 {" \u201C", "\u201D"}};

// Calls `cut` with every text that shows `word` in one of its places, and with where the one piece
// must lie that holds it: the space before a word belongs to it. False once `cut` gave false.
template <class Cut>
bool stands_whole(std::string_view word, const Cut& cut) {
  for (const auto& [before, behind] : kContexts) {
    const std::string text = std::string(before).append(word).append(behind);
    const std::size_t begin = before.ends_with(' ') ? before.size() - 1 : before.size();
    if (!cut(text, begin, before.size() + word.size())) return false;
  }
  return true;
}

// Whether one of the pieces, which together are the text, goes from `begin` to `end`.
bool has_piece(const std::vector<std::string_view>& pieces, std::size_t begin, std::size_t end) {
  std::size_t at = 0;
  for (const std::string_view piece : pieces) {
    if (at == begin) return at + piece.size() == end;
    at += piece.size();
  }
  return false;
}

Status check_forced_word(const Pretokenizer& pretokenizer, std::string_view word) {
  if (word.empty() || !is_utf8(word)) {
    return fail(ErrorKind::refuse, "'{}' is no word of UTF-8 text", word);
  }
  if (word.size() + 1 > kBpeTokenBytesMax) {
    return fail(ErrorKind::refuse, "'{}' has {} bytes, a token holds {} and a space", word,
                word.size(), kBpeTokenBytesMax - 1);
  }
  const bool whole =
      stands_whole(word, [&](std::string_view text, std::size_t begin, std::size_t end) {
        return has_piece(pretokenizer.split(text), begin, end);
      });
  if (whole) return {};
  return fail(ErrorKind::refuse,
              "'{}' cannot be one token everywhere: the pre-tokenizer {} cuts it, or joins it to "
              "a quote; words are all letters or all digits",
              word, kBpePretokenizer);
}

}  // namespace

Status check_forced_words(std::span<const std::string> words) {
  const Pretokenizer pretokenizer(*pretokenizer_style(kBpePretokenizer));
  for (const std::string& word : words) {
    if (Status whole = check_forced_word(pretokenizer, word); !whole) return whole;
  }
  return {};
}

Status check_single_tokens(const Tokenizer& tokenizer, std::span<const std::string> words) {
  const auto pieces_of = [&tokenizer](std::string_view text) {
    std::vector<std::string_view> pieces;
    for (const TokenId id : tokenizer.encode(text, {.add_bos = false})) {
      pieces.push_back(tokenizer.piece(id));
    }
    return pieces;
  };
  for (const std::string& word : words) {
    std::string context;
    const bool whole =
        stands_whole(word, [&](std::string_view text, std::size_t begin, std::size_t end) {
          context = text;
          return has_piece(pieces_of(text), begin, end);
        });
    if (!whole) {
      return fail(ErrorKind::refuse, "'{}' is not one token in '{}'", word, context);
    }
  }
  return {};
}

}  // namespace pecia::kernels
