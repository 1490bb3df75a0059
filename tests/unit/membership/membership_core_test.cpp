// Membership, scenario by scenario.

#include "runtime/membership/membership_core.hpp"

#include <string>

#include "tests/catch.hpp"

using namespace pecia::runtime;

namespace {

using Effects = MembershipEffects;
using State = Member::State;

const NodeBoot kOld{"worker-1", 0xA};
const NodeBoot kNew{"worker-1", 0xB};
const NodeBoot kOther{"worker-2", 0xC};

Joined joined(const NodeBoot& node, LinkNumber link) { return {node, link, {{"worker"}, {}, {}}}; }
Left left(const NodeBoot& node, LinkNumber link) { return {node, link, "closed"}; }

}  // namespace

TEST_CASE("a node that joins is up with its boot, link and capabilities, until it leaves") {
  MembershipCore core;
  const Capabilities can{{"worker", "cache"}, {Id{1}}, {"cpu-1"}};
  CHECK(core.take(Joined{kOld, 1, can}) == Effects{NodeUp{kOld, 1}});
  CHECK(core.up() == std::vector<Member>{{kOld, 1, State::up, can}});
  CHECK(core.take(joined(kOther, 1)) == Effects{NodeUp{kOther, 1}});
  CHECK(core.up().size() == 2);
  CHECK(core.take(left(kOld, 1)) == Effects{NodeDown{kOld, 1, "closed"}});
  CHECK(core.up().size() == 1);
  CHECK(core.find("worker-1")->state == State::down);
  CHECK(core.find("worker-3") == nullptr);
}

TEST_CASE("an event that comes twice says nothing the second time") {
  MembershipCore core;
  core.take(joined(kOld, 1));
  CHECK(core.take(joined(kOld, 1)) == Effects{});
  core.take(left(kOld, 1));
  CHECK(core.take(left(kOld, 1)) == Effects{});
  CHECK(core.take(joined(kOld, 1)) == Effects{});
  CHECK(core.find("worker-1")->state == State::down);
}

TEST_CASE("a new boot of a name reports the old one down, once, and the old one never returns") {
  MembershipCore core;
  core.take(joined(kOld, 7));
  CHECK(
      core.take(joined(kNew, 1)) ==
      Effects{NodeDown{kOld, 7, "followed by boot 000000000000000b of its name"}, NodeUp{kNew, 1}});
  CHECK(core.take(left(kOld, 7)) == Effects{});
  CHECK(core.take(joined(kOld, 8)) == Effects{});
  CHECK(core.take(Silent{kOld}) == Effects{});
  CHECK(core.take(Heard{kOld}) == Effects{});
  REQUIRE(core.up().size() == 1);
  CHECK(core.up()[0].node == kNew);
}

TEST_CASE("a boot that had left already is not reported down again by the next one") {
  MembershipCore core;
  core.take(joined(kOld, 1));
  core.take(left(kOld, 1));
  CHECK(core.take(joined(kNew, 1)) == Effects{NodeUp{kNew, 1}});
}

TEST_CASE("a higher link closes the lower: down with the old number, up with the new") {
  MembershipCore core;
  core.take(joined(kOld, 1));
  CHECK(core.take(Joined{kOld, 3, {{"cache"}, {}, {}}}) ==
        Effects{NodeDown{kOld, 1, "its link 1 was followed by link 3"}, NodeUp{kOld, 3}});
  CHECK(core.find("worker-1")->capabilities.roles == std::vector<std::string>{"cache"});
  CHECK(core.take(left(kOld, 1)) == Effects{});
  CHECK(core.take(joined(kOld, 2)) == Effects{});
  CHECK(core.take(left(kOld, 2)) == Effects{});
  CHECK(core.find("worker-1")->link == 3);
  CHECK(core.find("worker-1")->state == State::up);
  CHECK(core.find("worker-1")->capabilities.roles == std::vector<std::string>{"cache"});
}

