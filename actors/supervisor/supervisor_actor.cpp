#include "actors/supervisor/supervisor_actor.hpp"

#include <caf/actor_system.hpp>
#include <caf/spawn_options.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <cassert>
#include <map>
#include <optional>

#include "actors/clock_and_chance.hpp"
#include "actors/exceptions.hpp"
#include "runtime/supervision/supervisor_core.hpp"

namespace pecia::actors {

using namespace runtime;

namespace {

class SupervisorActor : public SupervisorHandle::base {
 public:
  SupervisorActor(caf::actor_config& config, SupervisorCore core, SupervisorParts parts)
      : SupervisorHandle::base(config), core_(std::move(core)), parts_(std::move(parts)) {
    // A supervisor that fails is one that gives up.
    set_exception_handler([this](std::exception_ptr& thrown) {
      parts_.gave_up(kernels::fail(kernels::ErrorKind::elsewhere, "{}: {}", core_.spec().name,
                                   text_of(thrown)));
      return error_of(thrown);
    });
  }

  behavior_type make_behavior() override {
    set_down_handler([this](caf::down_msg& down) { on_down(down); });
    // To be told to go is to take the children along.
    set_exit_handler([this](caf::exit_msg&) { take(StopChildren{}); });
    take(StartChildren{});
    return {
        [this](StopAtom) { take(StopChildren{}); },
        [this](TimerAtom, std::uint64_t timer) { take(RestartTimerFired{timer}); },
        [this](DeadlineAtom, const ChildInstance& instance) {
          take(ShutdownDeadlinePassed{instance});
        },
    };
  }

  void on_exit() override {
    // None, but where the supervisor itself failed.
    for (const auto& [instance, child] : living_) send_exit(child, caf::exit_reason::kill);
    living_.clear();
    parts_ = {};
  }

 private:
  void take(const SupervisorEvent& event) {
    events_.push_back(event);
    if (taking_) return;  // an effect of this one brought that one
    taking_ = true;
    while (!events_.empty()) {
      const SupervisorEvent next = events_.front();
      events_.erase(events_.begin());
      for (const SupervisorEffect& effect : core_.take(next, steady_ms(*this)))
        std::visit([this](const auto& each) { on(each); }, effect);
    }
    taking_ = false;
  }

  void on_down(const caf::down_msg& down) {
    for (const auto& [instance, child] : living_) {
      if (child.address() != down.source) continue;
      const bool normal = !down.reason || down.reason == caf::exit_reason::user_shutdown;
      const ChildInstance ended = instance;
      living_.erase(ended);
      return take(ChildEnded{ended, normal ? ChildExit::normal : ChildExit::abnormal,
                             words_of(down.reason)});
    }
  }

  kernels::Expected<caf::actor> make(std::size_t child) {
    try {
      return parts_.factories[child]();
    } catch (...) {
      return kernels::fail(kernels::ErrorKind::elsewhere, "{}", text_of(std::current_exception()));
    }
  }

  // -- effects

  void on(const StartChild& started) {
    auto child = make(started.instance.child);
    if (!child) {
      failed_start_ = child.error();
      return take(ChildEnded{started.instance, ChildExit::abnormal, child.error().message});
    }
    failed_start_.reset();
    monitor(*child);
    living_.emplace(started.instance, *child);
    take(ChildStarted{started.instance});
  }
  void on(const StopChild& stopped) {
    if (const auto at = living_.find(stopped.instance); at != living_.end())
      send_exit(at->second, caf::exit_reason::user_shutdown);
    const std::uint64_t now = steady_ms(*this);
    const std::uint64_t wait = stopped.deadline_ms > now ? stopped.deadline_ms - now : 0;
    delayed_send(this, std::chrono::milliseconds(wait), DeadlineAtom::value, stopped.instance);
  }
  void on(const KillChild& killed) {
    if (const auto at = living_.find(killed.instance); at != living_.end())
      send_exit(at->second, caf::exit_reason::kill);
  }
  void on(const ArmRestartTimer& armed) {
    const std::uint64_t now = steady_ms(*this);
    const std::uint64_t wait = armed.at_ms > now ? armed.at_ms - now : 0;
    delayed_send(this, std::chrono::milliseconds(wait), TimerAtom::value, armed.timer);
  }
  void on(const Escalate& escalated) {
    // A child that could not be started says more than the supervisor that gave up over it.
    parts_.gave_up(failed_start_ ? *failed_start_
                                 : kernels::fail(kernels::ErrorKind::elsewhere, "{}: {}",
                                                 core_.spec().name, escalated.why));
    quit(caf::make_error(caf::sec::runtime_error, escalated.why));
  }
  void on(const ChildrenStopped&) { quit(); }

  SupervisorCore core_;
  SupervisorParts parts_;
  std::map<ChildInstance, caf::actor> living_;
  std::optional<kernels::Error> failed_start_;  // of the child that was to start last
  std::vector<SupervisorEvent> events_;         // that effects of the present one brought
  bool taking_ = false;
};

}  // namespace

kernels::Expected<SupervisorHandle> spawn_supervisor(caf::actor_system& system,
                                                     SupervisorParts parts) {
  auto core = SupervisorCore::create(parts.spec);
  if (!core) return core.error();
  assert(parts.factories.size() == parts.spec.children.size());
  return system.spawn<SupervisorActor, caf::detached>(std::move(*core), std::move(parts));
}

}  // namespace pecia::actors
