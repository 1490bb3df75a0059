#pragma once
// A coordinator process in the world: the real core and the memory journal, a slicer that takes a
// moment, and what the merger would show to readers.

#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "actors/coordinator/coordinator_core.hpp"
#include "apps/world/shared.hpp"
#include "runtime/journal/memory_journal.hpp"

namespace pecia::world {

class CoordinatorProcess {
 public:
  struct Outside {
    std::function<void(const runtime::NodeBoot&, runtime::ToWorker)> to_worker;
    std::function<void(const runtime::ToClient&)> to_client;
    std::function<void()> journal_kept;  // the disk may hold more than before
    std::function<void()> died;
  };
  CoordinatorProcess(Shared& shared, runtime::JournalDisk& disk, const actors::Balancer& balancer,
                     runtime::Boot boot, Outside outside);

  void start();
  void deliver(const runtime::ToCoordinator& message);
  void node_lost(const runtime::NodeBoot& node);
  void drain(const runtime::NodeBoot& node, std::uint64_t deadline_ms);
  void kill();
  void pause_until(std::uint64_t ms) { paused_until_ms_ = ms; }
  void slow_disk(std::uint64_t commit_ms) { commit_ms_ = commit_ms; }

  bool alive() const { return alive_; }
  bool paused() const { return shared_.queue.now_ms() < paused_until_ms_; }
  actors::CoordinatorCore& core() { return core_; }

 private:
  struct ShownStep {
    runtime::TokenIds ids;
    bool ended = false;
  };
  struct ShownJob {
    std::map<runtime::Path, ShownStep, actors::PathOrder> steps;
  };
  void run(std::function<void()> event);  // now, or when the process is awake again
  void tick();
  void plan_commit();
  void commit();
  void follow(const runtime::Record& record);
  void read(const runtime::Read& read);
  std::string released(const runtime::JobId& job);
  void carry_out(const actors::Effects& effects);
  void carry_out(const actors::Effect& effect);
  void carry_out_append(const actors::Append& append);
  void check_answer(const runtime::ToClient& message);
  void check_message(const runtime::ToWorker& message);

  Shared& shared_;
  runtime::Boot boot_;
  Outside outside_;
  runtime::MemoryJournal journal_;
  actors::CoordinatorCore core_;
  std::map<runtime::JobId, ShownJob> shown_;
  bool alive_ = true, commit_planned_ = false;
  std::uint64_t paused_until_ms_ = 0;
  std::uint64_t commit_ms_ = 2;
};

}  // namespace pecia::world
