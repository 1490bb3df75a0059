#include "actors/coordinator/coordinator_actor.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>
#include <map>

#include "actors/clock_and_chance.hpp"
#include "actors/coordinator/coordinator_core.hpp"
#include "actors/coordinator/explain_core.hpp"
#include "actors/coordinator/overview.hpp"
#include "actors/exceptions.hpp"
#include "runtime/wire/batch.hpp"
#include "runtime/wire/codec.hpp"

namespace pecia::actors {

using namespace runtime;

namespace {

constexpr std::size_t kAsksMax = 4'096;  // clients that wait for an answer

struct Opened {
  std::vector<Record> records;
  Term term = 0;
};

class CoordinatorActor : public CoordinatorHandle::base {
 public:
  CoordinatorActor(caf::actor_config& config, CoordinatorParts parts, Opened opened)
      : CoordinatorHandle::base(config),
        parts_(std::move(parts)),
        opened_(std::move(opened)),
        core_(parts_.limits, *parts_.balancer) {
    end_by_exceptions(*this);
  }

  behavior_type make_behavior() override {
    parts_.journal->on_answer([self = address()](std::span<const AppendAnswer> answers) {
      if (const auto coordinator = caf::actor_cast<CoordinatorHandle>(self))
        caf::anon_send(coordinator, AppendedAtom::value,
                       AppendAnswers(answers.begin(), answers.end()));
    });
    set_down_handler([this](caf::down_msg& down) { on_down(down.source); });
    core_.expect(parts_.expected);
    carry_out(core_.start(opened_.term, opened_.records, now()));
    opened_ = {};
    send(this, TickAtom::value);
    return {
        [this](AskAtom, const Frame& frame) { return on_ask(frame); },
        [this](TellAtom, const Frame& frame) { on_tell(frame); },
        [this](ExpandedAtom, const Expanded& expanded) {
          carry_out(core_.on_expanded(expanded, now()));
        },
        [this](AppendedAtom, const AppendAnswers& answers) {
          for (const AppendAnswer& answer : answers) apply(core_.on_appended(answer, now()));
          deliver();
        },
        [this](TickAtom) {
          carry_out(core_.on_tick(now()));
          tell_slicer();
          delayed_send(this, std::chrono::milliseconds(parts_.limits.report_ms / kTicksAReport),
                       TickAtom::value);
        },
    };
  }

  // The journal is free for the next coordinator, and clients ask that one.
  void on_exit() override {
    for (auto& [client, promise] : asks_)
      promise.deliver(caf::make_error(caf::sec::request_receiver_down));
    asks_.clear();
    workers_.clear();
    parts_ = {};
  }

 private:
  using Promise = caf::typed_response_promise<Frame>;

  Now now() const { return {steady_ms(*this), unix_ms()}; }

  // -- clients

  caf::result<Frame> on_ask(const Frame& frame) {
    const auto message = decode_to_coordinator(frame.bytes());
    if (!message) return refusal({}, message.error().message);
    if (const auto* read = std::get_if<Read>(&*message)) return on_read(*read);
    if (const auto* view = std::get_if<View>(&*message)) return on_view(*view);
    if (const auto* drain = std::get_if<DrainNode>(&*message)) return on_drain_node(*drain);
    if (const auto* overview = std::get_if<Overview>(&*message))
      return tell_overview(overview->from);
    if (const auto* explain = std::get_if<Explain>(&*message)) return tell_story(*explain);
    const auto* submit = std::get_if<Submit>(&*message);
    const auto* cancel = std::get_if<Cancel>(&*message);
    if (submit == nullptr && cancel == nullptr)
      return refusal({}, "a worker's message; a client submits, reads, views, explains or cancels");
    if (asks_.size() >= kAsksMax) return refusal({}, "too many clients wait for an answer");
    // From here on whatever answers is the promise.
    const ClientKey client = ++clients_;
    const Promise promise = asks_[client] = make_response_promise<Frame>();
    carry_out(submit != nullptr ? core_.on_submit(client, settled(*submit), now())
                                : core_.on_cancel(client, *cancel, now()));
    return promise;
  }

  static Frame refusal(const JobId& job, std::string_view why) {
    return Frame(encode(ToClient(Refused{job, RefusalKind::refused, clean_why(why)})));
  }
  static Frame unknown(const JobId& job) {
    return Frame(encode(ToClient(Refused{job, RefusalKind::unknown, "no such job"})));
  }

  // A client that knows no model leaves the choice to the cluster.
  Submit settled(Submit submit) const {
    if (submit.model == Id{}) submit.model = parts_.computes.model;
    if (submit.numerics.empty()) submit.numerics = parts_.computes.numerics;
    return submit;
  }

  bool knows(const JobId& id) {
    const Job* job = core_.book().find(id);
    return job != nullptr && job->accepted;
  }
  std::string why_stalled() const {
    return core_.storage_stalled() ? clean_why(core_.storage_why()) : std::string();
  }

  caf::result<Frame> on_read(const Read& read) {
    if (!knows(read.job)) return unknown(read.job);
    return delegate(parts_.merger, ReadAtom::value, read, core_.state_of(read.job), why_stalled());
  }
  // Behind whatever the merger was told before.
  caf::result<Frame> on_view(const View& view) {
    if (!knows(view.job)) return unknown(view.job);
    return delegate(parts_.merger, ViewAtom::value, view, core_.state_of(view.job), why_stalled());
  }

