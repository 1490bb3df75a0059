#include "actors/node/node.hpp"

#include <atomic>
#include <caf/actor_cast.hpp>
#include <caf/actor_registry.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/after.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/io/middleman.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <condition_variable>
#include <mutex>

#include "actors/cache/cache_actor.hpp"
#include "actors/clock_and_chance.hpp"
#include "actors/coordinator/coordinator_actor.hpp"
#include "actors/directory/directory_actor.hpp"
#include "actors/exceptions.hpp"
#include "actors/links/links_actor.hpp"
#include "actors/merger/merger_actor.hpp"
#include "actors/node/ask.hpp"
#include "actors/node/watchdog.hpp"
#include "actors/slicer/slicer_actor.hpp"
#include "actors/summarizer/summarizer_actor.hpp"
#include "actors/supervisor/supervisor_actor.hpp"
#include "actors/worker/worker_actor.hpp"
#include "runtime/config/fields.hpp"
#include "runtime/journal/sqlite_journal.hpp"
#include "runtime/wire/codec.hpp"

namespace pecia::actors {

using namespace runtime;
using kernels::ErrorKind;
using kernels::Expected;
using kernels::fail;

namespace {

constexpr std::uint64_t kShutdownMs = 2'000;     // of one actor
constexpr std::uint64_t kChildrenAtOnce = 10;    // that a supervisor may have to wait for
constexpr std::uint64_t kGoneMsMax = 10'000;     // for all actors to end
constexpr std::chrono::milliseconds kPause(20);  // while nobody coordinates
constexpr std::chrono::milliseconds kTurn(200);  // of actors, for the watchdog
// Whoever was asked may be gone, and every question may be asked twice.
constexpr std::chrono::milliseconds kAskAgain(2'000);

// CAF's own heartbeat is a backstop: who is silent is told by reports, and who is gone by the gate.
caf::actor_system_config& configure(caf::actor_system_config& config, bool linked) {
  config.set("scheduler.policy", caf::atom("sharing"));
  config.set("scheduler.max-throughput", 50);
  // What is not short has a thread of its own, and every further one here only wakes in between.
  config.set("scheduler.max-threads", 1);
  if (!linked) return config;
  config.load<caf::io::middleman>();
  config.set("middleman.workers", 0);
  config.set("middleman.enable-automatic-connections", false);
  config.set("middleman.heartbeat-interval", caf::timespan(std::chrono::seconds(1)));
  config.set("middleman.connection-timeout", caf::timespan(std::chrono::seconds(5)));
  config.add_message_type<Frame>("frame");
  return config;
}

std::string_view word_of(BalancerKind kind) {
  return find_field("write", "balancer")->words[static_cast<std::size_t>(kind)];
}

SqliteJournalOptions journal_options(const JournalLimits& limits) {
  SqliteJournalOptions options;
  options.gather_ms_max = static_cast<int>(limits.group_commit_ms);
  options.group_records_max = static_cast<std::size_t>(limits.group_commit_records);
  options.reserve_bytes = limits.reserve_bytes;
  options.record_bytes_max = limits.record_bytes_max;
  options.file_bytes_max = limits.file_bytes_max;
  return options;
}

// What the supervisors say to the one who started them.
class Outcome {
 public:
  void works() { settle(true, std::nullopt); }
  void gave_up(const kernels::Error& error) { settle(false, error); }
  void depose(const std::string& why) {
    const std::lock_guard lock(mutex_);
    deposed_ = why;
  }
  std::optional<std::string> deposed() const {
    const std::lock_guard lock(mutex_);
    return deposed_;
  }

  std::optional<kernels::Error> failure() const {
    const std::lock_guard lock(mutex_);
    return failure_;
  }
  // Until somebody coordinates, or the node has given up.
  std::optional<kernels::Error> wait() const {
    std::unique_lock lock(mutex_);
    settled_.wait(lock, [this] { return works_ || failure_; });
    return failure_;
  }

 private:
  void settle(bool works, std::optional<kernels::Error> failure) {
    const std::lock_guard lock(mutex_);
    works_ = works_ || works;
    if (!failure_) failure_ = std::move(failure);  // the first one is the cause of the others
    settled_.notify_all();
  }

  mutable std::mutex mutex_;
  mutable std::condition_variable settled_;
  bool works_ = false;
  std::optional<kernels::Error> failure_;
  std::optional<std::string> deposed_;
};

}  // namespace

struct Node::Actors {
  explicit Actors(NodeParts given)
      : parts(std::move(given)),
        system(configure(config, parts.links.has_value())),
        client(system) {
    // Doors that CAF opens to whoever reaches the system; nobody of ours uses them.
    system.registry().erase(caf::atom("SpawnServ"));
    system.registry().erase(caf::atom("ConfigServ"));
  }

