#include "kernels/training/sample.hpp"

#include <algorithm>
#include <cmath>

namespace pecia::kernels {
namespace {

Status check(const Sequence& sequence, const ModelParams& shape) {
  const std::size_t count = sequence.tokens.size();
  if (count < 2 || count - 1 > static_cast<std::size_t>(shape.context)) {
    return fail(ErrorKind::refuse, "a training sequence of {} tokens, expected 2 to {}", count,
                shape.context + 1);
  }
  if (sequence.weights.size() != count - 1) {
    return fail(ErrorKind::refuse, "{} loss weights for {} targets", sequence.weights.size(),
                count - 1);
  }
  for (const TokenId token : sequence.tokens) {
    if (token >= 0 && token < shape.vocabulary) continue;
    return fail(ErrorKind::refuse, "token {} in a training sequence, the vocabulary has {}", token,
                shape.vocabulary);
  }
  for (const float weight : sequence.weights) {
    if (std::isfinite(weight) && weight >= 0) continue;
    return fail(ErrorKind::refuse, "a loss weight of {}, expected a number from 0 on", weight);
  }
  return {};
}

}  // namespace

Status append_sample(const Sample& sample, const ModelParams& shape, PassInput& input) {
  if (sample.empty()) return fail(ErrorKind::refuse, "a training sample without a sequence");
  for (const Sequence& sequence : sample) {
    if (Status checked = check(sequence, shape); !checked) return checked;
  }
  RowRange unit{input.rows.rows, 0};
  for (const Sequence& sequence : sample) {
    const auto& tokens = sequence.tokens;
    const int rows = static_cast<int>(tokens.size()) - 1;
    input.rows.sequences.push_back({input.rows.rows, rows});
    input.rows.rows += rows;
    unit.rows += rows;
    input.tokens.insert(input.tokens.end(), tokens.begin(), tokens.end() - 1);
    input.targets.insert(input.targets.end(), tokens.begin() + 1, tokens.end());
    input.weights.insert(input.weights.end(), sequence.weights.begin(), sequence.weights.end());
  }
  input.rows.units.push_back(unit);
  return {};
}

}  // namespace pecia::kernels
