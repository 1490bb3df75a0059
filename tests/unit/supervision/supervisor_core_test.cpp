// The supervisor, scenario by scenario. Effects are compared as text: "start a1" is the first
// instance of child a, "stop b2 @70" asks its second to be gone by 70 ms, "arm 1 @5" is timer 1.

#include "runtime/supervision/supervisor_core.hpp"

#include <string>
#include <vector>

#include "tests/catch.hpp"

using namespace pecia::runtime;

namespace {

constexpr std::uint64_t kPeriodMs = 1'000;
constexpr std::uint64_t kShutdownMs = 50;
constexpr std::uint64_t kBackoffMs = 10;

using Effects = std::vector<std::string>;

class Supervised {
 public:
  explicit Supervised(RestartStrategy strategy, std::vector<RestartType> types, int intensity = 3)
      : core_(*SupervisorCore::create(spec_of(strategy, types, intensity))) {}

  static SupervisorSpec spec_of(RestartStrategy strategy, const std::vector<RestartType>& types,
                                int intensity) {
    SupervisorSpec spec{"s", strategy, {intensity, kPeriodMs}, {}};
    for (const RestartType type : types) {
      const char id = static_cast<char>('a' + spec.children.size());
      spec.children.push_back({std::string(1, id), type, kShutdownMs, {kBackoffMs, 40}});
    }
    return spec;
  }

  Effects take(const SupervisorEvent& event) {
    Effects lines;
    for (const SupervisorEffect& effect : core_.take(event, now_ms)) lines.push_back(line(effect));
    return lines;
  }
  Effects begin() { return take(StartChildren{}); }
  Effects finish() { return take(StopChildren{}); }
  Effects started(const char* name) { return take(ChildStarted{instance(name)}); }
  Effects crashed(const char* name) {
    return take(ChildEnded{instance(name), ChildExit::abnormal, "boom"});
  }
  Effects done(const char* name) {
    return take(ChildEnded{instance(name), ChildExit::normal, "done"});
  }
  Effects overdue(const char* name) { return take(ShutdownDeadlinePassed{instance(name)}); }
  Effects fired(std::uint64_t timer) { return take(RestartTimerFired{timer}); }
  void all_up() {
    begin();
    for (char id = 'a'; id < 'a' + static_cast<int>(core_.spec().children.size()); ++id) {
      started((std::string(1, id) + "1").c_str());
    }
  }
  ChildState state(std::size_t child) const { return core_.state(child); }

  std::uint64_t now_ms = 0;

 private:
  static ChildInstance instance(const char* name) {
    return {static_cast<std::size_t>(name[0] - 'a'), std::stoull(name + 1)};
  }
  static std::string name(const ChildInstance& instance) {
    return static_cast<char>('a' + instance.child) + std::to_string(instance.n);
  }
  static std::string line(const SupervisorEffect& effect) {
    struct Line {
      std::string operator()(const StartChild& e) { return "start " + name(e.instance); }
      std::string operator()(const StopChild& e) {
        return "stop " + name(e.instance) + " @" + std::to_string(e.deadline_ms);
      }
      std::string operator()(const KillChild& e) { return "kill " + name(e.instance); }
      std::string operator()(const ArmRestartTimer& e) {
        return "arm " + std::to_string(e.timer) + " @" + std::to_string(e.at_ms);
      }
      std::string operator()(const Escalate& e) { return "escalate: " + e.why; }
      std::string operator()(const ChildrenStopped&) { return "stopped"; }
    };
    return std::visit(Line{}, effect);
  }

  SupervisorCore core_;
};

constexpr auto kPermanent = RestartType::permanent;
constexpr auto kTransient = RestartType::transient;
constexpr auto kTemporary = RestartType::temporary;

}  // namespace

TEST_CASE("children start left to right, each once the one before it is up") {
  Supervised s(RestartStrategy::one_for_one, {kPermanent, kPermanent, kTemporary});
  CHECK(s.begin() == Effects{"start a1"});
  CHECK(s.begin() == Effects{});
  CHECK(s.started("a1") == Effects{"start b1"});
  CHECK(s.started("a1") == Effects{});
  CHECK(s.started("b1") == Effects{"start c1"});
  CHECK(s.started("c1") == Effects{});
}

