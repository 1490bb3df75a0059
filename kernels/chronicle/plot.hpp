#pragma once
// The order of chapters: departure, mentor, prize and homecoming always, and between them, as many
// as there is room for, obstacles, the rival, villages, a companion lost and found, the prize
// stolen and won back.

#include <vector>

#include "kernels/chronicle/draws.hpp"
#include "kernels/chronicle/script.hpp"

namespace pecia::kernels {

inline constexpr int kChaptersMin = 4;
inline constexpr int kChaptersMax = 8;

// Parts in order. REQUIRES kChaptersMin <= chapters <= kChaptersMax.
std::vector<Part> draw_plot(int chapters, Draws& draws);

// A scene a part, none twice.
std::vector<const Scene*> draw_scenes(const std::vector<Part>& parts, Draws& draws);

}  // namespace pecia::kernels