  Frame tell_overview(std::uint64_t from) {
    return Frame(encode(ToClient(overview_of(core_, from, steady_ms(*this)))));
  }
  Frame tell_story(const Explain& asked) {
    if (!knows(asked.job)) return unknown(asked.job);
    return Frame(
        encode(ToClient(explain_.explained(asked, core_.state_of(asked.job), why_stalled()))));
  }
  Frame on_drain_node(const DrainNode& drain) {
    const auto worker = core_.workers().all().find(drain.node);
    if (worker == core_.workers().all().end()) return refusal({}, "no such worker is at work");
    carry_out(core_.on_drain(worker->second.node, drain.deadline_ms, now()));
    return tell_overview(0);
  }

  // -- workers

  void on_tell(const Frame& frame) {
    const auto messages = messages_of_batch(frame.bytes());
    if (!messages) return;  // of no worker of ours: as good as lost
    for (const std::span<const std::byte> bytes : *messages) {
      if (const auto message = decode_to_coordinator(bytes)) on_told(*message);
    }
    deliver();
  }
  void on_told(const ToCoordinator& message) {
    if (const auto* report = std::get_if<Report>(&message)) {
      enlist(report->from);
      apply(core_.on_report(*report, now()));
    } else if (const auto* offer = std::get_if<Offer>(&message)) {
      apply(core_.on_offer(*offer, now()));
    } else if (const auto* broke = std::get_if<Broke>(&message)) {
      apply(core_.on_broke(*broke, now()));
    }
  }

  void enlist(const NodeBoot& node) {
    if (workers_.contains(node) || !current_sender()) return;
    workers_.emplace(node, caf::actor_cast<WorkerHandle>(current_sender()));
    monitor(current_sender());
  }

  void on_down(const caf::actor_addr& source) {
    for (auto at = workers_.begin(); at != workers_.end(); ++at) {
      if (at->second.address() != source) continue;
      const NodeBoot node = at->first;
      workers_.erase(at);
      return carry_out(core_.on_node_lost(node, now()));
    }
  }

  // -- effects

  void carry_out(const Effects& effects) {
    apply(effects);
    deliver();
  }
  void apply(const Effects& effects) {
    for (const Effect& effect : effects) std::visit([this](const auto& each) { on(each); }, effect);
  }
  // What has gathered since the last time, once for each who is told.
  void deliver() {
    for (auto& [node, batch] : outbox_) tell(node, batch);
    outbox_.clear();
    tell_merger();
  }
  void tell_merger() {
    if (followed_.empty()) return;
    untold_.push_back(std::make_shared<const std::vector<Record>>(
        std::exchange(followed_, std::vector<Record>())));
    send(parts_.merger, FollowAtom::value, untold_.back());
  }
  void tell(const NodeBoot& node, BatchBuilder& batch) {
    if (const auto at = workers_.find(node); at != workers_.end())
      send(at->second, TellAtom::value, Frame(batch.take()));
  }

  void on(const ToNode& told) {
    const Bytes message = encode(told.message);
    BatchBuilder& batch = outbox_[told.node];
    if (batch.add(message)) return;
    tell(told.node, batch);
    batch = {};
    batch.add(message);
  }
  void on(const Answer& answer) {
    const auto at = asks_.find(answer.client);
    if (at == asks_.end()) return;
    at->second.deliver(Frame(encode(answer.message)));
    asks_.erase(at);
  }
  void on(const Append& append) {
    const std::uint64_t named = parts_.journal->append(append.records);
    if (named != append.transaction)
      quit(caf::make_error(caf::sec::runtime_error, "core and journal count apart"));
  }
  void on(const RetryStorage&) { parts_.journal->retry(); }
  void on(const Expand& asked) {
    tell_merger();
    tell_slicer();
    send(parts_.slicer, ExpandAtom::value, ExpandJob{asked.job, asked.steps_ended});
  }
  void on(const Follow& durable) {
    followed_.insert(followed_.end(), durable.records.begin(), durable.records.end());
    for (const Record& record : durable.records) explain_.follow(record);
  }
  // It needs to know only when it is asked to expand. Its thread is its own, and each time that it
  // wakes up costs the engine's threads more than the records do: so, once a tick.
  void tell_slicer() {
    for (const DurableRecords& records : std::exchange(untold_, {}))
      send(parts_.slicer, FollowAtom::value, records);
  }
  void on(const Exit& exit) {
    parts_.deposed(exit.why);
    quit(caf::make_error(caf::sec::runtime_error, exit.why));
  }

  CoordinatorParts parts_;
  Opened opened_;  // until the core has started
  CoordinatorCore core_;
  ExplainCore explain_;
  std::map<NodeBoot, WorkerHandle> workers_;
  std::map<ClientKey, Promise> asks_;
  ClientKey clients_ = 0;
  std::map<NodeBoot, BatchBuilder> outbox_;
  std::vector<Record> followed_;        // not told to the merger yet
  std::vector<DurableRecords> untold_;  // told to it, and not to the slicer yet
};

}  // namespace

kernels::Expected<CoordinatorHandle> spawn_coordinator(caf::actor_system& system,
                                                       CoordinatorParts parts) {
  auto records = parts.journal->read();
  if (!records) return records.error();
  const std::uint64_t now_ms = unix_ms();
  const auto term = parts.journal->begin_term(parts.boot, now_ms);
  if (!term) return term.error();
  records->emplace_back(TermRecord{*term, parts.boot, now_ms});  // is durable by now
  return system.spawn<CoordinatorActor>(std::move(parts), Opened{std::move(*records), *term});
}

}  // namespace pecia::actors
