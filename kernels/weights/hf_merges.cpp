#include "kernels/weights/hf_merges.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <unordered_map>
#include <unordered_set>

#include "kernels/weights/quoted.hpp"

namespace pecia::kernels {
namespace {

// The squared lengths of all pieces, which bound the work over them; the largest vocabularies in
// use come to a tenth of it.
constexpr std::uint64_t kSquaredBytesMax = std::uint64_t{1} << 30;

using Ids = std::unordered_map<std::string_view, std::uint32_t>;

std::optional<HfMerge> read_merge(const Json& merge) {
  if (merge.is_array() && merge.size() == 2 && merge[0].is_string() && merge[1].is_string()) {
    return HfMerge{merge[0].get_ref<const std::string&>(), merge[1].get_ref<const std::string&>()};
  }
  if (!merge.is_string()) return std::nullopt;
  const std::string_view text = merge.get_ref<const std::string&>();
  const std::size_t space = text.find(' ');
  if (space == text.npos || space == 0 || space + 1 == text.size()) return std::nullopt;
  if (text.find(' ', space + 1) != text.npos) return std::nullopt;  // which of them parts the two?
  return HfMerge{text.substr(0, space), text.substr(space + 1)};
}

bool begins_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; }

// How many pairs of pieces join to a piece.
std::uint64_t count_pairs(std::span<const std::string> pieces, const Ids& ids) {
  std::uint64_t pairs = 0;
  for (const std::string& piece : pieces) {
    const std::string_view text = piece;
    for (std::size_t cut = 1; cut < text.size(); ++cut) {
      if (!begins_character(text[cut])) continue;
      pairs += ids.contains(text.substr(0, cut)) && ids.contains(text.substr(cut));
    }
  }
  return pairs;
}

// Pieces in the order in which merges make them first; nullopt where one comes back later, or
// where a pair has no part in the vocabulary.
std::optional<std::vector<std::uint32_t>> order_of(std::span<const HfMerge> merges, const Ids& ids,
                                                   std::uint64_t& pairs) {
  std::vector<std::uint32_t> order;
  std::unordered_set<std::uint32_t> seen;
  std::string joined;
  for (const auto& [left, right] : merges) {
    joined.assign(left).append(right);
    const auto piece = ids.find(joined);
    if (piece == ids.end()) continue;  // of a token that is matched before anything merges
    if (!ids.contains(left) || !ids.contains(right)) return std::nullopt;
    ++pairs;
    if (!order.empty() && order.back() == piece->second) continue;
    if (!seen.insert(piece->second).second) return std::nullopt;
    order.push_back(piece->second);
  }
  return order;
}

}  // namespace

Expected<std::vector<HfMerge>> read_hf_merges(const Json& merges, const std::string& name) {
  std::vector<HfMerge> read;
  read.reserve(merges.size());
  for (const Json& merge : merges) {
    const auto pair = read_merge(merge);
    if (!pair) {
      return fail(ErrorKind::refuse, "{}: merges[{}] is '{}', expected two texts", name,
                  read.size(), quoted(merge.dump()));
    }
    read.push_back(*pair);
  }
  return read;
}

std::optional<std::vector<float>> hf_scores(std::span<const std::string> pieces,
                                            std::span<const HfMerge> merges) {
  Ids ids;
  ids.reserve(pieces.size());
  std::uint64_t squared_bytes = 0;
  for (std::size_t id = 0; id < pieces.size(); ++id) {
    squared_bytes += std::uint64_t{pieces[id].size()} * pieces[id].size();
    if (squared_bytes > kSquaredBytesMax) return std::nullopt;
    if (!pieces[id].empty()) ids.emplace(pieces[id], static_cast<std::uint32_t>(id));
  }
  std::uint64_t pairs = 0;
  const auto order = order_of(merges, ids, pairs);
  if (!order || pairs != count_pairs(pieces, ids)) return std::nullopt;
  std::vector<float> scores(pieces.size(), 0.0f);
  // SentencePiece numbers pieces by score, so that ids say the scores it gave them.
  const bool by_id = std::ranges::is_sorted(*order);
  const auto first = std::ranges::find_if(pieces, [](const auto& piece) { return !piece.empty(); });
  const auto first_id = static_cast<std::size_t>(first - pieces.begin());
  for (std::size_t id = first_id; id < pieces.size(); ++id) {
    const std::size_t place = by_id ? id - first_id : pieces.size();
    if (!pieces[id].empty()) scores[id] = 0.0f - static_cast<float>(place);
  }
  for (std::size_t rank = 0; !by_id && rank < order->size(); ++rank) {
    scores[(*order)[rank]] = 0.0f - static_cast<float>(rank);
  }
  return scores;
}

}  // namespace pecia::kernels
