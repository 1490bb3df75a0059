#include "apps/pecia/loss_curve.hpp"

#include <algorithm>
#include <cmath>

#include "tests/catch.hpp"

using namespace pecia::apps;

namespace {

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++found;
  }
  return found;
}

std::string line_of(const std::string& svg) {
  const std::size_t at = svg.find("points=\"") + 8;
  return svg.substr(at, svg.find('"', at) - at);
}

}  // namespace

TEST_CASE("a loss curve shows every held-out loss, every stage and a line that falls") {
  const std::string svg = loss_curve_svg({{0, 8.0, {}}, {1, 4.0, 5.0}, {2, 2.0, {}}, {3, 1.0, 1.5}},
                                         {{0, "64:2:8"}, {2, "128:2:8"}});
  CHECK(svg.starts_with("<svg "));
  CHECK(svg.ends_with("</svg>\n"));
  CHECK(count(svg, "<circle") == 2);
  CHECK(count(svg, "class=\"stage\"") == 2);
  CHECK(svg.find(">128:2:8<") != std::string::npos);
  CHECK(count(line_of(svg), ",") == 4);
  CHECK(count(svg, ">2</text>") == 2);  // a loss and a step
}

TEST_CASE("equal ratios of the loss are equal ways down") {
  const std::string line = line_of(loss_curve_svg({{0, 8.0, {}}, {1, 4.0, {}}, {2, 2.0, {}}}, {}));
  double y[3];
  std::size_t at = 0;
  for (double& each : y) {
    at = line.find(',', at) + 1;
    each = std::stod(line.substr(at));
  }
  CHECK(y[0] < y[1]);
  CHECK(std::fabs((y[1] - y[0]) - (y[2] - y[1])) < 0.21);  // a tenth of a pixel is kept
}

TEST_CASE("many steps are a point a pixel, and no loss at all is still a picture") {
  std::vector<LossPoint> points;
  for (std::uint64_t step = 0; step < 100'000; ++step) points.push_back({step, 3.0, {}});
  points[50'000].loss = NAN;
  const std::string svg = loss_curve_svg(points, {});
  CHECK(count(line_of(svg), ",") <= 960);
  CHECK(svg.find("nan") == std::string::npos);
  CHECK(loss_curve_svg({}, {}).ends_with("</svg>\n"));
}