TEST_CASE("children stop right to left, each once the one after it has ended") {
  Supervised s(RestartStrategy::one_for_one, {kPermanent, kPermanent});
  s.all_up();
  s.now_ms = 100;
  CHECK(s.finish() == Effects{"stop b1 @150"});
  CHECK(s.finish() == Effects{});
  s.now_ms = 120;
  CHECK(s.done("b1") == Effects{"stop a1 @170"});
  CHECK(s.done("a1") == Effects{"stopped"});
  CHECK(s.finish() == Effects{});
  CHECK(s.begin() == Effects{});
}

TEST_CASE("a child that outlives its shutdown deadline is killed, and awaited even then") {
  Supervised s(RestartStrategy::one_for_one, {kPermanent, kPermanent});
  s.all_up();
  CHECK(s.overdue("a1") == Effects{});
  CHECK(s.finish() == Effects{"stop b1 @50"});
  CHECK(s.overdue("a1") == Effects{});
  CHECK(s.overdue("b1") == Effects{"kill b1"});
  CHECK(s.overdue("b1") == Effects{});
  CHECK(s.state(1) == ChildState::killed);
  CHECK(s.crashed("b1") == Effects{"stop a1 @50"});
  CHECK(s.overdue("b1") == Effects{});
}

TEST_CASE("a child without time to shut down is killed at once") {
  SupervisorSpec spec = Supervised::spec_of(RestartStrategy::one_for_one, {kPermanent}, 3);
  spec.children[0].shutdown_ms = 0;
  SupervisorCore core = *SupervisorCore::create(spec);
  core.take(StartChildren{}, 0);
  const SupervisorEffects effects = core.take(StopChildren{}, 0);
  REQUIRE(effects.size() == 1);
  CHECK(std::holds_alternative<KillChild>(effects[0]));
}

TEST_CASE("a supervisor that is stopped while its children start stops those that have begun") {
  Supervised s(RestartStrategy::one_for_one, {kPermanent, kPermanent, kPermanent});
  s.begin();
  s.started("a1");
  CHECK(s.finish() == Effects{"stop b1 @50"});
  CHECK(s.started("b1") == Effects{});
  CHECK(s.done("b1") == Effects{"stop a1 @50"});
  CHECK(s.done("a1") == Effects{"stopped"});
}

TEST_CASE("a supervisor without children, or not yet started, stops at once") {
  Supervised none(RestartStrategy::one_for_all, {});
  CHECK(none.begin() == Effects{});
  CHECK(none.finish() == Effects{"stopped"});
  Supervised idle(RestartStrategy::one_for_all, {kPermanent});
  CHECK(idle.finish() == Effects{"stopped"});
  CHECK(idle.begin() == Effects{});
}

TEST_CASE("one_for_one: the child that died comes back alone, as its type says") {
  Supervised s(RestartStrategy::one_for_one, {kPermanent, kTransient, kTemporary});
  s.all_up();
  s.now_ms = 100;
  CHECK(s.done("a1") == Effects{"arm 1 @110"});
  CHECK(s.fired(1) == Effects{"start a2"});
  CHECK(s.fired(1) == Effects{});
  CHECK(s.crashed("b1") == Effects{"arm 2 @110"});
  CHECK(s.fired(2) == Effects{"start b2"});
  CHECK(s.started("b2") == Effects{});
  CHECK(s.done("b2") == Effects{});
  CHECK(s.crashed("c1") == Effects{});
  CHECK(s.state(2) == ChildState::down);
}

TEST_CASE("one_for_all: all go down right to left and come back left to right") {
  Supervised s(RestartStrategy::one_for_all, {kPermanent, kPermanent, kPermanent});
  s.all_up();
  CHECK(s.crashed("b1") == Effects{"stop c1 @50"});
  CHECK(s.done("c1") == Effects{"stop a1 @50"});
  s.now_ms = 30;
  CHECK(s.done("a1") == Effects{"arm 1 @10"});
  CHECK(s.fired(1) == Effects{"start a2"});
  CHECK(s.started("a2") == Effects{"start b2"});
  CHECK(s.started("b2") == Effects{"start c2"});
}

TEST_CASE("rest_for_one: those before the child stay up") {
  Supervised s(RestartStrategy::rest_for_one, {kPermanent, kPermanent, kPermanent});
  s.all_up();
  CHECK(s.crashed("b1") == Effects{"stop c1 @50"});
  CHECK(s.state(0) == ChildState::up);
  CHECK(s.done("c1") == Effects{"arm 1 @10"});
  CHECK(s.fired(1) == Effects{"start b2"});
  CHECK(s.started("b2") == Effects{"start c2"});
}

