// Thousands of seeded lives of a supervisor. The world around it is rude: children take their time,
// fail to start, die, ignore being asked to stop; events come twice. An oracle that knows nothing
// of the core's states judges every effect.

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

#include "kernels/base/philox.hpp"
#include "runtime/supervision/supervisor_core.hpp"
#include "tests/catch.hpp"

using namespace pecia::runtime;

namespace {

constexpr std::uint64_t kPeriodMs = 200;
constexpr std::uint64_t kBackoffMaxMs = 80;
constexpr int kEventsMax = 400;  // of one life, before it is stopped

struct Coverage {
  int starts = 0, failed_starts = 0, restarts = 0, asked = 0, killed = 0, escalated = 0,
      stopped = 0, settled = 0, echoes = 0;
};

// What the world knows of a child.
struct Puppet {
  bool is_alive = false;
  bool is_up = false;
  bool is_asked = false;      // to stop, or killed
  bool has_started = false;   // ever
  bool has_finished = false;  // of its own, normally, as a transient child may
  std::uint64_t lives = 0;
};

class World {
 public:
  World(std::uint64_t seed, Coverage& coverage) : seed_(seed), seen_(coverage) {
    SupervisorSpec spec{"s", static_cast<RestartStrategy>(draw(3)), {}, {}};
    spec.limit = {static_cast<int>(draw(10)), kPeriodMs};
    const std::size_t children = draw(6);
    for (std::size_t i = 0; i < children; ++i) {
      spec.children.push_back({"c" + std::to_string(i),
                               static_cast<RestartType>(draw(3)),
                               draw(4) == 0 ? 0 : 1 + draw(60),
                               {draw(20), kBackoffMaxMs}});
    }
    unrest_ = draw(5);
    puppets_.resize(children);
    core_.emplace(*SupervisorCore::create(spec));
  }

  void live() {
    expect(0, StartChildren{});
    const std::uint64_t stop_after = draw(2) == 0 ? draw(60) : kEventsMax;
    for (std::uint64_t events = 0; !pending_.empty() && !has_left_; ++events) {
      if (events == stop_after) deliver_stop();
      if (!has_left_) deliver_next();
    }
    if (!has_left_) {
      check_settled();
      deliver_stop();
    }
    while (!pending_.empty()) deliver_next();
    CHECK(has_left_);
    CHECK(must_escalate_ == has_escalated_);
    for (const Puppet& puppet : puppets_) CHECK_FALSE(puppet.is_alive);
  }

 private:
  std::uint64_t draw(std::uint64_t below) {
    return pecia::kernels::philox64(seed_, draws_++, 0) % below;
  }
  void expect(std::uint64_t after_ms, SupervisorEvent event) {
    pending_.emplace(now_ms_ + after_ms, std::move(event));
  }
  const SupervisorSpec& spec() const { return core_->spec(); }
  bool is_lone() const { return spec().strategy == RestartStrategy::one_for_one; }

  // -- events ------------------------------------------------------------------------------------

  void deliver_next() {
    const SupervisorEvent event = pending_.begin()->second;
    now_ms_ = std::max(now_ms_, pending_.begin()->first);
    pending_.erase(pending_.begin());
    const bool is_news = std::visit([this](const auto& e) { return happens(e); }, event);
    if (!is_news) return;
    take(event);
    while (draw(10) == 0) {  // heard again, now and later
      ++seen_.echoes;
      take(event);
      echoes_.push_back(event);
    }
    if (!echoes_.empty() && draw(5) == 0) take(echoes_[draw(echoes_.size())]);
  }
  void deliver_stop() {
    is_stopping_ = true;
    take(StopChildren{});
  }

