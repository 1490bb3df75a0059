#pragma once
// A coordinator with everything around it in the hands of a test: the clock stands until the test
// moves it, appends wait until the test answers them, and workers are sheets of paper that hold
// what they were ordered. All tokens of a step are text(), unless a test offers others.

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "actors/coordinator/coordinator_core.hpp"
#include "runtime/journal/journal_rules.hpp"
#include "tests/catch.hpp"
#include "tests/unit/coordinator/effect_lines.hpp"

namespace pecia::actors {

inline constexpr runtime::Term kTerm = 2;  // of the coordinator; term 1 was another one's
inline constexpr JobId kJob{1};
inline constexpr ClientKey kClient = 7;
inline constexpr std::uint64_t kOpenedUnixMs = 5'000'000;
inline constexpr int kSlots = 4;

// Tokens [from, to) of any step.
inline TokenIds text(std::uint64_t from, std::uint64_t to) {
  TokenIds ids;
  for (std::uint64_t i = from; i < to; ++i) ids.push_back(static_cast<std::int32_t>(100 + i));
  return ids;
}

inline runtime::PlannedStep plan(Path path, std::vector<Path> inputs = {}) {
  return {std::move(path), std::move(inputs), {1, 2, 3}, 50};
}
inline runtime::OpenedRecord opened(JobId job = kJob) {
  return {job, {std::byte{9}}, 11, Id{3}, "numerics", kOpenedUnixMs};
}
inline runtime::Submit submission(JobId job = kJob) {
  return {job, {std::byte{9}}, 11, Id{3}, "numerics", 0};
}
// Tokens [from, to) of a step, as a coordinator before this one recorded them.
inline runtime::TokensRecord past_tokens(const Path& path, std::uint64_t from, std::uint64_t to) {
  return {{kJob, path}, from, text(from, to), {}, {1, 1}};
}
inline NodeBoot node(std::string_view name) {  // "a2": worker "a" in its boot 2
  return {std::string(name.substr(0, 1)), static_cast<runtime::Boot>(name[1] - '0')};
}

class Coordinated {
 public:
  explicit Coordinated(const char* balancer = "least_loaded")
      : balancer_(*make_balancer(balancer)), core(limits, *balancer_) {}

  // -- starting
  Lines start(const std::vector<runtime::Record>& past = {}) {
    std::vector<runtime::Record> records = {runtime::TermRecord{1, 1}};
    records.insert(records.end(), past.begin(), past.end());
    records.emplace_back(runtime::TermRecord{kTerm, 2});
    admit(records);
    return take(core.start(kTerm, records, now));
  }
  // Started, and ready to order.
  void begin(const std::vector<runtime::Record>& past = {}) {
    start(past);
    pass(limits.adopt_ms);
  }
  // A job that waits for workers.
  void open_job(const std::vector<runtime::PlannedStep>& steps, JobId job = kJob) {
    submit(submission(job));
    all_durable();
    expanded(steps, true, job);
    all_durable();
  }

  // -- clients and the slicer
  Lines submit(const runtime::Submit& asked = submission(), ClientKey client = kClient) {
    return take(core.on_submit(client, asked, now));
  }
  Lines cancel(ClientKey client = kClient, JobId job = kJob) {
    return take(core.on_cancel(client, {job}, now));
  }
  Lines expanded(std::vector<runtime::PlannedStep> steps, bool complete = true, JobId job = kJob) {
    return take(core.on_expanded({job, 0, std::move(steps), complete, {}}, now));
  }

  // -- the journal
  Lines answer(runtime::AppendOutcome outcome) {
    REQUIRE_FALSE(asked_.empty());
    const Append next = std::move(asked_.front());
    asked_.pop_front();
    if (outcome == runtime::AppendOutcome::durable) admit(next.records);
    return take(core.on_appended({next.transaction, outcome, "the disk"}, now));
  }
  Lines durable() {
    skip_notes();
    return answer(runtime::AppendOutcome::durable);
  }
  Lines all_durable() {
    Lines lines;
    for (skip_notes(); !asked_.empty(); skip_notes()) add(lines, durable());
    return lines;
  }
  Lines all_full() {
    Lines lines;
    for (std::size_t n = asked_.size(); n > 0; --n)
      add(lines, answer(runtime::AppendOutcome::full));
    return lines;
  }
  // The records of the next one without an answer, notes or not.
  std::string next_append() const { return line(asked_.front().records); }
  // Appends without an answer, but for those of notes alone.
  std::size_t asked() const {
    return static_cast<std::size_t>(std::ranges::count_if(
        asked_, [](const Append& each) { return !runtime::only_notes(each.records); }));
  }

