#pragma once
// The loss curve of a training as a picture. Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace pecia::apps {

struct LossPoint {
  std::uint64_t step = 0;
  double loss = 0;
  std::optional<double> held_out;
};

struct StageMark {
  std::uint64_t first_step = 0;
  std::string label;
};

// SVG of loss over steps, the loss on a logarithmic axis: the training loss as a line, averaged
// where steps are closer than a pixel, held-out losses as dots, a dashed line where a stage begins.
// REQUIRES points in the order of their steps. Losses that are not above 0 are left out.
std::string loss_curve_svg(const std::vector<LossPoint>& points,
                           const std::vector<StageMark>& stages);

}  // namespace pecia::apps
