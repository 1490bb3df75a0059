#include "actors/worker/worker_actor.hpp"

#include <caf/actor_system.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/clock_and_chance.hpp"
#include "actors/exceptions.hpp"
#include "actors/worker/executor_actor.hpp"
#include "runtime/wire/batch.hpp"
#include "runtime/wire/codec.hpp"

namespace pecia::actors {

using namespace runtime;

namespace {

constexpr std::uint64_t kOfferMs = 25;

class WorkerActor : public WorkerHandle::base {
 public:
  WorkerActor(caf::actor_config& config, WorkerParts parts)
      : WorkerHandle::base(config),
        parts_(std::move(parts)),
        identity_(parts_.generator->identity()),
        core_(parts_.limits, parts_.self, parts_.limits.slots, steady_ms(*this)) {
    end_by_exceptions(*this);
  }

  behavior_type make_behavior() override {
    executor_ = spawn_executor(*this, std::move(parts_.generator), std::move(parts_.cache));
    link_to(executor_);
    send(parts_.directory, WatchAtom::value, WorkerHandle(this));
    set_down_handler([this](caf::down_msg& down) {
      if (coordinator_ && coordinator_.address() == down.source) coordinator_ = nullptr;
    });
    send(this, TickAtom::value);
    return {
        [this](LinkUpAtom, const CoordinatorHandle& coordinator) {
          coordinator_ = coordinator;
          monitor(coordinator_);
          carry_out(core_.on_link_up(steady_ms(*this)));
        },
        [this](TellAtom, const Frame& frame) { on_tell(frame); },
        [this](SteppedAtom, const GeneratorStep& step) { on_stepped(step); },
        [this](OfferAtom) {
          offer_due_ = false;
          offer();
        },
        [this](TickAtom) {
          carry_out(core_.on_tick(steady_ms(*this)));
          delayed_send(this, std::chrono::milliseconds(parts_.limits.report_ms / kTicksAReport),
                       TickAtom::value);
        },
    };
  }

  void on_exit() override { executor_ = nullptr, coordinator_ = nullptr, parts_ = {}; }

 private:
  void on_tell(const Frame& frame) {
    const auto messages = messages_of_batch(frame.bytes());
    if (!messages) return;  // as good as lost
    for (const std::span<const std::byte> bytes : *messages) {
      if (const auto message = decode_to_worker(bytes))
        apply(core_.on_message(*message, steady_ms(*this)));
    }
    tell();
  }

  void on_stepped(const GeneratorStep& step) {
    for (const RunPrefill& each : step.prefilled)
      apply(core_.on_prefilled(each.run, each.prompt_tokens));
    for (const RunToken& each : step.tokens) apply(core_.on_token(each.run, each.id, each.end));
    for (const RunEnd& each : step.ended) apply(core_.on_ended(each.run, each.end));
    for (const RunFailure& each : step.failed)
      apply(core_.on_failed(each.run, each.kind, each.why));
    tell();
    send(executor_, AckAtom::value);
    if (steady_ms(*this) >= offered_ms_ + kOfferMs) return offer();
    if (offer_due_) return;
    offer_due_ = true;
    delayed_send(this, std::chrono::milliseconds(kOfferMs), OfferAtom::value);
  }

  void offer() {
    offered_ms_ = steady_ms(*this);
    carry_out(core_.offer_tokens());
  }

  // -- effects

  void carry_out(const WorkerEffects& effects) {
    apply(effects);
    tell();
  }
  void apply(const WorkerEffects& effects) {
    for (const WorkerEffect& effect : effects) std::visit([this](const auto& e) { on(e); }, effect);
  }
  void on(const ToCoordinatorEffect& said) {
    const Bytes message = encode(said.message);
    if (batch_.add(message)) return;
    tell();
    batch_.add(message);
  }
  void tell() {
    if (batch_.empty()) return;
    Frame frame(batch_.take());
    if (coordinator_) send(coordinator_, TellAtom::value, std::move(frame));
  }
  void on(const StartRun& started) {
    if (started.order.model == identity_.model && started.order.numerics == identity_.numerics)
      return run(started);
    carry_out(core_.on_failed(started.run, BrokeKind::elsewhere,
                              "this worker has another model or another arithmetic"));
  }
  void on(const PauseRun& paused) { run(paused); }
  void on(const ResumeRun& resumed) { run(resumed); }
  void on(const EndRun& ended) { run(ended); }
  void run(const RunCommand& command) { send(executor_, RunAtom::value, command); }

  WorkerParts parts_;
  const GeneratorIdentity identity_;
  WorkerCore core_;
  ExecutorHandle executor_;
  CoordinatorHandle coordinator_;  // none: nobody coordinates
  BatchBuilder batch_;             // empty between messages
  std::uint64_t offered_ms_ = 0;
  bool offer_due_ = false;  // and armed
};

}  // namespace

WorkerHandle spawn_worker(caf::actor_system& system, WorkerParts parts) {
  return system.spawn<WorkerActor>(std::move(parts));
}

}  // namespace pecia::actors
