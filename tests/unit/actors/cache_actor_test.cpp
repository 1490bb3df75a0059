#include "actors/cache/cache_actor.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>

#include "tests/catch.hpp"

namespace pecia::actors {
namespace {

constexpr std::chrono::seconds kDeadline(60);

Page page(std::uint8_t name, std::optional<std::uint8_t> parent) {
  Page made{Id{name}, std::nullopt,
            std::make_shared<const std::vector<std::byte>>(64, std::byte{name})};
  if (parent) made.parent = Id{*parent};
  return made;
}

}  // namespace

TEST_CASE("a cache gives the pages it was given, without a copy, up to the first it lacks") {
  caf::actor_system_config config;
  caf::actor_system system(config);
  caf::scoped_actor client(system);
  const CacheHandle cache = spawn_cache(
      system,
      {{}, [](const Id&, const std::optional<Id>&, std::span<const std::byte>) { return true; }});
  const Pages given{{page(1, {}), page(2, 1), page(4, 3)}};
  client->send(cache, PutAtom::value, given);
  Pages got;
  PageNames missing;
  const PageNames asked{{Id{1}, Id{2}, Id{3}, Id{4}}};
  client->request(cache, kDeadline, FetchAtom::value, asked)
      .receive([&](const Pages& pages) { got = pages; }, [](const caf::error&) { FAIL(); });
  client->request(cache, kDeadline, MissingAtom::value, asked)
      .receive([&](const PageNames& names) { missing = names; }, [](const caf::error&) { FAIL(); });
  REQUIRE(got.pages.size() == 2);
  CHECK(got.pages[1].bytes == given.pages[1].bytes);  // the pointer
  CHECK(missing.names == std::vector<Id>{Id{3}});
  client->send_exit(cache, caf::exit_reason::user_shutdown);
}

}  // namespace pecia::actors
