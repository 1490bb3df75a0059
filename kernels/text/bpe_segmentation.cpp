#include "kernels/text/bpe_segmentation.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace pecia::kernels {
namespace {

constexpr BpeSymbol kInside = 0xFFFFFFFF;  // a symbol began further left and has not ended
constexpr BpeSymbol kEdge = 0xFFFFFFFE;    // between two words

std::uint64_t key_of(BpePair pair) { return std::uint64_t{pair.left} << 32 | pair.right; }

}  // namespace

// The finaliser of splitmix64, since neighbouring symbols must not share buckets.
std::size_t BpeSegmentation::PairHash::operator()(std::uint64_t pair) const {
  std::uint64_t mixed = (pair ^ pair >> 30) * 0xBF58476D1CE4E5B9u;
  mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EBu;
  return mixed ^ mixed >> 31;
}

BpeSegmentation::BpeSegmentation(std::span<const CountedWord> words) {
  for (int byte = 0; byte < 256; ++byte) {
    symbols_.emplace_back(1, static_cast<char>(byte));
  }
  lay(words);
  for (Place place = 0; place < symbol_at_.size(); ++place) {
    if (symbol_at_[place] == kEdge || symbol_at_[behind(place)] == kEdge) continue;
    gain(place, counts_[word_at_[place]]);
  }
  offer_grown();
}

void BpeSegmentation::lay(std::span<const CountedWord> words) {
  std::size_t places = 1;
  for (const CountedWord& word : words) places += word.text.size() + 1;
  assert(places < std::size_t{1} << 31);
  symbol_at_.assign(places, kEdge);
  begin_of_.resize(places);
  word_at_.resize(places);
  Place place = 1;
  for (const CountedWord& word : words) {
    assert(!word.text.empty());
    for (const char byte : word.text) {
      symbol_at_[place] = static_cast<std::uint8_t>(byte);
      begin_of_[place] = place;
      word_at_[place++] = static_cast<std::uint32_t>(counts_.size());
    }
    ++place;
    counts_.push_back(word.count);
    tokens_ += word.count * word.text.size();
  }
}

std::optional<BpePair> BpeSegmentation::take_most_frequent(std::uint64_t count_min) {
  while (!candidates_.empty() && candidates_.top().count >= count_min) {
    Candidate best = candidates_.top();
    candidates_.pop();
    const std::uint64_t count = stats_[best.stat].count;
    const auto [left, right] = best.pair;
    if (symbols_[left].size() + symbols_[right].size() > kBpeTokenBytesMax) continue;
    if (count == best.count) return best.pair;
    if (count == 0 || count > best.count) continue;  // gone, or offered again with its new count
    best.count = count;
    candidates_.push(best);
  }
  return std::nullopt;
}

void BpeSegmentation::merge(BpePair pair) {
  const auto joined = static_cast<BpeSymbol>(symbols_.size());
  symbols_.push_back(symbols_[pair.left] + symbols_[pair.right]);
  merges_.push_back(pair);
  const auto found = stat_of_.find(key_of(pair));
  if (found == stat_of_.end()) return;
  std::vector<Place> places = std::exchange(stats_[found->second].places, {});
  std::sort(places.begin(), places.end());  // leftmost first, as the encoder does
  for (const Place place : places) {
    if (stands_at(place, pair)) join(place, joined);
  }
  offer_grown();
}

bool BpeSegmentation::stands_at(Place place, BpePair pair) const {
  return symbol_at_[place] == pair.left && symbol_at_[behind(place)] == pair.right;
}

BpeSegmentation::Place BpeSegmentation::behind(Place place) const {
  return place + static_cast<Place>(symbols_[symbol_at_[place]].size());
}

BpeSegmentation::Place BpeSegmentation::in_front(Place place) const {
  return symbol_at_[place - 1] == kEdge ? place - 1 : begin_of_[place - 1];
}

// The symbol at `place` and the one behind it become one.
void BpeSegmentation::join(Place place, BpeSymbol joined) {
  const std::uint64_t count = counts_[word_at_[place]];
  const Place front = in_front(place), second = behind(place), end = behind(second);
  const BpeSymbol left = symbol_at_[place], right = symbol_at_[second];
  const bool has_front = symbol_at_[front] != kEdge, has_next = symbol_at_[end] != kEdge;
  if (has_front) lose(symbol_at_[front], left, count);
  lose(left, right, count);
  if (has_next) lose(right, symbol_at_[end], count);
  symbol_at_[second] = kInside;
  symbol_at_[place] = joined;
  begin_of_[end - 1] = place;
  if (has_front) gain(front, count);
  if (has_next) gain(place, count);
  tokens_ -= count;
}

void BpeSegmentation::lose(BpeSymbol left, BpeSymbol right, std::uint64_t count) {
  const auto found = stat_of_.find(key_of({left, right}));
  assert(found != stat_of_.end() && stats_[found->second].count >= count);
  stats_[found->second].count -= count;
}

// The pair that begins at `place` stands there from now on.
void BpeSegmentation::gain(Place place, std::uint64_t count) {
  const BpePair pair{symbol_at_[place], symbol_at_[behind(place)]};
  const auto [found, added] =
      stat_of_.emplace(key_of(pair), static_cast<std::uint32_t>(stats_.size()));
  if (added) stats_.push_back({.pair = pair, .count = 0, .places = {}, .grown = false});
  PairStat& stat = stats_[found->second];
  stat.count += count;
  stat.places.push_back(place);
  if (stat.grown) return;
  stat.grown = true;
  grown_.push_back(found->second);
}

void BpeSegmentation::offer_grown() {
  for (const std::uint32_t index : grown_) {
    PairStat& stat = stats_[index];
    stat.grown = false;
    if (stat.count > 0) candidates_.push({stat.count, stat.pair, index});
  }
  grown_.clear();
}

}  // namespace pecia::kernels
