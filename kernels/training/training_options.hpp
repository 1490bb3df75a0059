#pragma once
// What a training run is asked to do, and the name that follows from it.

#include <cstdint>
#include <vector>

#include "kernels/base/expected.hpp"
#include "kernels/base/hash.hpp"
#include "kernels/training/adamw.hpp"
#include "kernels/training/rate_schedule.hpp"
#include "kernels/training/sample.hpp"
#include "kernels/weights/model_params.hpp"

namespace pecia::kernels {

struct TrainingOptions {
  ModelParams shape;
  // The first weights, in the layout of ParameterTable; empty: drawn from the seed.
  std::vector<float> first_weights;
  std::uint64_t seed = 1;        // of the first weights
  double init_deviation = 0.02;  // of the first weights
  RateSchedule rate;
  AdamwOptions adamw;
  int pass_rows_max = 1'024;  // rows that go through the model together; speed and memory only
  int workers = 1;            // 1, 2, 4 or 8, each with as many shards
  int worker = 0;             // this one
};

// An Error (kind refuse) names the first number that cannot be trained with.
Status check_options(const TrainingOptions& options);

// Digest of all that decides a bit of the run: options and source, but neither workers nor rows of
// a pass. Runs of one fingerprint may share checkpoints and gradients, others never.
Digest run_fingerprint(const TrainingOptions& options, const SampleSource& source);

}  // namespace pecia::kernels