  // -- what supervisors look after

  ChildSpec child(std::string id, std::uint64_t shutdown_ms) const {
    const SupervisionLimits& limits = parts.config.supervision;
    return {std::move(id),
            RestartType::permanent,
            shutdown_ms,
            {limits.backoff_ms, limits.backoff_ms_max}};
  }
  SupervisorParts supervise(std::string name, RestartStrategy strategy) {
    const SupervisionLimits& limits = parts.config.supervision;
    SupervisorParts supervised;
    supervised.spec = {std::move(name), strategy, {limits.intensity, limits.period_ms}, {}};
    supervised.gave_up = [this](const kernels::Error& error) { outcome.gave_up(error); };
    return supervised;
  }
  template <class Make>
  void add(SupervisorParts& supervised, std::string id, Make make) const {
    supervised.spec.children.push_back(child(std::move(id), kShutdownMs));
    supervised.factories.push_back(std::move(make));
  }

  // What they know they have from the coordinator, from its first word on: where one begins anew,
  // all do.
  SupervisorParts supervised_documents() {
    SupervisorParts supervised = supervise("documents", RestartStrategy::one_for_all);
    add(supervised, "summarizer", [this]() -> Expected<caf::actor> {
      summarizer = spawn_summarizer(system, parts.documents->tokenizer);
      return caf::actor_cast<caf::actor>(summarizer);
    });
    add(supervised, "merger", [this]() -> Expected<caf::actor> {
      merger = spawn_merger(system, parts.documents->tokenizer);
      return caf::actor_cast<caf::actor>(merger);
    });
    add(supervised, "slicer", [this]() -> Expected<caf::actor> {
      slicer = spawn_slicer(system, parts.documents->tokenizer, summarizer);
      return caf::actor_cast<caf::actor>(slicer);
    });
    add(supervised, "coordinator", [this] { return start_coordinator(); });
    return supervised;
  }

  Expected<caf::actor> start_coordinator() {
    if (const auto why = outcome.deposed()) return fail(ErrorKind::elsewhere, "{}", *why);
    const DocumentsPart& part = *parts.documents;
    auto journal = part.open_journal ? part.open_journal() : open_sqlite_journal();
    if (!journal) return journal.error();
    auto balancer = make_balancer(word_of(parts.config.write.balancer));
    if (!balancer) return balancer.error();
    CoordinatorParts made;
    made.limits = limits();
    made.balancer = std::move(*balancer);
    made.journal = std::move(*journal);
    made.boot = random_boot();
    made.expected = part.expected;
    made.computes = part.computes;
    made.merger = merger;
    made.slicer = slicer;
    made.deposed = [this](const std::string& why) { outcome.depose(why); };
    // In one process no worker can hold anything before the first one starts.
    if (!coordinated && !parts.links) made.limits.adopt_ms = 0;
    auto coordinator = spawn_coordinator(system, std::move(made));
    if (!coordinator) return coordinator.error();
    coordinated = true;
    caf::anon_send(directory, EnlistAtom::value, *coordinator);
    if (links) caf::anon_send(links, EnlistAtom::value, *coordinator);
    outcome.works();
    return caf::actor_cast<caf::actor>(*coordinator);
  }

  Expected<std::unique_ptr<Journal>> open_sqlite_journal() const {
    auto journal =
        SqliteJournal::open(parts.documents->journal_path,
                            {[](const Record& record) { return encode(record); }, decode_record},
                            journal_options(parts.config.journal));
    if (!journal) return journal.error();
    return std::unique_ptr<Journal>(std::move(*journal));
  }

  // Workers know the cache by its handle, so they begin anew with it; it does not know them.
  SupervisorParts supervised_compute() {
    SupervisorParts supervised = supervise("compute", RestartStrategy::rest_for_one);
    if (parts.config.write.cache != CacheMode::off)
      add(supervised, "cache", [this] { return start_cache(); });
    if (!parts.compute->make_generator) return supervised;
    add(supervised, "workers", [this]() -> Expected<caf::actor> {
      auto supervisor = spawn_supervisor(system, supervised_workers());
      if (!supervisor) return supervisor.error();
      return caf::actor_cast<caf::actor>(*supervisor);
    });
    supervised.spec.children.back().shutdown_ms = kShutdownMs * kChildrenAtOnce;
    return supervised;
  }

