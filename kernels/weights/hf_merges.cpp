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

// The lower the later; never -0, whose bits are others than those of 0.
float score_of(std::size_t place) { return place == 0 ? 0.0f : -static_cast<float>(place); }

struct Order {
  std::vector<std::uint32_t> pieces;  // as merges make them first
  bool together = true;               // all merges of a piece stand behind each other
  std::vector<HfMerge> usable;        // merges of pieces to a piece
};

Order order_of(std::span<const HfMerge> merges, const Ids& ids) {
  Order order;
  std::unordered_set<std::uint32_t> seen;
  std::string joined;
  std::uint32_t last = 0;
  for (const auto& [left, right] : merges) {
    joined.assign(left).append(right);
    const auto piece = ids.find(joined);
    // Others are of tokens that are matched before anything merges.
    if (piece == ids.end() || !ids.contains(left) || !ids.contains(right)) continue;
    const bool goes_on = !order.usable.empty() && last == piece->second;
    order.usable.emplace_back(left, right);
    last = piece->second;
    if (goes_on) continue;
    const bool fresh = seen.insert(last).second;
    if (fresh) order.pieces.push_back(last);
    order.together &= fresh;
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

HfScores hf_scores(std::span<const std::string> pieces, std::span<const HfMerge> merges) {
  Ids ids;
  ids.reserve(pieces.size());
  std::uint64_t squared_bytes = 0;
  for (std::size_t id = 0; id < pieces.size(); ++id) {
    squared_bytes += std::uint64_t{pieces[id].size()} * pieces[id].size();
    if (!pieces[id].empty()) ids.emplace(pieces[id], static_cast<std::uint32_t>(id));
  }
  const Order order = order_of(merges, ids);
  const bool derived = order.together && squared_bytes <= kSquaredBytesMax &&
                       order.usable.size() == count_pairs(pieces, ids);
  HfScores result{std::vector<float>(pieces.size(), 0.0f), {}};
  // SentencePiece numbers pieces by score, so that ids say the scores it gave them.
  const bool by_id = derived && std::ranges::is_sorted(order.pieces);
  const auto first = std::ranges::find_if(pieces, [](const auto& piece) { return !piece.empty(); });
  const auto first_id = static_cast<std::size_t>(first - pieces.begin());
  for (std::size_t id = first_id; id < pieces.size(); ++id) {
    const std::size_t place = by_id ? id - first_id : pieces.size();
    if (!pieces[id].empty()) result.scores[id] = score_of(place);
  }
  for (std::size_t rank = 0; !by_id && rank < order.pieces.size(); ++rank) {
    result.scores[order.pieces[rank]] = score_of(rank);
  }
  if (derived) return result;
  for (const auto& [left, right] : order.usable) {
    result.merges.push_back(fmt::format("{} {}", left, right));
  }
  return result;
}

}  // namespace pecia::kernels
