#pragma once
// The loss curve as a file: one JSON object a step. A run that resumes first drops the lines of
// steps it will take again, so the file is that of the run that was not interrupted.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apps/pecia/loss_curve.hpp"
#include "kernels/base/expected.hpp"
#include "kernels/training/trainer.hpp"

namespace pecia::apps {

class TrainingLog {
 public:
  // Keeps the lines of steps below `first_step`; anything that is no such line is refused.
  static kernels::Expected<TrainingLog> open(const std::string& path, std::uint64_t first_step);

  // What stands in the file.
  static kernels::Expected<std::vector<LossPoint>> points(const std::string& path);

  kernels::Status append(const kernels::StepReport& report, std::optional<double> held_out_loss);

 private:
  struct Closer {
    void operator()(int* descriptor) const;
  };
  TrainingLog(std::string path, int descriptor);

  std::string path_;
  std::unique_ptr<int, Closer> descriptor_;
};

}  // namespace pecia::apps
