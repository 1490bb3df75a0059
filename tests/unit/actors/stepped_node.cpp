#include "tests/unit/actors/stepped_node.hpp"

#include <algorithm>
#include <caf/actor_cast.hpp>
#include <caf/actor_registry.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/io/basp_broker.hpp>
#include <caf/io/middleman.hpp>
#include <caf/io/system_messages.hpp>
#include <caf/send.hpp>
#include <set>

#include "actors/coordinator/coordinator_actor.hpp"
#include "actors/directory/directory_actor.hpp"
#include "actors/links/links_actor.hpp"
#include "actors/merger/merger_actor.hpp"
#include "actors/slicer/slicer_actor.hpp"
#include "actors/summarizer/summarizer_actor.hpp"
#include "actors/worker/worker_actor.hpp"
#include "tests/unit/actors/node_parts.hpp"

namespace pecia::test {

namespace {

constexpr std::chrono::seconds kAskDeadline(3'600);  // of virtual time
constexpr std::uint16_t kPort = 1;                   // CAF wants one
constexpr int kStepsMax = 1'000'000;

caf::actor broker_of(caf::actor_system& system) {
  return system.middleman().named_broker<caf::io::basp_broker>(caf::atom("BASP"));
}

}  // namespace

SteppedNode::Config::Config() {
  load<caf::io::middleman>();
  set("scheduler.policy", caf::atom("testing"));
  set("middleman.network-backend", caf::atom("testing"));
  set("middleman.manual-multiplexing", true);
  set("middleman.attach-utility-actors", true);
  set("middleman.workers", 0);
  add_message_type<Frame>("frame");
}

// A journal in memory whose commits are steps of its node; gone with its coordinator.
class SteppedNode::PumpedJournal final : public Journal {
 public:
  PumpedJournal(JournalDisk& disk, std::vector<PumpedJournal*>& open)
      : journal_(disk), open_(open) {
    open_.push_back(this);
  }
  ~PumpedJournal() override { std::erase(open_, this); }

  bool step() { return journal_.step(); }

  kernels::Expected<std::vector<Record>> read() override { return journal_.read(); }
  kernels::Expected<Term> begin_term(Boot boot, std::uint64_t unix_ms) override {
    return journal_.begin_term(boot, unix_ms);
  }
  std::uint64_t append(std::vector<Record> records) override {
    return journal_.append(std::move(records));
  }
  void retry() override { journal_.retry(); }
  void on_answer(Answered answered) override { journal_.on_answer(std::move(answered)); }

