#pragma once
// The times of all engines of a node, as they step: for the report of their speed.

#include <memory>
#include <mutex>

#include "actors/generator/generator.hpp"
#include "apps/pecia/generate.hpp"

namespace pecia::apps {

// Thread rule: any thread.
class StepMeter {
 public:
  void add(const actors::GeneratorStep& step);
  StepTimes times() const;

 private:
  mutable std::mutex mutex_;
  StepTimes times_;
};

// Does what `generator` does. `meter` outlives it.
std::unique_ptr<actors::Generator> metered(std::unique_ptr<actors::Generator> generator,
                                           StepMeter& meter);

}  // namespace pecia::apps
