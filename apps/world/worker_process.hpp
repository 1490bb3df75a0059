#pragma once
// A worker process in the world: the real core around a fake engine.

#include <functional>
#include <map>

#include "actors/worker/worker_core.hpp"
#include "apps/world/shared.hpp"

namespace pecia::world {

class WorkerProcess {
 public:
  // `to_coordinator` sends; `died` is called once, by the process itself, when it dies.
  struct Outside {
    std::function<void(runtime::ToCoordinator)> to_coordinator;
    std::function<void()> died;
  };
  WorkerProcess(Shared& shared, runtime::NodeBoot self, Outside outside);

  void start();
  void deliver(const runtime::ToWorker& message);
  void link_up();
  void kill();
  void pause_until(std::uint64_t ms) { paused_until_ms_ = ms; }
  void starve(bool starved) { starved_ = starved; }
  void fail_one_run();  // its engine has no memory for it
  void hang_one_run();

  bool alive() const { return alive_; }
  bool holds_anything() const { return core_.held() > 0; }
  const actors::WorkerCore& core() const { return core_; }
  const runtime::NodeBoot& self() const { return self_; }
  const actors::Counts<actors::WorkerEvent>& counts() const { return core_.counts(); }

 private:
  struct Run {
    runtime::Order order;
    runtime::TokenIds ids;
    std::uint64_t prefilled = 0;
    bool paused = false, ended = false, hangs = false;
  };
  void later(std::uint64_t ms, void (WorkerProcess::*event)());
  void tick();
  void engine_step();
  bool advance(actors::RunId id, Run& run);  // false: it killed the process
  void carry_out(const actors::WorkerEffects& effects);
  void carry_out(const actors::WorkerEffect& effect);

  Shared& shared_;
  runtime::NodeBoot self_;
  Outside outside_;
  actors::WorkerCore core_;
  std::map<actors::RunId, Run> runs_;
  bool alive_ = true, starved_ = false;
  std::uint64_t paused_until_ms_ = 0;
};

}  // namespace pecia::world