  template <class Event>
  bool happens(const Event&) {
    return true;
  }
  bool happens(const ChildStarted& e) {
    Puppet& puppet = puppets_[e.instance.child];
    if (!lives(e.instance)) return false;
    puppet.is_up = true;
    // Whether the core counts it depends on nothing but its not having been asked to stop.
    puppet.has_started = puppet.has_started || !puppet.is_asked;
    if (draw(4) < unrest_) {
      const auto exit = static_cast<ChildExit>(draw(2));
      expect(draw(draw(2) == 0 ? 20 : 3 * kPeriodMs), ChildEnded{e.instance, exit, "life"});
    }
    return true;
  }
  bool happens(const ChildEnded& e) {
    if (!lives(e.instance)) return false;
    Puppet& puppet = puppets_[e.instance.child];
    const bool was_up = puppet.is_up;
    puppet.is_alive = puppet.is_up = false;
    if (!puppet.is_asked && !is_going_down(e.instance.child)) judge_end(e, was_up);
    return true;
  }
  bool happens(const ShutdownDeadlinePassed& e) {
    if (lives(e.instance)) must_kill_ = e.instance;
    return true;
  }

  bool lives(const ChildInstance& instance) const {
    const Puppet& puppet = puppets_[instance.child];
    return puppet.is_alive && puppet.lives == instance.n;
  }
  bool is_going_down(std::size_t child) const {
    return is_stopping_ || must_escalate_ || (cleared_from_ && child >= *cleared_from_);
  }

  // The end of a child that nobody had asked for: what has to follow?
  void judge_end(const ChildEnded& e, bool was_up) {
    const std::size_t child = e.instance.child;
    if (!puppets_[child].has_started) {
      ++seen_.failed_starts;
      must_escalate_ = true;
      return;
    }
    const RestartType type = spec().children[child].restart;
    const bool is_fault = e.exit == ChildExit::abnormal || !was_up;
    puppets_[child].has_finished = type == RestartType::transient && !is_fault;
    if (type == RestartType::temporary || puppets_[child].has_finished) return;
    restarts_ms_.push_back(now_ms_);
    const auto recent = std::ranges::count_if(
        restarts_ms_, [this](std::uint64_t stamp) { return stamp + kPeriodMs > now_ms_; });
    must_escalate_ = recent > spec().limit.intensity;
    if (is_lone() || must_escalate_) return;
    const std::size_t from = spec().strategy == RestartStrategy::one_for_all ? 0 : child;
    cleared_from_ = std::min(from, cleared_from_.value_or(from));
  }

  // -- effects -----------------------------------------------------------------------------------

  void take(const SupervisorEvent& event) {
    for (const SupervisorEffect& effect : core_->take(event, now_ms_)) {
      CHECK_FALSE(has_left_);
      std::visit([this](const auto& e) { on(e); }, effect);
    }
    CHECK_FALSE(must_kill_.has_value());
    must_kill_.reset();
  }

  void on(const StartChild& e) {
    ++seen_.starts;
    Puppet& puppet = puppets_[e.instance.child];
    CHECK_FALSE(puppet.is_alive);
    CHECK_FALSE((is_stopping_ || must_escalate_));
    CHECK(e.instance.n == puppet.lives + 1);
    const RestartType type = spec().children[e.instance.child].restart;
    CHECK((type != RestartType::temporary || puppet.lives == 0));
    if (!is_lone() || e.instance.n == 1) check_all_before_are_up(e.instance.child);
    puppet.lives = e.instance.n;
    puppet.is_alive = true;
    puppet.is_asked = puppet.has_finished = false;
    if (draw(20) < unrest_) {
      expect(draw(20), ChildEnded{e.instance, static_cast<ChildExit>(draw(2)), "no start"});
    } else {
      expect(draw(20), ChildStarted{e.instance});
    }
  }
  void on(const StopChild& e) {
    ++seen_.asked;
    check_none_after_lives(e.instance);
    CHECK(e.deadline_ms == now_ms_ + spec().children[e.instance.child].shutdown_ms);
    expect(e.deadline_ms - now_ms_, ShutdownDeadlinePassed{e.instance});
    if (draw(3) > 0) expect(draw(90), ChildEnded{e.instance, ChildExit::normal, "asked"});
  }
  void on(const KillChild& e) {
    ++seen_.killed;
    const bool is_overdue = must_kill_ == e.instance;
    const bool is_at_once = spec().children[e.instance.child].shutdown_ms == 0;
    CHECK((is_overdue || is_at_once));
    if (is_overdue) {
      must_kill_.reset();
    } else {
      check_none_after_lives(e.instance);
    }
    puppets_[e.instance.child].is_asked = true;
    expect(draw(5), ChildEnded{e.instance, ChildExit::abnormal, "killed"});
  }
  void on(const ArmRestartTimer& e) {
    ++seen_.restarts;
    CHECK_FALSE((is_stopping_ || must_escalate_));
    CHECK(e.at_ms <= now_ms_ + kBackoffMaxMs);
    cleared_from_.reset();
    const std::uint64_t wait_ms = e.at_ms > now_ms_ ? e.at_ms - now_ms_ : 0;
    expect(wait_ms + draw(10), RestartTimerFired{e.timer});
  }
  void on(const Escalate&) {
    ++seen_.escalated;
    has_left_ = has_escalated_ = true;
    for (const Puppet& puppet : puppets_) CHECK_FALSE(puppet.is_alive);
  }
  void on(const ChildrenStopped&) {
    ++seen_.stopped;
    has_left_ = true;
    CHECK(is_stopping_);
    for (const Puppet& puppet : puppets_) CHECK_FALSE(puppet.is_alive);
  }

