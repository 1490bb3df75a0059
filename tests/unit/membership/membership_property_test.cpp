// Seeded lists of events, shuffled and repeated.

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "kernels/base/philox.hpp"
#include "runtime/membership/membership_core.hpp"
#include "tests/catch.hpp"

using namespace pecia::runtime;

namespace {

using Events = std::vector<MembershipEvent>;

class Draws {
 public:
  explicit Draws(std::uint64_t seed) : seed_(seed) {}
  std::uint64_t below(std::uint64_t bound) {
    return pecia::kernels::philox64(seed_, count_++, 0) % bound;
  }

 private:
  std::uint64_t seed_;
  std::uint64_t count_ = 0;
};

Events shuffled(Events events, Draws& draws) {
  for (std::size_t i = events.size(); i > 1; --i) std::swap(events[i - 1], events[draws.below(i)]);
  return events;
}

// Each once at least, in any order.
Events repeated(const Events& events, Draws& draws) {
  Events more = events;
  for (std::size_t i = 0; i < events.size(); ++i)
    more.push_back(events[draws.below(events.size())]);
  return shuffled(more, draws);
}

NodeBoot any_node(Draws& draws) {
  return {"n" + std::to_string(draws.below(3)), 1 + draws.below(4)};
}

MembershipEvent any_event(Draws& draws) {
  const NodeBoot node = any_node(draws);
  const auto link = static_cast<LinkNumber>(1 + draws.below(4));
  switch (draws.below(6)) {
    case 0:
    case 1:
      return Left{node, link, "closed"};
    case 2:
      return Silent{node};
    case 3:
      return Heard{node};
    default:
      return Joined{node, link, {{std::to_string(link)}, {}, {}}};
  }
}

// Effects alternate name by name, and each down names the boot and link of the up before it.
class Ledger {
 public:
  void write(const MembershipEffect& effect) {
    if (const auto* up = std::get_if<NodeUp>(&effect)) {
      const bool is_first = up_.emplace(up->node.node, *up).second;
      CHECK(is_first);
      return;
    }
    const auto& down = std::get<NodeDown>(effect);
    const auto before = up_.find(down.node.node);
    REQUIRE(before != up_.end());
    CHECK(before->second == NodeUp{down.node, down.link});
    CHECK_FALSE(down.why.empty());
    up_.erase(before);
  }
  void check_agrees_with(const MembershipCore& core) const {
    const std::vector<Member> members = core.up();
    REQUIRE(members.size() == up_.size());
    for (const Member& member : members) {
      CHECK(up_.at(member.node.node) == NodeUp{member.node, member.link});
    }
  }

 private:
  std::map<NodeName, NodeUp> up_;
};

}  // namespace

TEST_CASE("over any events every up has one down, and the effects tell the same as the view") {
  for (std::uint64_t seed = 0; seed < 2'000; ++seed) {
    INFO("seed " << seed);
    Draws draws(seed);
    MembershipCore core;
    Ledger ledger;
    for (int i = 0; i < 60; ++i) {
      const MembershipEvent event = any_event(draws);
      for (const MembershipEffect& effect : core.take(event)) ledger.write(effect);
      CHECK(core.take(event).empty());
    }
    ledger.check_agrees_with(core);
  }
}

TEST_CASE("events of one boot make the same view in every order and under any repetition") {
  for (std::uint64_t seed = 0; seed < 2'000; ++seed) {
    INFO("seed " << seed);
    Draws draws(seed);
    Events history;
    const auto links = static_cast<LinkNumber>(1 + draws.below(5));
    for (LinkNumber link = 1; link <= links; ++link) {
      history.push_back(Joined{{"n", 9}, link, {{std::to_string(link)}, {}, {}}});
      if (link < links || draws.below(2) == 0) history.push_back(Left{{"n", 9}, link, "closed"});
    }
    const std::vector<Member> view = fold(history).up();
    CHECK(view.size() == history.size() % 2);
    CHECK(fold(repeated(history, draws)).up() == view);
  }
}

TEST_CASE("late echoes of the past change nothing that is up now") {
  for (std::uint64_t seed = 0; seed < 2'000; ++seed) {
    INFO("seed " << seed);
    Draws draws(seed);
    Events history;
    for (Boot boot = 1; boot <= 1 + draws.below(4); ++boot) {
      for (LinkNumber link = 1; link <= 3; ++link) history.push_back(Joined{{"n", boot}, link, {}});
    }
    MembershipCore core = fold(history);
    const std::vector<Member> view = core.up();
    for (const MembershipEvent& echo : repeated(history, draws)) CHECK(core.take(echo).empty());
    CHECK(core.up() == view);
  }
}
