#include "runtime/config/mistakes.hpp"

#include <algorithm>

namespace pecia::runtime {

void Mistakes::take(TomlPlace place, std::string line) {
  if (found_.size() == kMistakesMax) {
    ++more_;
  } else {
    found_.emplace_back(place, std::move(line));
  }
}

void Mistakes::take_over(Mistakes&& other) {
  for (auto& [place, line] : other.found_) take(place, std::move(line));
  more_ += other.more_;
}

std::vector<std::string> Mistakes::lines() const {
  auto sorted = found_;
  std::ranges::stable_sort(sorted, {}, [](const auto& mistake) { return mistake.first; });
  std::vector<std::string> lines;
  lines.reserve(sorted.size() + 1);
  for (auto& [place, line] : sorted) lines.push_back(std::move(line));
  if (more_ > 0) lines.push_back(fmt::format("{}: and {} more mistakes", file_, more_));
  return lines;
}

}  // namespace pecia::runtime