TEST_CASE("a group brings back the transient child that had finished, not the temporary one") {
  Supervised s(RestartStrategy::one_for_all, {kTransient, kTemporary, kPermanent});
  s.all_up();
  CHECK(s.done("a1") == Effects{});
  CHECK(s.crashed("c1") == Effects{"stop b1 @50"});
  CHECK(s.done("b1") == Effects{"arm 1 @10"});
  CHECK(s.fired(1) == Effects{"start a2"});
  CHECK(s.started("a2") == Effects{"start c2"});
  CHECK(s.started("c2") == Effects{});
}

TEST_CASE("what dies while its group goes down counts as no restart of its own") {
  Supervised s(RestartStrategy::one_for_all, {kPermanent, kPermanent, kPermanent}, 1);
  s.all_up();
  CHECK(s.crashed("c1") == Effects{"stop b1 @50"});
  CHECK(s.crashed("a1") == Effects{});
  CHECK(s.crashed("b1") == Effects{"arm 1 @10"});
}

TEST_CASE("a death before a group that goes down, or waits, widens the group") {
  Supervised s(RestartStrategy::rest_for_one, {kPermanent, kPermanent, kPermanent});
  s.all_up();
  CHECK(s.crashed("b1") == Effects{"stop c1 @50"});
  CHECK(s.crashed("a1") == Effects{});
  CHECK(s.done("c1") == Effects{"arm 1 @10"});
  s.now_ms = 10;
  CHECK(s.fired(1) == Effects{"start a2"});
  CHECK(s.started("a2") == Effects{"start b2"});
  CHECK(s.crashed("b2") == Effects{"arm 2 @30"});
  CHECK(s.crashed("a2") ==
        Effects{"escalate: supervisor 's' gives up: 4 restarts within 1000 ms are more than 3, the "
                "last of child 'a': boom"});
}

TEST_CASE("a widened group waits for the longest backoff, and the timer before it is void") {
  Supervised s(RestartStrategy::rest_for_one, {kPermanent, kPermanent});
  s.all_up();
  s.crashed("b1"), s.fired(1), s.started("b2");
  CHECK(s.crashed("b2") == Effects{"arm 2 @20"});
  s.now_ms = 5;
  CHECK(s.crashed("a1") == Effects{"arm 3 @20"});
  CHECK(s.fired(2) == Effects{});
  CHECK(s.fired(3) == Effects{"start a2"});
  CHECK(s.started("a2") == Effects{"start b3"});
}

TEST_CASE("one restart more than the intensity within the period stops all and tells the parent") {
  Supervised s(RestartStrategy::one_for_one, {kPermanent, kPermanent}, 1);
  s.all_up();
  CHECK(s.crashed("b1") == Effects{"arm 1 @10"});
  s.fired(1), s.started("b2");
  s.now_ms = kPeriodMs - 1;
  CHECK(s.crashed("b2") == Effects{"stop a1 @1049"});
  CHECK(s.finish() == Effects{});
  CHECK(s.done("a1") ==
        Effects{"escalate: supervisor 's' gives up: 2 restarts within 1000 ms are more than 1, the "
                "last of child 'b': boom"});
  CHECK(s.finish() == Effects{});
}

TEST_CASE("restarts a whole period apart do not add up") {
  Supervised s(RestartStrategy::one_for_one, {kPermanent}, 1);
  s.all_up();
  s.crashed("a1"), s.fired(1), s.started("a2");
  s.now_ms = kPeriodMs;
  CHECK(s.crashed("a2") == Effects{"arm 2 @1010"});
}

TEST_CASE("the backoff of a child doubles to its cap and begins anew once it was up for a period") {
  Supervised s(RestartStrategy::one_for_one, {kPermanent, kPermanent}, 100);
  s.all_up();
  CHECK(s.crashed("a1") == Effects{"arm 1 @10"});
  CHECK(s.crashed("b1") == Effects{"arm 2 @10"});
  s.fired(1), s.started("a2");
  CHECK(s.crashed("a2") == Effects{"arm 3 @20"});
  CHECK(s.fired(3) == Effects{"start a3"});
  CHECK(s.crashed("a3") == Effects{"arm 4 @40"});
  s.fired(4), s.started("a4");
  s.now_ms = kPeriodMs - 1;
  CHECK(s.crashed("a4") == Effects{"arm 5 @1039"});
  s.fired(5), s.started("a5");
  s.now_ms += kPeriodMs;
  CHECK(s.crashed("a5") == Effects{"arm 6 @2009"});
}

