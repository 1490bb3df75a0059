#pragma once
// One schedule: a cluster, its clients and everything that goes wrong, from a seed alone. First
// faults (is it safe?), then healing (does it finish?).

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apps/world/any_balancer.hpp"
#include "apps/world/client.hpp"
#include "apps/world/coordinator_process.hpp"
#include "apps/world/worker_process.hpp"

namespace pecia::world {

struct Outcome {
  std::optional<Violation> violation;  // "I7" where it did not finish
  Coverage coverage;
  std::string log;  // where it was asked for
};

class World {
 public:
  World(std::uint64_t seed, bool impure, bool with_log);
  ~World();
  Outcome run();

 private:
  CoordinatorProcess* latest();
  CoordinatorProcess* some_coordinator();
  WorkerProcess* some_worker();
  void start_coordinator();
  void start_worker(Place place);
  void send_to_coordinator(Place from, runtime::ToCoordinator message);
  void send_to_worker(const runtime::NodeBoot& node, runtime::ToWorker message);
  void send_to_client(const runtime::ToClient& message);
  void worker_died(const runtime::NodeBoot& node, Place place);
  void look_at_disk();
  void strike(Fault fault);
  void strike_process(Fault fault);
  void strike_network(Fault fault);
  void strike_disk(Fault fault);
  void lose_power();
  void heal();
  bool settled() const;
  void log_stuck();
  void check_ends();
  void gather_coverage();

  Chance chance_;
  Scenario scenario_;
  EventQueue queue_;
  Coverage coverage_;
  FakeModel model_;
  Checkers checkers_;
  EventLog log_;
  Network network_;
  Shared shared_;
  runtime::JournalDisk disk_;
  AnyBalancer balancer_;
  std::vector<std::unique_ptr<CoordinatorProcess>> coordinators_;
  std::vector<std::unique_ptr<WorkerProcess>> workers_;  // dead ones too
  std::vector<WorkerProcess*> at_place_;                 // [place - 1]
  std::vector<std::unique_ptr<Client>> clients_;
  std::uint64_t boots_ = 0;
  std::size_t looked_at_ = 0;  // records of the disk
  bool coordinator_planned_ = false;
};

}  // namespace pecia::world