  // -- checks ------------------------------------------------------------------------------------

  // Down for good: it has had its one life, or has done its work.
  bool is_over(std::size_t child) const {
    const Puppet& puppet = puppets_[child];
    const bool is_temporary = spec().children[child].restart == RestartType::temporary;
    return !puppet.is_alive && ((is_temporary && puppet.lives > 0) || puppet.has_finished);
  }
  void check_all_before_are_up(std::size_t child) const {
    for (std::size_t i = 0; i < child; ++i) CHECK((puppets_[i].is_up || is_over(i)));
  }
  void check_none_after_lives(const ChildInstance& instance) {
    CHECK(lives(instance));
    CHECK_FALSE(puppets_[instance.child].is_asked);
    puppets_[instance.child].is_asked = true;
    for (std::size_t i = instance.child + 1; i < puppets_.size(); ++i) {
      CHECK_FALSE(puppets_[i].is_alive);
    }
  }
  // Nothing more would happen by itself, so nobody may be waiting.
  void check_settled() const {
    CHECK_FALSE(must_escalate_);
    for (std::size_t i = 0; i < puppets_.size(); ++i) CHECK((puppets_[i].is_up || is_over(i)));
    ++seen_.settled;
  }

  std::uint64_t seed_;
  std::uint64_t draws_ = 0;
  std::uint64_t unrest_ = 0;  // 0: nobody dies of its own
  std::uint64_t now_ms_ = 1'000;
  std::optional<SupervisorCore> core_;
  std::vector<Puppet> puppets_;
  std::multimap<std::uint64_t, SupervisorEvent> pending_;  // by the time they are due
  std::vector<SupervisorEvent> echoes_;
  std::vector<std::uint64_t> restarts_ms_;   // of all its life
  std::optional<std::size_t> cleared_from_;  // a group is going down
  std::optional<ChildInstance> must_kill_;   // by the event at hand
  bool is_stopping_ = false, must_escalate_ = false, has_escalated_ = false, has_left_ = false;
  Coverage& seen_;
};

}  // namespace

TEST_CASE("in 6,000 seeded lives no child lives twice, order holds and limits are kept") {
  Coverage seen;
  for (std::uint64_t seed = 0; seed < 6'000; ++seed) {
    INFO("seed " << seed);
    World(seed, seen).live();
  }
  INFO(seen.starts << " starts, " << seen.failed_starts << " failed first starts, " << seen.restarts
                   << " restarts, " << seen.asked << " asked to stop, " << seen.killed
                   << " killed, " << seen.escalated << " escalated, " << seen.stopped
                   << " stopped, " << seen.settled << " settled, " << seen.echoes << " echoes");
  CHECK(seen.failed_starts > 300);
  CHECK(seen.restarts > 6'000);
  CHECK(seen.killed > 3'000);
  CHECK(seen.escalated > 600);
  CHECK(seen.stopped > 600);
  CHECK(seen.settled > 600);
}