TEST_CASE("a leave that overtakes its join leaves the node down") {
  MembershipCore core;
  CHECK(core.take(left(kOld, 1)) == Effects{});
  CHECK(core.take(joined(kOld, 1)) == Effects{});
  CHECK(core.take(joined(kOld, 2)) == Effects{NodeUp{kOld, 2}});
  CHECK(core.take(left(kOld, 3)) == Effects{NodeDown{kOld, 2, "closed"}});
  CHECK(core.take(joined(kOld, 3)) == Effects{});
  CHECK(core.up().empty());
}

TEST_CASE("a leave of a boot not seen before tells that the one before it is gone") {
  MembershipCore core;
  core.take(joined(kOld, 1));
  CHECK(core.take(left(kNew, 1)) ==
        Effects{NodeDown{kOld, 1, "followed by boot 000000000000000b of its name"}});
  CHECK(core.take(joined(kNew, 1)) == Effects{});
  CHECK(core.take(joined(kNew, 2)) == Effects{NodeUp{kNew, 2}});
}

TEST_CASE("a silent node is down until it is heard, and its leave is no second death") {
  MembershipCore core;
  core.take(joined(kOld, 1));
  CHECK(core.take(Heard{kOld}) == Effects{});
  CHECK(core.take(Silent{kOld}) == Effects{NodeDown{kOld, 1, "it is silent"}});
  CHECK(core.take(Silent{kOld}) == Effects{});
  CHECK(core.up().empty());
  CHECK(core.find("worker-1")->state == State::silent);
  CHECK(core.take(Heard{kOld}) == Effects{NodeUp{kOld, 1}});
  core.take(Silent{kOld});
  CHECK(core.take(joined(kOld, 1)) == Effects{});
  CHECK(core.take(left(kOld, 1)) == Effects{});
  CHECK(core.take(Heard{kOld}) == Effects{});
  CHECK(core.find("worker-1")->state == State::down);
}

TEST_CASE("a silent node that links anew, or is followed, was reported down already") {
  MembershipCore core;
  core.take(joined(kOld, 1));
  core.take(Silent{kOld});
  CHECK(core.take(joined(kOld, 2)) == Effects{NodeUp{kOld, 2}});
  core.take(Silent{kOld});
  CHECK(core.take(joined(kNew, 1)) == Effects{NodeUp{kNew, 1}});
}

TEST_CASE("silence of a node that nobody knows is no event") {
  MembershipCore core;
  CHECK(core.take(Silent{kOld}) == Effects{});
  CHECK(core.take(Heard{kOld}) == Effects{});
  CHECK(core.find("worker-1") == nullptr);
}

TEST_CASE("the last past boots of a name are remembered, and no more of them") {
  MembershipCore core;
  const auto boot = [](Boot number) { return NodeBoot{"worker-1", number}; };
  for (Boot number = 0; number <= kPastBootsMax; ++number) core.take(joined(boot(number), 1));
  for (Boot number = 0; number < kPastBootsMax; ++number) {
    CHECK(core.take(joined(boot(number), 2)) == Effects{});
  }
  core.take(joined(boot(kPastBootsMax + 1), 1));
  CHECK(core.take(joined(boot(0), 2)).size() == 2);
}

TEST_CASE("of the names that are down the one that has been so longest is forgotten") {
  MembershipCore core;
  const auto client = [](std::size_t number) {
    return NodeBoot{"client-" + std::to_string(number), 1};
  };
  core.take(joined(kOld, 1));
  for (std::size_t i = 0; i <= kDownNodesMax; ++i) core.take(joined(client(i), 1));
  core.take(left(client(5), 1));
  for (std::size_t i = 0; i <= kDownNodesMax; ++i) core.take(left(client(i), 1));
  CHECK(core.find("client-5") == nullptr);
  CHECK(core.find("client-0") != nullptr);
  CHECK(core.find(client(kDownNodesMax).node) != nullptr);
  CHECK(core.up().size() == 1);
}
