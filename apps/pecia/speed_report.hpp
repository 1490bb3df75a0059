#pragma once
// What a run says about its speed when it is done: tokens a second, and the memory traffic of the
// weights against what this machine can read.

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "apps/pecia/generate.hpp"
#include "pecia/session.hpp"

namespace pecia::apps {

struct Speeds {
  double prompt_tok_s = 0;
  double written_tok_s = 0;
  double weights_gb_s = 0;               // packed weights read by writing steps
  std::optional<double> bandwidth_gb_s;  // measured
};
Speeds speeds_of(const StepTimes& times, std::size_t matrix_bytes);

// "wrote 200 tokens at 31.2 tok/s, 21.4 GB/s of weights (96% of 22.3 GB/s measured)"
std::string describe(const Speeds& speeds, const StepTimes& times);
nlohmann::ordered_json to_json(const Speeds& speeds);

// Prints the line on stderr where somebody reads it: a terminal, or --verbose. Only then the
// bandwidth is measured, which takes a tenth of a second.
void report_speed(const Session& session, const StepTimes& times, bool verbose);

}  // namespace pecia::apps