TEST_CASE("a stop comes between a death and its restart") {
  Supervised s(RestartStrategy::one_for_one, {kPermanent, kPermanent});
  s.all_up();
  CHECK(s.crashed("b1") == Effects{"arm 1 @10"});
  CHECK(s.finish() == Effects{"stop a1 @50"});
  CHECK(s.fired(1) == Effects{});
  CHECK(s.done("a1") == Effects{"stopped"});
  CHECK(s.fired(1) == Effects{});
}

TEST_CASE("a stop while a group goes down leaves it down") {
  Supervised s(RestartStrategy::rest_for_one, {kPermanent, kPermanent, kPermanent});
  s.all_up();
  CHECK(s.crashed("b1") == Effects{"stop c1 @50"});
  CHECK(s.finish() == Effects{});
  CHECK(s.done("c1") == Effects{"stop a1 @50"});
  CHECK(s.done("a1") == Effects{"stopped"});
}

TEST_CASE("a child that fails its very first start ends the supervisor, whatever its type") {
  for (const RestartType type : {kPermanent, kTransient, kTemporary}) {
    Supervised s(RestartStrategy::one_for_one, {kPermanent, type, kPermanent});
    s.begin();
    s.started("a1");
    CHECK(s.done("b1") == Effects{"stop a1 @50"});
    CHECK(s.done("a1") ==
          Effects{"escalate: supervisor 's' gives up: child 'b' did not start: done"});
  }
}

TEST_CASE("a later start that fails is tried again and counts as a restart") {
  Supervised s(RestartStrategy::one_for_one, {kTransient}, 2);
  s.all_up();
  s.crashed("a1"), s.fired(1);
  CHECK(s.done("a2") == Effects{"arm 2 @20"});
  CHECK(s.fired(2) == Effects{"start a3"});
  CHECK(s.done("a3").front().starts_with("escalate: supervisor 's' gives up: 3 restarts"));
}

TEST_CASE("a start that fails is no life of a period, however long ago the last one began") {
  Supervised s(RestartStrategy::one_for_one, {kPermanent});
  s.all_up();
  s.now_ms = 2 * kPeriodMs;
  CHECK(s.crashed("a1") == Effects{"arm 1 @2010"});
  s.fired(1);
  CHECK(s.crashed("a2") == Effects{"arm 2 @2020"});
}

TEST_CASE("an event of an instance that is gone changes nothing") {
  Supervised s(RestartStrategy::one_for_one, {kPermanent});
  s.all_up();
  s.crashed("a1");
  CHECK(s.crashed("a1") == Effects{});
  CHECK(s.started("a1") == Effects{});
  CHECK(s.fired(1) == Effects{"start a2"});
  CHECK(s.crashed("a1") == Effects{});
  CHECK(s.started("a1") == Effects{});
  CHECK(s.state(0) == ChildState::starting);
  CHECK(s.started("a3") == Effects{});
  CHECK(s.state(0) == ChildState::starting);
}

TEST_CASE("in the first round a child waits for one before it that has died meanwhile") {
  Supervised s(RestartStrategy::one_for_one, {kPermanent, kPermanent, kPermanent});
  s.begin();
  s.started("a1");
  CHECK(s.crashed("a1") == Effects{"arm 1 @10"});
  CHECK(s.started("b1") == Effects{});
  CHECK(s.fired(1) == Effects{"start a2"});
  CHECK(s.started("a2") == Effects{"start c1"});
}

TEST_CASE("a clock that steps back delays no restart beyond its backoff") {
  Supervised s(RestartStrategy::rest_for_one, {kPermanent, kPermanent}, 100);
  s.now_ms = 1'000'000;
  s.all_up();
  CHECK(s.crashed("b1") == Effects{"arm 1 @1000010"});
  s.fired(1), s.started("b2");
  s.now_ms = 500;
  CHECK(s.crashed("a1") == Effects{"stop b2 @550"});
  CHECK(s.done("b2") == Effects{"arm 2 @510"});
}

TEST_CASE("a spec that is wrong makes no supervisor") {
  SupervisorSpec spec = Supervised::spec_of(RestartStrategy::one_for_one, {kPermanent}, -1);
  CHECK_FALSE(SupervisorCore::create(spec).ok());
}
