#include "apps/pecia/speed_report.hpp"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "apps/pecia/bandwidth.hpp"
#include "apps/pecia/output.hpp"
#include "apps/pecia/progress.hpp"

namespace pecia::apps {

using namespace kernels;

namespace {

constexpr std::size_t kQuickProbeBytes = std::size_t{256} << 20;
constexpr int kQuickProbePasses = 3;

double rate(double amount, double seconds) { return seconds > 0 ? amount / seconds : 0; }

double quick_bandwidth_gb_s(ThreadPool& pool) {
  BandwidthProbe probe(pool, kQuickProbeBytes);
  std::vector<double> passes;
  passes.reserve(kQuickProbePasses);
  for (int i = 0; i < kQuickProbePasses; ++i) passes.push_back(probe.read_gb_s());
  return median(std::move(passes));
}

}  // namespace

Speeds speeds_of(const StepTimes& times, std::size_t matrix_bytes) {
  const double bytes = static_cast<double>(matrix_bytes) * static_cast<double>(times.writing_steps);
  return {.prompt_tok_s = rate(static_cast<double>(times.prompt_rows), times.reading_s),
          .written_tok_s = rate(static_cast<double>(times.written_tokens), times.writing_s),
          .weights_gb_s = rate(bytes / 1e9, times.writing_s),
          .bandwidth_gb_s = {}};
}

std::string describe(const Speeds& speeds, const StepTimes& times) {
  std::string line = fmt::format(
      "read {} prompt tokens at {:.1f} tok/s, wrote {} at {:.1f} tok/s, {:.1f} GB/s of weights",
      times.prompt_rows, speeds.prompt_tok_s, times.written_tokens, speeds.written_tok_s,
      speeds.weights_gb_s);
  if (speeds.bandwidth_gb_s) {
    line += fmt::format(" ({:.0f}% of {:.1f} GB/s measured)",
                        100 * speeds.weights_gb_s / *speeds.bandwidth_gb_s, *speeds.bandwidth_gb_s);
  }
  return line;
}

nlohmann::ordered_json to_json(const Speeds& speeds) {
  return {{"prompt_tok_s", speeds.prompt_tok_s},
          {"tok_s", speeds.written_tok_s},
          {"weights_gb_s", speeds.weights_gb_s}};
}

void report_speed(const Session& session, const StepTimes& times, bool verbose) {
  if (!verbose && !stderr_is_terminal()) return;
  Speeds speeds = speeds_of(times, session.model->matrix_bytes());
  speeds.bandwidth_gb_s = quick_bandwidth_gb_s(*session.pool);
  tell(describe(speeds, times));
}

}  // namespace pecia::apps
