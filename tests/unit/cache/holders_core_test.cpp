#include "actors/cache/holders_core.hpp"

#include <algorithm>

#include "kernels/base/philox.hpp"
#include "tests/catch.hpp"
#include "tests/unit/cache/names.hpp"

namespace pecia::actors {
namespace {

using kernels::philox64;
using test::name_of;
using test::node;

}  // namespace

TEST_CASE("a node that announced a name holds it until it withdraws or goes down") {
  Holders holders(10);
  const std::vector<Id> names{name_of(1), name_of(2)};
  holders.announce(node("b"), names);
  holders.announce(node("a"), names);
  CHECK(holders.of(name_of(1)) == std::vector{node("a"), node("b")});
  CHECK(holders.of(name_of(3)).empty());
  holders.withdraw(node("a"), name_of(1));
  holders.withdraw(node("a"), name_of(3));
  CHECK(holders.of(name_of(1)) == std::vector{node("b")});
  holders.forget(node("b", 2));  // another boot
  CHECK(holders.of(name_of(1)) == std::vector{node("b")});
  holders.forget(node("b"));
  CHECK(holders.of(name_of(1)).empty());
  CHECK(holders.of(name_of(2)) == std::vector{node("a")});
}

TEST_CASE("a run of names is as long as the node has them without a gap") {
  Holders holders(10);
  const std::vector<Id> run{name_of(1), name_of(2), name_of(3)};
  holders.announce(node("a"), std::vector{run[0], run[2]});
  holders.announce(node("b"), run);
  CHECK(holders.run_of(node("a"), run) == 1);
  CHECK(holders.run_of(node("b"), run) == 3);
  CHECK(holders.run_of(node("c"), run) == 0);
}

TEST_CASE("random announcements are remembered as a plain list of the youngest remembers them") {
  using Said = std::pair<NodeBoot, Id>;
  constexpr std::size_t kMax = 20;
  const std::vector<NodeBoot> nodes{node("a"), node("a", 2), node("b"), node("c")};
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    Holders holders(kMax);
    std::vector<Said> plain;  // the oldest first
    for (std::uint64_t i = 0; i < 200; ++i) {
      const NodeBoot& who = nodes[philox64(seed, i, 0) % nodes.size()];
      const Id name = name_of(philox64(seed, i, 1) % 12);
      const std::uint64_t act = philox64(seed, i, 2) % 20;
      if (act == 0) {
        holders.forget(who);
        std::erase_if(plain, [&](const Said& said) { return said.first == who; });
      } else if (act < 4) {
        holders.withdraw(who, name);
        std::erase(plain, Said(who, name));
      } else {
        holders.announce(who, {&name, 1});
        std::erase(plain, Said(who, name));
        plain.emplace_back(who, name);
        if (plain.size() > kMax) plain.erase(plain.begin());
      }
      REQUIRE(holders.announcements() == plain.size());
      std::vector<NodeBoot> expected;
      for (const Said& said : plain) {
        if (said.second == name) expected.push_back(said.first);
      }
      std::ranges::sort(expected);
      REQUIRE(holders.of(name) == expected);
    }
  }
}

}  // namespace pecia::actors
