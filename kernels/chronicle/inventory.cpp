// The inventories, read once from scenes/inventory.inl.

#include <algorithm>
#include <cassert>
#include <unordered_map>

#include "kernels/chronicle/facts.hpp"
#include "kernels/chronicle/text_lines.hpp"

namespace pecia::kernels {

namespace {

constexpr std::string_view kInventoryText =
#include "kernels/chronicle/scenes/inventory.inl"
    ;

constexpr std::array<std::string_view, kRoleCount> kRoleNames = {
    "hero",    "trade",  "companion", "colour", "kind", "home",  "season",
    "quality", "object", "landmark",  "mentor", "gift", "rival", "promise"};

struct Inventories {
  std::array<std::vector<std::string>, kRoleCount> values;
  std::vector<std::string> promises_kept;
  std::size_t heroines = 0;  // the first of the heroes
  std::unordered_map<std::string_view, FactWord> words;
};

void add_promise(Inventories& all, std::string_view line) {
  const std::size_t bar = line.find(" | ");
  assert(bar != line.npos);
  all.values[static_cast<std::size_t>(Role::promise)].emplace_back(line.substr(0, bar));
  all.promises_kept.emplace_back(line.substr(bar + 3));
}

// Blocks of lines between blank lines; the first line of each names the role.
Inventories read_inventories() {
  Inventories all;
  Role role{};
  bool in_block = false;
  for (std::string_view rest = kInventoryText; !rest.empty();) {
    const std::string_view line = take_line(rest);
    if (line.empty()) {
      in_block = false;
    } else if (!in_block) {
      const auto named = role_named(line.substr(0, line.find(' ')));
      assert(named.has_value());
      role = *named;
      in_block = true;
      if (line == "hero he") all.heroines = all.values[0].size();
    } else if (role == Role::promise) {
      add_promise(all, line);
    } else {
      auto& values = all.values[static_cast<std::size_t>(role)];
      for (const std::string_view word : split(line, ' ')) values.emplace_back(word);
    }
  }
  for (std::size_t r = 0; r < static_cast<std::size_t>(Role::promise); ++r) {
    for (std::size_t v = 0; v < all.values[r].size(); ++v)
      all.words.emplace(all.values[r][v], FactWord{static_cast<Role>(r), static_cast<int>(v)});
  }
  return all;
}

const Inventories& inventories() {
  static const Inventories all = read_inventories();
  return all;
}

}  // namespace

std::string_view role_name(Role role) { return kRoleNames[static_cast<std::size_t>(role)]; }

std::optional<Role> role_named(std::string_view name) {
  const auto* found = std::find(kRoleNames.begin(), kRoleNames.end(), name);
  if (found == kRoleNames.end()) return std::nullopt;
  return static_cast<Role>(found - kRoleNames.begin());
}

bool is_name(Role role) {
  return role == Role::hero || role == Role::companion || role == Role::home ||
         role == Role::landmark || role == Role::mentor || role == Role::rival;
}

std::span<const std::string> inventory(Role role) {
  return inventories().values[static_cast<std::size_t>(role)];
}

std::span<const std::string> promises_kept() { return inventories().promises_kept; }

bool is_she(int hero) { return hero >= 0 && hero < static_cast<int>(inventories().heroines); }

std::optional<FactWord> fact_word(std::string_view word) {
  const auto found = inventories().words.find(word);
  if (found == inventories().words.end()) return std::nullopt;
  return found->second;
}

std::vector<std::string> chronicle_words() {
  std::vector<std::string> words;
  for (std::size_t r = 0; r < static_cast<std::size_t>(Role::promise); ++r) {
    const auto values = inventory(static_cast<Role>(r));
    words.insert(words.end(), values.begin(), values.end());
  }
  for (const auto& phrases : {inventory(Role::promise), promises_kept()}) {
    for (const std::string& phrase : phrases) {
      for (std::string_view word : split(phrase, ' '))
        words.emplace_back(word.substr(0, word.find('\'')));
    }
  }
  std::sort(words.begin(), words.end());
  words.erase(std::unique(words.begin(), words.end()), words.end());
  return words;
}

}  // namespace pecia::kernels
