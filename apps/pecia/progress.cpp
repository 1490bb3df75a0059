#include "apps/pecia/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "apps/pecia/output.hpp"

namespace pecia::apps {

namespace {
constexpr std::size_t kBarColumns = 30;
constexpr double kRedrawSeconds = 0.1;
constexpr std::string_view kClearLine = "\r\x1b[K";
}  // namespace

std::string progress_line(std::string_view label, std::uint64_t done, std::uint64_t total,
                          std::string_view unit) {
  const double share = total == 0 ? 1.0 : static_cast<double>(done) / static_cast<double>(total);
  const auto filled = static_cast<std::size_t>(std::min(1.0, share) * kBarColumns);
  std::string bar(filled, '=');
  if (filled < kBarColumns) bar += '>';
  bar.resize(kBarColumns, ' ');
  return fmt::format("{} [{}] {}/{} {}", label, bar, done, total, unit);
}

Progress::Progress(std::string label, bool quiet)
    : label_(std::move(label)), shown_(!quiet && stderr_is_terminal()) {}

void Progress::end() {
  if (drawn_) write_stderr(kClearLine);
  drawn_ = false;
}

void Progress::update(std::uint64_t done, std::uint64_t total, std::string_view unit) {
  if (!shown_ || (drawn_ && since_drawn_.seconds() < kRedrawSeconds)) return;
  write_stderr(std::string(kClearLine) + progress_line(label_, done, total, unit));
  drawn_ = true;
  since_drawn_ = Stopwatch();
}

bool stderr_is_terminal() { return ::isatty(STDERR_FILENO) == 1; }

}  // namespace pecia::apps
