#include "kernels/training/curriculum.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "kernels/base/philox.hpp"

namespace pecia::kernels {
namespace {

// Short sequences share a unit of accumulation up to so many targets: one addition of the whole
// gradient then serves them all.
constexpr int kSampleTargets = 256;

int sequences_per_sample(const Stage& stage) { return std::max(1, kSampleTargets / stage.length); }

}  // namespace

Curriculum::Curriculum(int vocabulary, std::uint64_t seed, std::vector<Stage> stages)
    : vocabulary_(vocabulary), seed_(seed), stages_(std::move(stages)) {
  assert(!stages_.empty() && vocabulary >= 2);
}

std::uint64_t Curriculum::steps() const {
  std::uint64_t steps = 0;
  for (const Stage& stage : stages_) steps += stage.steps;
  return steps;
}

std::uint64_t Curriculum::targets_before(std::uint64_t step) const {
  std::uint64_t targets = 0;
  for (const Stage& stage : stages_) {
    const std::uint64_t done = std::min(step, stage.steps);
    targets += done * static_cast<std::uint64_t>(stage.sequences) *
               static_cast<std::uint64_t>(stage.length);
    step -= done;
  }
  return targets;
}

Curriculum::Place Curriculum::place_of(std::uint64_t step) const {
  std::uint64_t sequences = 0;
  for (std::size_t i = 0; i + 1 < stages_.size(); ++i) {
    const Stage& stage = stages_[i];
    if (step < stage.steps) return {&stage, step, sequences};
    step -= stage.steps;
    sequences += stage.steps * static_cast<std::uint64_t>(stage.sequences);
  }
  return {&stages_.back(), step, sequences};
}

int Curriculum::batch(std::uint64_t step) const {
  const Stage& stage = *place_of(step).stage;
  const int each = sequences_per_sample(stage);
  return (stage.sequences + each - 1) / each;
}

Sequence Curriculum::repeated(std::uint64_t number, int length) const {
  const int half = (length + 1) / 2;
  Sequence sequence;
  for (int i = 0; i < 2 * half; ++i) {
    const auto place = static_cast<std::uint64_t>(i % half);
    const std::uint64_t drawn = philox64(seed_, number, place);
    sequence.tokens.push_back(
        static_cast<TokenId>(drawn % static_cast<std::uint64_t>(vocabulary_)));
    if (i > 0) sequence.weights.push_back(i < half ? 0.0f : 1.0f);
  }
  return sequence;
}

Expected<Sample> Curriculum::sample(std::uint64_t step, int index) const {
  const Place place = place_of(step);
  const Stage& stage = *place.stage;
  const int each = sequences_per_sample(stage);
  const int end = std::min(stage.sequences, (index + 1) * each);
  Sample sample;
  for (int i = index * each; i < end; ++i) {
    const std::uint64_t number = place.sequences +
                                 place.step * static_cast<std::uint64_t>(stage.sequences) +
                                 static_cast<std::uint64_t>(i);
    if (stage.documents == nullptr) {
      sample.push_back(repeated(number, stage.length));
      continue;
    }
    Expected<Sequence> document = stage.documents->document(number, stage.length);
    if (!document) return document.error();
    sample.push_back(std::move(document).value());
  }
  return sample;
}

Id Curriculum::fingerprint() const {
  FieldHash hash;
  hash.field("pecia curriculum").field(static_cast<std::uint32_t>(kSampleTargets));
  hash.field(static_cast<std::uint32_t>(vocabulary_)).field(seed_);
  for (const Stage& stage : stages_) {
    hash.field(static_cast<std::uint32_t>(stage.length)).field(stage.steps);
    hash.field(static_cast<std::uint32_t>(stage.sequences));
    stage.documents == nullptr ? hash.field("repeats") : hash.field(stage.documents->fingerprint());
  }
  return hash.id();
}

}  // namespace pecia::kernels
