#pragma once
// Which samples a run sees, stage after stage: short sequences first, long ones at the end. Every
// choice is a pure function of (step, index), so a resumed run needs to remember nothing.

#include <cstdint>
#include <vector>

#include "kernels/base/expected.hpp"
#include "kernels/base/hash.hpp"
#include "kernels/training/sample.hpp"

namespace pecia::kernels {

class DocumentSource {
 public:
  virtual ~DocumentSource() = default;
  // Number `index` of an endless row of documents, cut to at most `length` targets: 2 to length + 1
  // tokens. A pure function of its arguments.
  virtual Expected<Sequence> document(std::uint64_t index, int length) const = 0;
  virtual Id fingerprint() const = 0;  // digest of all that decides them
};

struct Stage {
  int length = 0;           // targets of a sequence, at most
  std::uint64_t steps = 0;  // of the optimiser
  int sequences = 0;        // of a step
  // Null: random tokens, then the same again, how a model first learns to copy. Only the second
  // half counts in the loss.
  const DocumentSource* documents = nullptr;
};

class Curriculum : public SampleSource {
 public:
  // REQUIRES stages, each with length >= 2, steps and sequences >= 1; a vocabulary >= 2.
  // The documents outlive this.
  Curriculum(int vocabulary, std::uint64_t seed, std::vector<Stage> stages);

  std::uint64_t steps() const;  // of all stages; from there on the last stage goes on
  std::uint64_t targets_before(std::uint64_t step) const;  // at most

  int batch(std::uint64_t step) const override;
  Expected<Sample> sample(std::uint64_t step, int index) const override;
  Id fingerprint() const override;  // of the stages and their documents

 private:
  struct Place {
    const Stage* stage;
    std::uint64_t step;       // in the stage
    std::uint64_t sequences;  // of all stages before
  };
  Place place_of(std::uint64_t step) const;
  Sequence repeated(std::uint64_t number, int length) const;

  int vocabulary_;
  std::uint64_t seed_;
  std::vector<Stage> stages_;
};

}  // namespace pecia::kernels