 private:
  MemoryJournal journal_;
  std::vector<PumpedJournal*>& open_;
};

SteppedNode::SteppedNode(std::string name)
    : name_(std::move(name)),
      system_(config_),
      scheduler_(dynamic_cast<caf::scheduler::test_coordinator&>(system_.scheduler())),
      network_(dynamic_cast<caf::io::network::test_multiplexer&>(system_.middleman().backend())) {
  system_.registry().erase(caf::atom("SpawnServ"));
  system_.registry().erase(caf::atom("ConfigServ"));
  directory_ = spawn_directory(system_);
  links_ = spawn_links(system_, {name_, directory_, [](const std::string& why) { FAIL(why); }});
  advance(1'000);  // for some cores 0 ms is no time
}

SteppedNode::~SteppedNode() = default;

// -- roles

void SteppedNode::coordinate(JournalDisk& disk, const ProtocolLimits& limits,
                             std::vector<NodeName> expected) {
  summarizer_ = spawn_summarizer(system_, byte_tokenizer());
  merger_ = spawn_merger(system_, byte_tokenizer());
  slicer_ = spawn_slicer(system_, byte_tokenizer(), summarizer_);
  CoordinatorParts parts;
  parts.limits = limits;
  parts.balancer = make_balancer("least_loaded").value();
  parts.journal = std::make_unique<PumpedJournal>(disk, journals_);
  parts.boot = 77;
  parts.expected = std::move(expected);
  parts.merger = merger_;
  parts.slicer = slicer_;
  parts.deposed = [this](const std::string& why) { deposed_ = why; };
  coordinator_ = spawn_coordinator(system_, std::move(parts)).value();
  caf::anon_send(directory_, EnlistAtom::value, coordinator_);
  caf::anon_send(links_, EnlistAtom::value, coordinator_);
}

void SteppedNode::stop_coordinating() {
  const auto end = [](auto& handle) {
    if (handle) caf::anon_send_exit(handle, caf::exit_reason::user_shutdown);
    handle = nullptr;
  };
  end(coordinator_), end(slicer_), end(merger_), end(summarizer_);
}

void SteppedNode::work(Boot boot, const ProtocolLimits& limits) {
  worker_ = spawn_worker(system_, {limits,
                                   {name_, boot},
                                   std::make_unique<actors::test::FakeGenerator>(byte_tokenizer()),
                                   CacheHandle(),
                                   directory_});
}

void SteppedNode::stop_working() {
  if (worker_) caf::anon_send_exit(worker_, caf::exit_reason::user_shutdown);
  worker_ = nullptr;
}

void SteppedNode::stop() {
  stop_coordinating();
  stop_working();
  if (links_) caf::anon_send_exit(links_, caf::exit_reason::user_shutdown);
  if (directory_) caf::anon_send_exit(directory_, caf::exit_reason::user_shutdown);
  links_ = nullptr, directory_ = nullptr;
  for (int steps = 0; step(); ++steps)
    if (steps == kStepsMax) FAIL("messages without an end");
}

bool SteppedNode::step() {
  return scheduler_.try_run_once() || network_.try_exec_runnable() ||
         std::any_of(journals_.begin(), journals_.end(),
                     [](PumpedJournal* each) { return each->step(); });
}

void SteppedNode::advance(int ms) { scheduler_.advance_time(std::chrono::milliseconds(ms)); }

std::shared_ptr<const SteppedNode::Answer> SteppedNode::ask(const Frame& question) {
  const auto answer = std::make_shared<Answer>();
  system_.spawn([answer, question, directory = directory_](caf::event_based_actor* self) {
    const auto failed = [answer](const caf::error& error) {
      answer->there = true;
      answer->error = caf::to_string(error.context()) + " " + std::to_string(error.code());
    };
    self->request(directory, kAskDeadline, FindAtom::value)
        .then(
            [self, answer, question, failed](const CoordinatorHandle& coordinator) {
              self->request(coordinator, kAskDeadline, AskAtom::value, question)
                  .then(
                      [answer](const Frame& frame) {
                        answer->there = true;
                        answer->frame = frame;
                      },
                      failed);
            },
            failed);
  });
  return answer;
}

// -- the network

caf::io::scribe_ptr SteppedNode::new_connection(caf::io::connection_handle handle) {
  return network_.new_scribe(handle);
}

void SteppedNode::publish_links(const caf::io::scribe_ptr& connection) {
  caf::anon_send(broker_of(system_), caf::publish_atom::value, connection, kPort,
                 caf::actor_cast<caf::strong_actor_ptr>(links_), std::set<std::string>());
}

// As LinksActor does over a socket of the gate's.
void SteppedNode::connect_links(const caf::io::scribe_ptr& connection) {
  system_.spawn([connection, links = links_, broker = broker_of(system_),
                 name = name_](caf::event_based_actor* self) {
    self->request(broker, kAskDeadline, caf::connect_atom::value, connection, kPort)
        .then([links, name](const caf::node_id&, const caf::strong_actor_ptr& peer,
                            const std::set<std::string>&) {
          REQUIRE(peer);
          caf::anon_send(caf::actor_cast<LinksHandle>(peer), HelloAtom::value, name,
                         caf::actor_cast<caf::strong_actor_ptr>(links));
        });
  });
}

void SteppedNode::close(caf::io::connection_handle handle) {
  caf::anon_send(broker_of(system_), caf::io::connection_closed_msg{handle});
}

void SteppedNode::peer_down(const std::string& peer) {
  if (links_) caf::anon_send(links_, PeerDownAtom::value, PeerDown{{peer, 0}, 1, "cut"});
}

}  // namespace pecia::test
