#pragma once
// What the trainer is fed: samples named by (step, index), so that resuming needs no state of the
// reader. A sample is the unit of accumulation: one sequence, or several short ones together.

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/base/expected.hpp"
#include "kernels/base/hash.hpp"
#include "kernels/training/model_pass.hpp"
#include "kernels/weights/model_params.hpp"
#include "kernels/weights/vocabulary_format.hpp"

namespace pecia::kernels {

struct Sequence {
  std::vector<TokenId> tokens;  // at least 2; token i + 1 is the target of position i
  std::vector<float> weights;   // of target tokens[i + 1], >= 0; tokens.size() - 1 of them
};
using Sample = std::vector<Sequence>;

class SampleSource {
 public:
  virtual ~SampleSource() = default;
  // Samples of one step's global batch, at least 1. Both are pure functions of their arguments.
  virtual int batch(std::uint64_t step) const = 0;
  virtual Expected<Sample> sample(std::uint64_t step, int index) const = 0;
  // Digest of all that decides them, so that a run goes on with the samples it began with.
  virtual Id fingerprint() const = 0;
};

// Adds a sample to a pass as its next unit. A token outside the vocabulary, a sequence longer than
// the context or a weight that is no number is refused by name.
Status append_sample(const Sample& sample, const ModelParams& shape, PassInput& input);

}  // namespace pecia::kernels
