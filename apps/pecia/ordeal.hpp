#pragma once
// What befalls one job while it is open.
// Thread rule: that of the trial.

#include <string>

#include "kernels/base/expected.hpp"

namespace pecia::apps {

class Ordeal {
 public:
  virtual ~Ordeal() = default;
  // Called every few milliseconds until the job is over. Errors: elsewhere (a node cannot be
  // started again).
  virtual kernels::Status go_on(double now_ms) = 0;
  // Nothing falls any more, and all is well when this returns. Errors as those of go_on().
  virtual kernels::Status end(double now_ms) = 0;
  // Into the report: what counted, and how long it kept the job waiting.
  virtual void count() const = 0;
  // The same for a person, a line each.
  virtual std::string story() const = 0;
};

}  // namespace pecia::apps
