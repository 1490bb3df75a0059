#include "actors/supervisor/supervisor_actor.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <condition_variable>
#include <mutex>

#include "tests/catch.hpp"

namespace pecia::actors {
namespace {

using namespace runtime;

using DieAtom = caf::atom_constant<caf::atom("die")>;

caf::behavior mortal(caf::event_based_actor* self) {
  return {[self](DieAtom) { self->quit(caf::sec::runtime_error); }};
}

ChildSpec child(std::string id) { return {std::move(id), RestartType::permanent, 1'000, {0, 0}}; }

// Starts of children, in order, as the factories see them; whoever waits is told.
class Starts {
 public:
  void add(const std::string& name, caf::actor child) {
    const std::lock_guard lock(mutex_);
    names_.push_back(name);
    last_[name] = std::move(child);
    changed_.notify_all();
  }
  void give_up(const std::string& why) {
    const std::lock_guard lock(mutex_);
    gave_up_ = why;
    changed_.notify_all();
  }
  std::vector<std::string> wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return names_.size() >= count; });
    return names_;
  }
  std::string wait_for_giving_up() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !gave_up_.empty(); });
    return gave_up_;
  }
  void kill(const std::string& name) {
    const std::lock_guard lock(mutex_);
    caf::anon_send(last_.at(name), DieAtom::value);
  }
  void forget() {
    const std::lock_guard lock(mutex_);
    last_.clear();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> names_;
  std::map<std::string, caf::actor> last_;
  std::string gave_up_;
};

class Supervised {
 public:
  explicit Supervised(RestartStrategy strategy, int intensity = 100) {
    SupervisorParts parts;
    parts.spec = {"test", strategy, {intensity, 10'000}, {}};
    for (const std::string name : {"a", "b", "c"}) {
      parts.spec.children.push_back(child(name));
      parts.factories.push_back([this, name]() -> kernels::Expected<caf::actor> {
        const caf::actor spawned = system.spawn(mortal);
        starts.add(name, spawned);
        return spawned;
      });
    }
    parts.gave_up = [this](const kernels::Error& error) { starts.give_up(error.message); };
    supervisor = spawn_supervisor(system, std::move(parts)).value();
  }
  ~Supervised() {
    caf::scoped_actor client(system);
    caf::anon_send(supervisor, StopAtom::value);
    client->wait_for(supervisor);
    starts.forget();
  }

  caf::actor_system_config config;
  caf::actor_system system{config};
  Starts starts;
  SupervisorHandle supervisor;
};

}  // namespace

TEST_CASE("a child that dies is started again, and under rest_for_one those behind it too") {
  Supervised one(RestartStrategy::one_for_one);
  one.starts.wait_for(3);
  one.starts.kill("a");
  CHECK(one.starts.wait_for(4) == std::vector<std::string>{"a", "b", "c", "a"});

  Supervised rest(RestartStrategy::rest_for_one);
  rest.starts.wait_for(3);
  rest.starts.kill("b");
  CHECK(rest.starts.wait_for(5) == std::vector<std::string>{"a", "b", "c", "b", "c"});
}

TEST_CASE("a supervisor whose children die too often gives up, and says so once") {
  Supervised supervised(RestartStrategy::one_for_one, 1);
  supervised.starts.wait_for(3);
  supervised.starts.kill("a");
  supervised.starts.wait_for(4);
  supervised.starts.kill("a");
  CHECK(supervised.starts.wait_for_giving_up().find("test") != std::string::npos);
}

TEST_CASE("a child that cannot be started is the reason that is told") {
  caf::actor_system_config config;
  caf::actor_system system(config);
  caf::scoped_actor client(system);
  Starts starts;
  SupervisorParts parts;
  parts.spec = {"test", RestartStrategy::one_for_one, {}, {child("journal")}};
  parts.factories = {[]() -> kernels::Expected<caf::actor> {
    return kernels::fail(kernels::ErrorKind::elsewhere, "another process has it");
  }};
  parts.gave_up = [&](const kernels::Error& error) { starts.give_up(error.message); };
  const auto supervisor = spawn_supervisor(system, std::move(parts)).value();
  CHECK(starts.wait_for_giving_up() == "another process has it");
  client->wait_for(supervisor);
}

TEST_CASE("a supervisor that is told to go takes its children along") {
  caf::actor_system_config config;
  caf::actor_system system(config);
  caf::scoped_actor client(system);
  Starts starts;
  SupervisorParts parts;
  parts.spec = {"test", RestartStrategy::one_for_one, {}, {child("a")}};
  caf::actor spawned;
  parts.factories = {[&]() -> kernels::Expected<caf::actor> {
    spawned = system.spawn(mortal);
    starts.add("a", spawned);
    return spawned;
  }};
  parts.gave_up = [&](const kernels::Error& error) { starts.give_up(error.message); };
  const auto supervisor = spawn_supervisor(system, std::move(parts)).value();
  starts.wait_for(1);
  client->send_exit(supervisor, caf::exit_reason::user_shutdown);
  client->wait_for(supervisor, spawned);
  starts.forget();
}

}  // namespace pecia::actors