  Expected<caf::actor> start_cache() {
    CacheParts made;
    made.limits.cache_bytes_max = parts.config.write.cache_bytes_max;
    made.check = parts.compute->page_check;
    const bool trades = parts.links && parts.config.write.cache == CacheMode::cluster;
    if (trades) {
      made.names = {parts.links->name, parts.links->arbiter};
      made.door = door;
    }
    cache = spawn_cache(system, std::move(made));
    if (trades) caf::anon_send(links, EnlistAtom::value, cache);
    return caf::actor_cast<caf::actor>(cache);
  }

  SupervisorParts supervised_workers() {
    SupervisorParts supervised = supervise("workers", RestartStrategy::one_for_one);
    for (int n = 1; n <= parts.config.write.workers; ++n)
      add(supervised, fmt::format("worker-{}", n), [this, n] { return start_worker(n); });
    return supervised;
  }

  // A worker's name is its node's, where that has one.
  std::string name_of_worker(int n) const {
    if (!parts.links) return fmt::format("worker-{}", n);
    return n == 1 ? parts.links->name : fmt::format("{}/{}", parts.links->name, n);
  }
  Expected<caf::actor> start_worker(int n) {
    auto generator = parts.compute->make_generator(n);
    if (!generator) return generator.error();
    WorkerParts made{
        limits(), {name_of_worker(n), random_boot()}, std::move(*generator), cache, directory};
    return caf::actor_cast<caf::actor>(spawn_worker(system, std::move(made)));
  }

  ProtocolLimits limits() const {
    ProtocolLimits limits = parts.config.protocol;
    limits.slots = parts.config.write.batch_max;
    return limits;
  }

  kernels::Status start() {
    directory = spawn_directory(system);
    if (parts.links) {
      links = spawn_links(system, {parts.links->name, directory, [this](const std::string& why) {
                                     outcome.gave_up(fail(ErrorKind::retry, "{}", why));
                                   }});
    }
    if (parts.documents) {
      auto spawned = spawn_supervisor(system, supervised_documents());
      if (!spawned) return spawned.error();
      documents = std::move(*spawned);
      if (const auto failure = outcome.wait()) return *failure;
    }
    return parts.links ? open_gate() : kernels::Status();
  }

  kernels::Status open_gate() {
    GateEvents events;
    events.up = [to = links](const GatePeer& peer, int fd, bool dialled) {
      caf::anon_send(
          to, PeerUpAtom::value,
          PeerUp{{peer.name, peer.boot}, peer.link, SharedSocket(fd), dialled, peer.is_client});
    };
    events.received = [to = links](const GatePeer& peer, BulkReceived transfer) {
      caf::anon_send(
          to, TransferAtom::value,
          PeerTransfer{{peer.name, peer.boot},
                       transfer.kind,
                       std::make_shared<const kernels::RawBytes>(std::move(transfer.bytes))});
    };
    events.down = [to = links](const GatePeer& peer, const std::string& why) {
      caf::anon_send(to, PeerDownAtom::value, PeerDown{{peer.name, peer.boot}, peer.link, why});
    };
    auto opened = parts.links->open_gate(std::move(events));
    if (!opened) return opened.error();
    gate = std::move(*opened);
    door->lead_to(gate.get());
    watch_loops();
    return {};
  }

  // The gate's thread, that of CAF's network, and those on which actors run.
  void watch_loops() {
    const auto network = std::make_shared<std::atomic<std::uint64_t>>(0);
    const auto actors = std::make_shared<std::atomic<std::uint64_t>>(0);
    counting = system.spawn([actors](caf::event_based_actor* self) -> caf::behavior {
      self->send(self, TickAtom::value);
      return {[self, actors](TickAtom) {
        ++*actors;
        self->delayed_send(self, kTurn, TickAtom::value);
      }};
    });
    std::vector<WatchedLoop> loops = {{"gate", [this] { return gate->ticks(); }},
                                      {"actors", [actors] { return actors->load(); }},
                                      {"network", [this, network] {
                                         system.middleman().run_later([network] { ++*network; });
                                         return network->load();
                                       }}};
    if (!parts.links->stands_still) return;
    watchdog = std::make_unique<Watchdog>(std::move(loops), parts.config.supervision.loop_ms,
                                          parts.links->stands_still);
  }

