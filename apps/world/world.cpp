#include "apps/world/world.hpp"

#include <algorithm>
#include <utility>

#include "apps/world/job_kinds.hpp"

namespace pecia::world {

using namespace runtime;
using namespace actors;

namespace {

constexpr std::uint64_t kHealMs = 120'000;    // after the last fault every job is closed by then
constexpr std::uint64_t kRestartMsMax = 900;  // of a process that died
constexpr std::uint64_t kLateStartMsMax = 3'500;  // of a coordinator, now and then
constexpr std::uint64_t kLinkMsMax = 30;
constexpr std::uint64_t kPauseMsMax = 2'500;
constexpr std::uint64_t kFaultMsMax = 1'500;  // of disk, links and storms
constexpr std::uint64_t kSlowCommitMs = 400;
constexpr std::uint64_t kCommitMs = 4;
constexpr std::uint64_t kDrainMs = 600;

JobId job_id(std::size_t number) {
  JobId id{};
  id[0] = static_cast<std::uint8_t>(number + 1);
  return id;
}

}  // namespace

World::World(std::uint64_t seed, bool impure, bool with_log)
    : chance_(seed),
      scenario_(draw_scenario(chance_)),
      model_(impure),
      checkers_(model_),
      log_(with_log),
      network_(scenario_, queue_, chance_, coverage_),
      shared_{scenario_, chance_, queue_, network_, coverage_, checkers_, log_, model_},
      balancer_(chance_) {}

World::~World() = default;

Outcome World::run() {
  start_coordinator();
  for (Place place = 1; place <= scenario_.workers; ++place) {
    at_place_.push_back(nullptr);
    start_worker(place);
  }
  for (std::size_t j = 0; j < scenario_.jobs.size(); ++j) {
    const auto send = [this](ToCoordinator message) {
      send_to_coordinator(kClients, std::move(message));
    };
    clients_.push_back(std::make_unique<Client>(shared_, job_id(j), scenario_.jobs[j], send));
    clients_.back()->start();
  }
  for (const PlannedFault& planned : scenario_.faults)
    queue_.after(planned.at_ms, [this, fault = planned.fault] { strike(fault); });
  queue_.after(scenario_.faults_end_ms, [this] { heal(); });
  while (!checkers_.violation() && !(shared_.healed && settled())) {
    if (queue_.now_ms() > scenario_.faults_end_ms + kHealMs) {
      checkers_.violated("I7", "a job is open long after everything healed");
      log_stuck();
      break;
    }
    queue_.run_next();
  }
  check_ends();
  gather_coverage();
  return {checkers_.violation(), std::move(coverage_), log_.text()};
}

// -- who is there

CoordinatorProcess* World::latest() {
  return coordinators_.back()->alive() ? coordinators_.back().get() : nullptr;
}

// Mostly the latest; links to one that was replaced last for a while.
CoordinatorProcess* World::some_coordinator() {
  std::vector<CoordinatorProcess*> alive;
  for (const auto& each : coordinators_) {
    if (each->alive()) alive.push_back(each.get());
  }
  if (alive.empty()) return nullptr;
  return alive.size() > 1 && chance_.percent(40) ? alive[chance_.below(alive.size())]
                                                 : alive.back();
}

WorkerProcess* World::some_worker() { return at_place_[chance_.below(at_place_.size())]; }

void World::start_coordinator() {
  coordinator_planned_ = false;
  CoordinatorProcess::Outside outside;
  outside.to_worker = [this](const NodeBoot& node, ToWorker message) {
    send_to_worker(node, std::move(message));
  };
  outside.to_client = [this](const ToClient& message) { send_to_client(message); };
  outside.journal_kept = [this] { look_at_disk(); };
  outside.died = [this] {
    if (latest() != nullptr || coordinator_planned_) return;
    coordinator_planned_ = true;
    const bool late = !shared_.healed && chance_.percent(25);
    queue_.after(chance_.between(20, late ? kLateStartMsMax : kRestartMsMax),
                 [this] { start_coordinator(); });
  };
  coordinators_.push_back(std::make_unique<CoordinatorProcess>(shared_, disk_, balancer_, ++boots_,
                                                               std::move(outside)));
  coordinators_.back()->start();
  for (WorkerProcess* worker : at_place_) {
    if (worker != nullptr)
      queue_.after(chance_.between(1, kLinkMsMax), [worker] { worker->link_up(); });
  }
}

void World::start_worker(Place place) {
  const NodeBoot self{"worker-" + std::to_string(place), ++boots_};
  WorkerProcess::Outside outside;
  outside.to_coordinator = [this, place](ToCoordinator message) {
    send_to_coordinator(place, std::move(message));
  };
  outside.died = [this, self, place] { worker_died(self, place); };
  workers_.push_back(std::make_unique<WorkerProcess>(shared_, self, std::move(outside)));
  WorkerProcess* worker = workers_.back().get();
  at_place_[static_cast<std::size_t>(place - 1)] = worker;
  worker->start();
  queue_.after(chance_.between(1, kLinkMsMax), [worker] { worker->link_up(); });
}

// Its link breaks, which is mostly noticed at once; somebody starts it again.
void World::worker_died(const NodeBoot& node, Place place) {
  if (chance_.percent(70)) {
    for (const auto& each : coordinators_) {
      if (each->alive() && !network_.is_cut(place, kCoordinators)) each->node_lost(node);
    }
  }
  queue_.after(chance_.between(20, kRestartMsMax), [this, place] { start_worker(place); });
}

// -- what is said

void World::send_to_coordinator(Place from, ToCoordinator message) {
  network_.send(from, kCoordinators, [this, message = std::move(message)] {
    if (CoordinatorProcess* coordinator = some_coordinator()) coordinator->deliver(message);
  });
}

void World::send_to_worker(const NodeBoot& node, ToWorker message) {
  const Place place = std::stoi(node.node.substr(node.node.find('-') + 1));
  network_.send(kCoordinators, place, [this, node, place, message = std::move(message)] {
    WorkerProcess* worker = at_place_[static_cast<std::size_t>(place - 1)];
    if (worker->self() == node) worker->deliver(message);
  });
}

void World::send_to_client(const ToClient& message) {
  const JobId job = std::visit(
      [](const auto& each) {
        if constexpr (requires { each.job; }) return each.job;
        return JobId{};  // of no client: nobody here asks for an overview
      },
      message);
  network_.send(kCoordinators, kClients, [this, job, message] {
    for (const auto& client : clients_) {
      if (client->job() == job) client->deliver(message);
    }
  });
}

void World::look_at_disk() {
  for (; looked_at_ < disk_.transactions(); ++looked_at_) {
    for (const Record& record : disk_.records_of(looked_at_))
      checkers_.on_kept(record, disk_.writer_of(looked_at_));
  }
}

// -- what goes wrong

void World::strike(Fault fault) {
  log_.line(queue_.now_ms(), "fault: {}", name_of(fault));
  coverage_.note(name_of(fault));
  switch (fault) {
    case Fault::partition_one_way:
    case Fault::partition_full:
    case Fault::storm:
      return strike_network(fault);
    case Fault::disk_full:
    case Fault::disk_broken:
    case Fault::disk_slow:
      return strike_disk(fault);
    case Fault::power_loss:
      return lose_power();
    case Fault::clock_jump:
      shared_.unix_offset_ms += chance_.below(3'000);
      return;
    default:
      return strike_process(fault);
  }
}

void World::strike_process(Fault fault) {
  CoordinatorProcess* coordinator = latest();
  WorkerProcess* worker = some_worker();
  const std::uint64_t pause = queue_.now_ms() + chance_.between(100, kPauseMsMax);
  if (fault == Fault::kill_worker) {
    worker->kill();
  } else if (fault == Fault::kill_all_workers) {
    for (WorkerProcess* each : at_place_) each->kill();
  } else if (fault == Fault::kill_coordinator) {
    if (coordinator != nullptr) coordinator->kill();
  } else if (fault == Fault::kill_several) {
    worker->kill();
    if (coordinator != nullptr) coordinator->kill();
  } else if (fault == Fault::second_coordinator) {
    start_coordinator();
  } else if (fault == Fault::pause_worker) {
    worker->pause_until(pause);
  } else if (fault == Fault::pause_coordinator) {
    if (coordinator == nullptr) return;
    coordinator->pause_until(pause);
    if (chance_.percent(60)) start_coordinator();  // whoever watched took it for dead
  } else if (fault == Fault::starve_worker) {
    worker->starve(true);
  } else if (fault == Fault::engine_fails) {
    worker->fail_one_run();
  } else if (fault == Fault::engine_hangs) {
    worker->hang_one_run();
  } else if (fault == Fault::drain_worker && coordinator != nullptr) {
    if (worker->holds_anything()) coverage_.note("drain_with_open_attempts");
    coordinator->drain(worker->self(), kDrainMs);
    queue_.after(2 * kDrainMs, [worker] { worker->kill(); });
  }
}

void World::strike_network(Fault fault) {
  if (fault == Fault::storm) {
    network_.set_storm(true);
    queue_.after(chance_.below(kFaultMsMax), [this] { network_.set_storm(false); });
    return;
  }
  const Place place = static_cast<Place>(1 + chance_.below(at_place_.size()));
  const bool outwards = chance_.percent(50);
  if (fault == Fault::partition_full || outwards) network_.cut(place, kCoordinators);
  if (fault == Fault::partition_full || !outwards) network_.cut(kCoordinators, place);
  queue_.after(chance_.between(200, 2 * kFaultMsMax), [this] { network_.mend(); });
}

void World::strike_disk(Fault fault) {
  const std::uint64_t lasts = chance_.between(100, kFaultMsMax);
  if (fault == Fault::disk_full) {
    disk_.set_full(true);
    queue_.after(lasts, [this] { disk_.set_full(false); });
  } else if (fault == Fault::disk_broken) {
    disk_.set_broken(true);
    queue_.after(lasts, [this] { disk_.set_broken(false); });
  } else if (CoordinatorProcess* coordinator = latest()) {
    coordinator->slow_disk(kSlowCommitMs);
  }
}

// Everything stops, and the disk forgets what was never synced, or a part of it.
void World::lose_power() {
  const std::size_t kept = disk_.unsynced() > 0 ? chance_.below(disk_.unsynced() + 1) : 0;
  if (disk_.unsynced() > kept) coverage_.note("unsynced_records_lost");
  coordinator_planned_ = true;  // nobody starts one by himself
  for (const auto& each : coordinators_) each->kill();
  coordinator_planned_ = false;
  if (chance_.percent(60)) {  // else they are on another circuit
    for (WorkerProcess* worker : at_place_) worker->kill();
  }
  disk_.power_loss(kept);
  std::vector<std::pair<Record, Term>> left;
  for (std::size_t t = 0; t < disk_.transactions(); ++t) {
    for (const Record& record : disk_.records_of(t)) left.emplace_back(record, disk_.writer_of(t));
  }
  checkers_.on_power_loss(left);
  looked_at_ = disk_.transactions();
  coordinator_planned_ = true;
  queue_.after(chance_.between(20, kRestartMsMax), [this] { start_coordinator(); });
}

void World::heal() {
  log_.line(queue_.now_ms(), "everything heals");
  shared_.healed = true;
  network_.heal();
  disk_.set_full(false);
  disk_.set_broken(false);
  const std::uint64_t now = queue_.now_ms();
  for (const auto& each : coordinators_) {
    each->pause_until(now);
    each->slow_disk(kCommitMs);
  }
  for (WorkerProcess* worker : at_place_) {
    worker->pause_until(now);
    worker->starve(false);
  }
}

// -- the end

void World::log_stuck() {
  CoordinatorProcess* coordinator = latest();
  log_.line(queue_.now_ms(), "stuck; coordinator {}", coordinator ? "alive" : "dead");
  if (coordinator == nullptr) return;
  CoordinatorCore& core = coordinator->core();
  log_.line(queue_.now_ms(), "term {}, adopts {}, storage stalled {}", core.term(),
            core.adopts(queue_.now_ms()), core.storage_stalled());
  for (const auto& [name, worker] : core.workers().all())
    log_.line(queue_.now_ms(), "knows {} boot {}: capacity {}, draining {}, {} attempts", name,
              worker.node.boot, worker.capacity, worker.draining,
              core.attempts().count_at(worker.node));
  for (const WorkerProcess* worker : at_place_)
    log_.line(queue_.now_ms(), "{} boot {}: alive {}, term {}, holds {}", worker->self().node,
              worker->self().boot, worker->alive(), worker->core().term_seen(),
              worker->core().held());
  for (const JobId& id : core.book().order()) {
    const Job& job = *core.book().find(id);
    log_.line(queue_.now_ms(), "job {}: accepted {}, closing {}, closed {}, {} of {} steps ended",
              id[0], job.accepted, job.closing.has_value(), job.closed, job.steps_ended,
              job.steps.size());
    for (const auto& [path, step] : job.steps) {
      log_.line(queue_.now_ms(), "  step {}: {} recorded, {} durable, end {} {}, {} attempts", path,
                step.recorded(), step.durable, step.end_recorded, step.ended,
                core.attempts().count_of({id, path}));
    }
  }
}

bool World::settled() const {
  return std::all_of(clients_.begin(), clients_.end(),
                     [](const auto& client) { return client->satisfied(); });
}

// Every job ended as its plan allows: none for a reason that it does not have.
void World::check_ends() {
  if (checkers_.violation()) return;
  checkers_.at_end();
  for (std::size_t j = 0; j < clients_.size(); ++j) {
    const JobPlan& plan = scenario_.jobs[j];
    const auto end = checkers_.end_of(clients_[j]->job());
    if (!end) {
      checkers_.violated("I7", "a client is satisfied with a job that is not closed");
      continue;
    }
    const bool expected = end->end == JobEnd::done ? plan.poison_step == 0 && plan.broken_step == 0
                          : end->end == JobEnd::cancelled ? plan.cancel_at_ms > 0
                          : end->why == "poison"          ? plan.poison_step > 0
                          : end->why == "deadline"        ? true
                                                   : plan.broken_step > 0 || plan.unplannable;
    if (!expected) checkers_.violated("end", "a job ended without reason: " + end->why);
    if (end->end == JobEnd::done && !checkers_.rewrote(clients_[j]->job()) &&
        checkers_.shown(clients_[j]->job()) != checkers_.document(clients_[j]->job()))
      checkers_.violated("I2", "the reader does not have the whole document");
  }
}

void World::gather_coverage() {
  for (const auto& each : coordinators_) {
    const auto& counts = each->core().counts().all();
    for (std::size_t e = 0; e < counts.size(); ++e) {
      if (counts[e] > 0) coverage_.note(name_of(static_cast<CoordinatorEvent>(e)));
    }
  }
  for (const auto& each : workers_) {
    const auto& counts = each->counts().all();
    for (std::size_t e = 0; e < counts.size(); ++e) {
      if (counts[e] > 0) coverage_.note(name_of(static_cast<WorkerEvent>(e)));
    }
  }
}

}  // namespace pecia::world
