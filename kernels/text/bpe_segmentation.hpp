#pragma once
// Counted words cut into symbols, and how often each two neighbours stand in them, kept right while
// pairs are merged. At any time each word is cut as BpeEncoder cuts it by the merges so far.
// Each pair knows the places where it may stand, so a merge costs only where it happens: n bytes
// of different words take O(n log n) in all, whatever their lengths.
//
// No two merges make the same bytes. What an encoder does between two borders of its result it does
// to that stretch alone, too; so if the pair (l, r) stands in some word now, the text lr alone is
// cut into l and r. But had an earlier merge made lr, it would be one symbol ever since.
// Thread rule: one thread.

#include <compare>
#include <cstdint>
#include <optional>
#include <queue>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "kernels/text/word_counts.hpp"

namespace pecia::kernels {

// No merge makes a longer token: text without spaces would grow some of any length.
inline constexpr std::size_t kBpeTokenBytesMax = 128;

using BpeSymbol = std::uint32_t;  // 0 to 255: a byte; from 256 on in the order they were made

struct BpePair {
  BpeSymbol left = 0, right = 0;
  auto operator<=>(const BpePair&) const = default;
};

class BpeSegmentation {
 public:
  // Every word as bytes. REQUIRES no empty word, below 2^31 bytes in all.
  explicit BpeSegmentation(std::span<const CountedWord> words);

  // The pair that stands most often in the words, each counted as often as the word, and at least
  // `count_min` times. Among equals the least by left, then right symbol. REQUIRES that it is
  // merged next.
  std::optional<BpePair> take_most_frequent(std::uint64_t count_min);
  // Makes `pair` the last of the merges and a new symbol of it. REQUIRES that it stands in these
  // words, or in others cut by the same merges.
  void merge(BpePair pair);

  const std::vector<BpePair>& merges() const { return merges_; }        // [i] made symbol 256 + i
  const std::vector<std::string>& symbols() const { return symbols_; }  // the bytes of each
  std::uint64_t tokens() const { return tokens_; }                      // of all counted words

 private:
  using Place = std::uint32_t;  // in all words, laid end to end with an edge between

  struct PairStat {
    BpePair pair;
    std::uint64_t count = 0;
    std::vector<Place> places;  // every one where the pair stands, and some where it stood
    bool grown = false;         // in the merge that is under way
  };
  struct Candidate {  // count: of the pair now, or once and since then fewer
    std::uint64_t count = 0;
    BpePair pair;
    std::uint32_t stat = 0;
    bool operator<(const Candidate& other) const {
      return count != other.count ? count < other.count : other.pair < pair;
    }
  };
  struct PairHash {
    std::size_t operator()(std::uint64_t pair) const;
  };

  bool stands_at(Place place, BpePair pair) const;
  Place behind(Place place) const;    // where the next symbol begins, or the word's edge
  Place in_front(Place place) const;  // where the previous symbol begins, or the word's edge
  void lay(std::span<const CountedWord> words);
  void join(Place place, BpeSymbol joined);
  void lose(BpeSymbol left, BpeSymbol right, std::uint64_t count);
  void gain(Place place, std::uint64_t count);
  void offer_grown();

  std::vector<std::string> symbols_;
  std::vector<BpePair> merges_;

  std::vector<BpeSymbol> symbol_at_;    // by place: what begins there, or kInside, or kEdge
  std::vector<Place> begin_of_;         // by the place of a symbol's last byte
  std::vector<std::uint32_t> word_at_;  // by place
  std::vector<std::uint64_t> counts_;   // by word
  std::uint64_t tokens_ = 0;

  std::vector<PairStat> stats_;
  std::unordered_map<std::uint64_t, std::uint32_t, PairHash> stat_of_;
  std::priority_queue<Candidate> candidates_;
  std::vector<std::uint32_t> grown_;  // stats
};

}  // namespace pecia::kernels