  void start_workers() {
    auto spawned = spawn_supervisor(system, supervised_compute());
    if (!spawned) return outcome.gave_up(spawned.error());
    compute = std::move(*spawned);
  }

  // -- the client

  // Asks whoever coordinates, anew where that one has gone, until the deadline.
  Expected<Frame> ask(std::chrono::milliseconds deadline, const Frame& question) {
    const std::uint64_t until_ms = steady_ms() + static_cast<std::uint64_t>(deadline.count());
    std::string why = "nobody coordinates";
    for (;;) {
      if (const auto failure = outcome.failure()) return *failure;
      const std::uint64_t now_ms = steady_ms();
      if (now_ms >= until_ms) return fail(ErrorKind::retry, "no answer in time: {}", why);
      const auto left = std::min(kAskAgain, std::chrono::milliseconds(until_ms - now_ms));
      const auto coordinator =
          ask_once<CoordinatorHandle>(system, directory, left, FindAtom::value);
      auto answer = coordinator
                        ? ask_once<Frame>(system, *coordinator, left, AskAtom::value, question)
                        : Expected<Frame>(coordinator.error());
      if (answer) return answer;
      why = answer.error().message;
      pause(kPause);
    }
  }

  // By a waiter of its own, so that any thread may.
  void pause(std::chrono::milliseconds span) {
    caf::scoped_actor waiter(system);
    waiter->receive(caf::after(span) >> [] {});
  }

  // First of all, so that it goes last: actors call it.
  Outcome outcome;
  NodeParts parts;
  caf::actor_system_config config;
  caf::actor_system system;
  caf::scoped_actor client;
  // Written by factories, on the thread of the supervisor that reads them.
  SummarizerHandle summarizer;
  MergerHandle merger;
  SlicerHandle slicer;
  bool coordinated = false;
  CacheHandle cache;
  // Constant once started.
  DirectoryHandle directory;
  LinksHandle links;  // none: no other nodes
  SupervisorHandle documents;
  SupervisorHandle compute;            // none: no workers yet
  caf::actor counting;                 // turns of actors, for the watchdog
  std::unique_ptr<Gate> gate;          // tells links
  std::unique_ptr<Watchdog> watchdog;  // looks at the gate
  const std::shared_ptr<BulkDoor> door = std::make_shared<BulkDoor>();
};

Node::Node(std::unique_ptr<Actors> actors) : actors_(std::move(actors)) {}

Expected<std::unique_ptr<Node>> Node::start(NodeParts parts) {
  std::unique_ptr<Node> node(new Node(std::make_unique<Actors>(std::move(parts))));
  if (const kernels::Status started = node->actors_->start(); !started) return started.error();
  return node;
}

void Node::start_workers() { actors_->start_workers(); }

std::optional<kernels::Error> Node::failure() const { return actors_->outcome.failure(); }

Node::~Node() {
  Actors& all = *actors_;
  all.watchdog.reset();
  if (all.counting) all.client->send_exit(all.counting, caf::exit_reason::user_shutdown);
  all.door->lead_to(nullptr);
  all.gate.reset();
  for (const SupervisorHandle& supervisor : {all.compute, all.documents}) {
    if (!supervisor) continue;
    caf::anon_send(supervisor, StopAtom::value);
    all.client->wait_for(supervisor);
  }
  if (all.directory) all.client->send_exit(all.directory, caf::exit_reason::user_shutdown);
  if (all.links) all.client->send_exit(all.links, caf::exit_reason::user_shutdown);
  // An actor for whose thread there was no memory never ends, and a long step takes its time: then
  // they are left behind, for CAF would wait for them without a deadline.
  const std::uint64_t until_ms = steady_ms() + kGoneMsMax;
  while (all.system.registry().running() > 1) {  // the client
    if (steady_ms() >= until_ms) {
      (void)actors_.release();
      return;
    }
    pause(kPause);
  }
}

Expected<ToClient> Node::ask(const ToCoordinator& message, std::chrono::milliseconds deadline) {
  const auto answer = actors_->ask(deadline, Frame(encode(message)));
  if (!answer) return answer.error();
  return decode_to_client(answer->bytes());
}

void Node::pause(std::chrono::milliseconds span) { actors_->pause(span); }

}  // namespace pecia::actors
