#include "actors/directory/directory_actor.hpp"

#include <caf/actor_system.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <vector>

#include "actors/exceptions.hpp"

namespace pecia::actors {

namespace {

class DirectoryActor : public DirectoryHandle::base {
 public:
  explicit DirectoryActor(caf::actor_config& config) : DirectoryHandle::base(config) {
    end_by_exceptions(*this);
  }

  behavior_type make_behavior() override {
    set_down_handler([this](caf::down_msg& down) { on_down(down.source); });
    return {
        [this](EnlistAtom, const CoordinatorHandle& coordinator) {
          coordinator_ = coordinator;
          monitor(coordinator_);
          for (const WorkerHandle& worker : watchers_)
            send(worker, LinkUpAtom::value, coordinator_);
        },
        [this](WatchAtom, const WorkerHandle& worker) {
          watchers_.push_back(worker);
          monitor(worker);
          if (coordinator_) send(worker, LinkUpAtom::value, coordinator_);
        },
        [this](FindAtom) -> caf::result<CoordinatorHandle> {
          if (!coordinator_) return caf::make_error(caf::sec::runtime_error, "nobody coordinates");
          return coordinator_;
        },
    };
  }

  void on_exit() override { coordinator_ = nullptr, watchers_.clear(); }

 private:
  void on_down(const caf::actor_addr& source) {
    std::erase_if(watchers_, [&](const WorkerHandle& each) { return each.address() == source; });
    if (coordinator_ && coordinator_.address() == source) coordinator_ = nullptr;
  }

  CoordinatorHandle coordinator_;
  std::vector<WorkerHandle> watchers_;
};

}  // namespace

DirectoryHandle spawn_directory(caf::actor_system& system) {
  return system.spawn<DirectoryActor>();
}

}  // namespace pecia::actors
