#include "apps/pecia/loss_curve.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace pecia::apps {

namespace {

constexpr double kWidth = 960, kHeight = 480;
constexpr double kLeft = 64, kRight = 16, kTop = 40, kBottom = 48;
constexpr double kPlotWidth = kWidth - kLeft - kRight, kPlotHeight = kHeight - kTop - kBottom;
constexpr std::array kTickDigits = {1.0, 2.0, 5.0};

struct Axes {
  double steps = 1;               // right end; the left one is 0
  double low = 0.1, high = 10.0;  // losses at the bottom and the top

  double x(double step) const { return kLeft + kPlotWidth * step / steps; }
  double y(double loss) const {
    return kTop + kPlotHeight * std::log(high / loss) / std::log(high / low);
  }
};

bool can_be_drawn(double loss) { return std::isfinite(loss) && loss > 0; }

Axes axes_of(const std::vector<LossPoint>& points) {
  Axes axes;
  double low = INFINITY, high = 0;
  const auto take = [&](double loss) {
    if (!can_be_drawn(loss)) return;
    low = std::min(low, loss);
    high = std::max(high, loss);
  };
  for (const LossPoint& point : points) {
    take(point.loss);
    if (point.held_out) take(*point.held_out);
    axes.steps = std::max(axes.steps, static_cast<double>(point.step + 1));
  }
  if (high == 0) return axes;
  axes.low = low / 1.1;
  axes.high = high * 1.1;
  return axes;
}

void append_tick(double at, bool across, const std::string& label, std::string& svg) {
  if (across) {
    svg += fmt::format(
        "<line class=\"grid\" x1=\"{0}\" y1=\"{2:.1f}\" x2=\"{1}\" y2=\"{2:.1f}\"/>\n"
        "<text x=\"{3}\" y=\"{4:.1f}\" text-anchor=\"end\">{5}</text>\n",
        kLeft, kWidth - kRight, at, kLeft - 8, at + 4, label);
  } else {
    svg += fmt::format("<text x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n", at,
                       kHeight - kBottom + 20, label);
  }
}

void append_grid(const Axes& axes, std::string& svg) {
  for (double decade = std::pow(10.0, std::floor(std::log10(axes.low))); decade <= axes.high;
       decade *= 10) {
    for (const double digit : kTickDigits) {
      const double loss = digit * decade;
      if (loss < axes.low || loss > axes.high) continue;
      append_tick(axes.y(loss), true, fmt::format("{:g}", loss), svg);
    }
  }
  const double rough = axes.steps / 6;
  const double decade = std::pow(10.0, std::floor(std::log10(rough)));
  const double spacing = std::max(1.0, decade * (rough < 2 * decade   ? 1
                                                 : rough < 5 * decade ? 2
                                                                      : 5));
  for (double step = 0; step <= axes.steps; step += spacing) {
    append_tick(axes.x(step), false, fmt::format("{:.0f}", step), svg);
  }
}

void append_stages(const Axes& axes, const std::vector<StageMark>& stages, std::string& svg) {
  for (const StageMark& stage : stages) {
    const double x = axes.x(static_cast<double>(stage.first_step));
    svg += fmt::format(
        "<line class=\"stage\" x1=\"{0:.1f}\" y1=\"{1}\" x2=\"{0:.1f}\" y2=\"{2}\"/>\n"
        "<text x=\"{3:.1f}\" y=\"{4}\" transform=\"rotate(90 {3:.1f} {4})\">{5}</text>\n",
        x, kTop, kHeight - kBottom, x + 5, kTop + 6, stage.label);
  }
}

// The training loss, a point a pixel at most.
void append_line(const Axes& axes, const std::vector<LossPoint>& points, std::string& svg) {
  svg += "<polyline class=\"train\" points=\"";
  const double steps_per_pixel = axes.steps / kPlotWidth;
  for (std::size_t first = 0, end = 0; first < points.size(); first = end) {
    const auto start = static_cast<double>(points[first].step);
    double sum = 0;
    int count = 0;
    for (; end < points.size() &&
           (end == first || static_cast<double>(points[end].step) < start + steps_per_pixel);
         ++end) {
      if (!can_be_drawn(points[end].loss)) continue;
      sum += points[end].loss;
      ++count;
    }
    if (count == 0) continue;
    const double middle = (start + static_cast<double>(points[end - 1].step)) / 2;
    svg += fmt::format("{:.1f},{:.1f} ", axes.x(middle), axes.y(sum / count));
  }
  svg += "\"/>\n";
}

void append_held_out(const Axes& axes, const std::vector<LossPoint>& points, std::string& svg) {
  for (const LossPoint& point : points) {
    if (!point.held_out || !can_be_drawn(*point.held_out)) continue;
    svg += fmt::format("<circle class=\"held\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"2.5\"/>\n",
                       axes.x(static_cast<double>(point.step)), axes.y(*point.held_out));
  }
}

}  // namespace

std::string loss_curve_svg(const std::vector<LossPoint>& points,
                           const std::vector<StageMark>& stages) {
  const Axes axes = axes_of(points);
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {}\" font-family=\"sans-serif\" "
      "font-size=\"12\">\n"
      "<style>.grid{{stroke:#ddd}}.stage{{stroke:#999;stroke-dasharray:4 3}}"
      ".train{{fill:none;stroke:#2563a8}}.held{{fill:#d1495b}}text{{fill:#444}}</style>\n"
      "<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n"
      "<text x=\"{}\" y=\"22\">loss in nats a token over optimiser steps: "
      "<tspan fill=\"#2563a8\">training</tspan>, <tspan fill=\"#d1495b\">held out</tspan></text>\n",
      kWidth, kHeight, kLeft);
  append_grid(axes, svg);
  append_stages(axes, stages, svg);
  append_line(axes, points, svg);
  append_held_out(axes, points, svg);
  return svg + "</svg>\n";
}

}  // namespace pecia::apps
