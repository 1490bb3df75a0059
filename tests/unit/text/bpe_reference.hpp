#pragma once
// BPE training as one would write it down: after each merge every word is encoded anew from its
// bytes and every pair counted again.

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "kernels/text/pretokenize.hpp"
#include "kernels/text/word_counts.hpp"

namespace pecia::kernels::test {

struct ReferenceBpe {
  std::vector<std::string> symbols;
  std::vector<std::pair<unsigned, unsigned>> merges;

  unsigned symbol(const std::string& bytes) const {
    for (unsigned id = 0; id < symbols.size(); ++id) {
      if (symbols[id] == bytes) return id;
    }
    return static_cast<unsigned>(symbols.size());
  }

  // The earliest merge that applies anywhere, at its leftmost place, until none does.
  std::vector<unsigned> encode(const std::string& word) const {
    std::vector<unsigned> ids;
    for (const char byte : word) ids.push_back(static_cast<unsigned char>(byte));
    while (merge_once(ids)) {
    }
    return ids;
  }

  bool merge_once(std::vector<unsigned>& ids) const {
    for (const auto& [left, right] : merges) {
      for (std::size_t i = 0; i + 1 < ids.size(); ++i) {
        if (ids[i] != left || ids[i + 1] != right) continue;
        ids[i] = symbol(symbols[left] + symbols[right]);
        ids.erase(ids.begin() + static_cast<std::ptrdiff_t>(i) + 1);
        return true;
      }
    }
    return false;
  }
};

inline ReferenceBpe train_reference(std::string_view text, std::size_t symbols_max) {
  ReferenceBpe bpe;
  for (int byte = 0; byte < 256; ++byte) bpe.symbols.emplace_back(1, static_cast<char>(byte));
  std::map<std::string, unsigned> words;
  for (const auto word : Pretokenizer(*pretokenizer_style(kBpePretokenizer)).split(text)) {
    ++words[std::string(word)];
  }
  while (bpe.symbols.size() < symbols_max) {
    std::map<std::pair<unsigned, unsigned>, unsigned> counts;  // ascending by left, then right
    for (const auto& [word, count] : words) {
      const std::vector<unsigned> ids = bpe.encode(word);
      for (std::size_t i = 0; i + 1 < ids.size(); ++i) counts[{ids[i], ids[i + 1]}] += count;
    }
    auto best = counts.end();
    for (auto it = counts.begin(); it != counts.end(); ++it) {
      if (best == counts.end() || it->second > best->second) best = it;
    }
    if (best == counts.end() || best->second < 2) break;
    const auto [left, right] = best->first;
    const std::string joined = bpe.symbols[left] + bpe.symbols[right];
    bpe.merges.push_back(best->first);
    if (bpe.symbol(joined) == bpe.symbols.size()) bpe.symbols.push_back(joined);
  }
  return bpe;
}

}  // namespace pecia::kernels::test
