#include "actors/cache/cache_actor.hpp"

#include <caf/actor_system.hpp>
#include <caf/spawn_options.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/exceptions.hpp"

namespace pecia::actors {

namespace {

class CacheActor : public CacheHandle::base {
 public:
  CacheActor(caf::actor_config& config, CacheLimits limits, NameCheck check)
      : CacheHandle::base(config), core_(limits, SpeedGuesses{}, std::move(check)) {
    end_by_exceptions(*this);
  }

  behavior_type make_behavior() override {
    return {
        [this](FetchAtom, const PageNames& asked) { return fetch(asked); },
        [this](MissingAtom, const PageNames& asked) {
          PageNames missing;
          for (const Id& name : asked.names) {
            if (!core_.pages().has(name)) missing.names.push_back(name);
          }
          return missing;
        },
        [this](PutAtom, const Pages& pages) {
          for (const Page& page : pages.pages)
            core_.pages().put(page.name, page.parent, page.bytes);
        },
    };
  }

 private:
  // As far as they are kept: a page without the one before it is of no use.
  Pages fetch(const PageNames& asked) {
    Pages found;
    for (const Id& name : asked.names) {
      SharedBytes bytes = core_.pages().get(name);
      if (bytes == nullptr) break;
      found.pages.push_back({name, std::nullopt, std::move(bytes)});
    }
    return found;
  }

  CacheCore core_;
};

}  // namespace

CacheHandle spawn_cache(caf::actor_system& system, CacheLimits limits, NameCheck check) {
  return system.spawn<CacheActor, caf::detached>(limits, std::move(check));
}

}  // namespace pecia::actors