  // -- workers
  Lines join(const std::string& name, int slots = kSlots) {
    workers[name].slots = slots;
    return report(name);
  }
  Lines report(const std::string& name) { return take(core.on_report(report_of(name), now)); }
  runtime::Report report_of(const std::string& name) const {
    const Paper& worker = workers.at(name);
    const int held = static_cast<int>(worker.held.size());
    return {kTerm, node(name), worker.draining ? 0 : worker.slots - held, worker.draining,
            worker.held};
  }
  // An attempt of an earlier coordinator, as its worker tells of it.
  runtime::HeldAttempt held(const Path& path, std::uint64_t have, std::uint64_t committed) {
    return {{1, 1}, {kJob, path}, have, committed, chain_at(path, committed), 0};
  }
  // Tokens [from, to) by whatever attempt of the step the worker holds.
  runtime::Offer offer_of(const std::string& name, const Path& path, std::uint64_t from,
                          std::uint64_t to) {
    runtime::Offer offer{kTerm,          node(name), {}, {kJob, path}, from, chain_at(path, from),
                         text(from, to), {}};
    for (const auto& each : workers.at(name).held) {
      if (each.step == offer.step) offer.attempt = each.attempt;
    }
    return offer;
  }
  Lines say(const runtime::Offer& offer) { return take(core.on_offer(offer, now)); }
  Lines offer(const std::string& name, const Path& path, std::uint64_t from, std::uint64_t to) {
    return say(offer_of(name, path, from, to));
  }
  Lines offer_end(const std::string& name, const Path& path, std::uint64_t from, std::uint64_t to) {
    runtime::Offer offer = offer_of(name, path, from, to);
    offer.end = runtime::OfferEnd{runtime::StepEnd::eos, 4 * to, Id{5}};
    return say(offer);
  }
  Lines broke(const std::string& name, runtime::BrokeKind kind) {
    const AttemptId attempt = workers.at(name).held.front().attempt;
    std::erase_if(workers.at(name).held, [&](const auto& each) { return each.attempt == attempt; });
    return take(core.on_broke({kTerm, node(name), attempt, kind, "not a number"}, now));
  }
  Lines lost(const std::string& name) {
    workers.erase(name);
    return take(core.on_node_lost(node(name), now));
  }

  // -- time
  void wait(std::uint64_t ms) {
    now.mono_ms += ms;
    now.unix_ms += ms;
  }
  Lines tick() { return take(core.on_tick(now)); }
  // Everybody reports and ticks as often as ever.
  Lines pass(std::uint64_t ms) {
    Lines lines;
    for (const std::uint64_t until = now.mono_ms + ms; now.mono_ms < until;) {
      wait(std::min(limits.report_ms, until - now.mono_ms));
      for (const auto& [name, worker] : std::map(workers)) add(lines, report(name));
      add(lines, tick());
    }
    return lines;
  }

  Step& step(const Path& path) { return *core.book().find(StepName{kJob, path}); }
  Chain chain_at(const Path& path, std::uint64_t position) {
    const Chain start = runtime::chain_start({kJob, path}, step(path).input);
    return runtime::chain_after(start, text(0, position));
  }
  std::uint64_t times(CoordinatorEvent event) const { return core.counts()[event]; }
  // Transactions are numbered in lines as if there were none of notes alone.
  Lines take(Effects effects) {
    for (Effect& effect : effects) {
      if (auto* append = std::get_if<Append>(&effect)) {
        CHECK(append->transaction == ++appended_);
        asked_.push_back(*append);
        if (runtime::only_notes(append->records)) ++appended_notes_;
        append->transaction -= appended_notes_;
      } else if (const auto* to = std::get_if<ToNode>(&effect)) {
        deliver(*to);
      }
    }
    add(notes, note_lines(effects));
    return lines_of(effects);
  }
  Lines notes;  // appended so far

 private:
  struct Paper {
    int slots = 0;
    bool draining = false;
    std::vector<runtime::HeldAttempt> held;
  };

  static void add(Lines& lines, const Lines& more) {
    lines.insert(lines.end(), more.begin(), more.end());
  }
  // Notes alone are durable before anybody asks.
  void skip_notes() {
    while (!asked_.empty() && runtime::only_notes(asked_.front().records))
      answer(runtime::AppendOutcome::durable);
  }
  void admit(const std::vector<runtime::Record>& records) {
    const auto admitted = rules_.admit(records);
    if (!admitted) FAIL(admitted.error().message);
    rules_.keep();
  }
  void deliver(const ToNode& to) {
    const auto worker = workers.find(line(to.node));
    if (worker == workers.end()) return;  // nobody there
    std::vector<runtime::HeldAttempt>& held = worker->second.held;
    if (const auto* order = std::get_if<runtime::Order>(&to.message)) {
      const std::uint64_t have = order->committed.size();
      const Chain start = runtime::chain_start(order->step, order->input);
      held.push_back({order->attempt, order->step, have, have,
                      runtime::chain_after(start, order->committed), 0});
    } else if (const auto* drop = std::get_if<runtime::Drop>(&to.message)) {
      std::erase_if(held, [&](const auto& each) { return each.attempt == drop->attempt; });
    }
  }

  std::unique_ptr<Balancer> balancer_;
  runtime::JournalRules rules_;
  std::deque<Append> asked_;
  std::uint64_t appended_ = 0, appended_notes_ = 0;

 public:
  runtime::ProtocolLimits limits;
  CoordinatorCore core;
  Now now{1'000, kOpenedUnixMs};
  std::map<std::string, Paper> workers;  // those that speak
};

// Job 1 with step 1 at worker a, as attempt 2.1; nobody else there.
struct Placed : Coordinated {
  Placed() {
    limits.hedge_percent = 0;
    begin();
    open_job({plan("1")});
    join("a1");
    REQUIRE(core.attempts().count_at(node("a1")) == 1);
  }
};

}  // namespace pecia::actors
