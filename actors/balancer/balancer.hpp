#pragma once
// Which worker gets a step. A choice is a pure function of its arguments, whatever the order of the
// workers, and any choice is correct: PROTOCOL.md makes the text the same wherever a step runs. So
// a balancer decides about speed alone. Thread rule: immutable objects, any thread.

#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "kernels/base/expected.hpp"
#include "runtime/wire/names.hpp"

namespace pecia::actors {

struct WorkerLoad {
  runtime::NodeBoot node;
  int free_slots = 0;
  int held = 0;                             // attempts
  std::optional<double> tokens_per_second;  // of all its attempts; nullopt until measured
  bool draining = false;                    // it takes no order
  bool has_prefix = false;                  // it holds pages of the step's prefix
};

// May it be given a step at all?
inline bool can_take(const WorkerLoad& worker) { return worker.free_slots > 0 && !worker.draining; }

class Balancer {
 public:
  virtual ~Balancer() = default;

  virtual std::string_view name() const = 0;
  // One of those that can_take(); nullopt where there is none. REQUIRES distinct nodes.
  virtual std::optional<runtime::NodeBoot> choose(const runtime::StepName& step,
                                                  std::span<const WorkerLoad> workers) const = 0;
};

// "static": the same step goes to the same worker, by rendezvous hashing: a worker that is lost or
// full moves only its own steps. Repeats its placement from run to run, blind to load.
// "least_loaded": the most free slots; among equals as "static". Keeps unequal workers busy.
kernels::Expected<std::unique_ptr<Balancer>> make_balancer(std::string_view name);

}  // namespace pecia::actors
