// Nodes with their real gates and CAF's network, all in this process on loopback: a head that
// coordinates, workers, and a client.

#include "actors/clock_and_chance.hpp"
#include "actors/links/links_actor.hpp"
#include "actors/node/node.hpp"
#include "kernels/text/document_chain.hpp"
#include "runtime/wire/codec.hpp"
#include "tests/catch.hpp"
#include "tests/unit/actors/fake_generator.hpp"
#include "tests/unit/actors/node_parts.hpp"

using namespace pecia;
using namespace pecia::actors;
using namespace pecia::runtime;
using namespace pecia::test;

namespace {

// One node of a cluster, which may die and come back at the address it had.
class Member {
 public:
  Member(NodeName name, std::vector<const Member*> dials) : name_(std::move(name)) {
    for (const Member* each : dials) peers_.push_back({each->name_, "127.0.0.1", each->port_});
  }
  // Who dials us, and is not dialled.
  void expect(const NodeName& dialler) { peers_.push_back({dialler, {}, 0}); }

  void start(NodeParts parts) {
    parts.links = {name_, "head",
                   [this](GateEvents events) { return open_gate(std::move(events)); }};
    const bool works = parts.compute.has_value();
    node_ = Node::start(std::move(parts)).value();
    if (works) node_->start_workers();
  }
  void die() { node_.reset(); }
  Node& node() { return *node_; }

 private:
  kernels::Expected<std::unique_ptr<Gate>> open_gate(GateEvents events) {
    GateOptions options;
    options.self.name = name_;
    options.self.boot = random_boot();
    options.self.kind = is_client_name(name_) ? PeerKind::client : PeerKind::node;
    if (options.self.kind == PeerKind::node) options.listen_host = "127.0.0.1";
    options.listen_port = port_;
    options.peers = peers_;
    options.message_types_allowed = message_types();
    options.limits.redial_ms = 5, options.limits.redial_ms_max = 20;
    options.now_us = steady_us;
    options.chance = random_number;
    auto gate = Gate::start(std::move(options), std::move(events));
    if (gate) port_ = (*gate)->port();
    return gate;
  }

  const NodeName name_;
  std::vector<GateAddress> peers_;
  std::uint16_t port_ = 0;
  std::unique_ptr<Node> node_;
};

// head -> worker-1, worker-2; a client -> head. The lower name dials.
class Cluster {
 public:
  explicit Cluster(const Folder& folder) : folder_(folder) {
    for (Member* worker : {&one_, &two_}) {
      worker->expect("head");
      start_worker(*worker);
    }
    head_ = std::make_unique<Member>("head", std::vector<const Member*>{&one_, &two_});
    start_head();
    client_ = std::make_unique<Member>("client-0123456789abcdef",
                                       std::vector<const Member*>{head_.get()});
    client_->start(NodeParts{});
  }

  void start_head() {
    const NodeParts all = clustered();
    head_->start({all.config, all.documents, ComputePart{{}, all.compute->page_check}});
  }
  void start_worker(Member& worker) {
    const NodeParts all = clustered();
    worker.start({all.config, std::nullopt, all.compute});
  }

  Member& head() { return *head_; }
  Member& one() { return one_; }
  Member& two() { return two_; }
  Node& client() { return client_->node(); }

  ToClient ask(const ToCoordinator& question) { return client().ask(question, kDeadline).value(); }
  // Reads on behind what was read, until there are `bytes` or the job has ended.
  JobState read(std::string& document, std::size_t bytes = SIZE_MAX) {
    for (;;) {
      const auto answer = ask(Read{kJob, document.size(), kernels::document_chain(document)});
      const Text& text = std::get<Text>(answer);
      document += text.bytes;
      if (is_end(text.state) || document.size() >= bytes) return text.state;
    }
  }

 private:
  NodeParts clustered() const {
    NodeParts parts = parts_of(folder_);
    parts.config.write.cache = CacheMode::cluster;
    return parts;
  }

  const Folder& folder_;
  Member one_{"worker-1", {}};
  Member two_{"worker-2", {}};
  std::unique_ptr<Member> head_;
  std::unique_ptr<Member> client_;
};

}  // namespace

TEST_CASE("a cluster writes what one process writes") {
  const Folder folder;
  Cluster cluster(folder);
  for (const ContextMode context : {ContextMode::none, ContextMode::summary}) {
    Submit submit = submission(4'000, context);
    submit.job[1] = static_cast<std::uint8_t>(context);
    REQUIRE(std::holds_alternative<Submitted>(cluster.ask(submit)));
    std::string document;
    JobState state = JobState::running;
    while (!is_end(state)) {
      const auto answer =
          cluster.ask(Read{submit.job, document.size(), kernels::document_chain(document)});
      document += std::get<Text>(answer).bytes;
      state = std::get<Text>(answer).state;
    }
    CHECK(state == JobState::done);
    CHECK(document == document_of(parts_of(Folder()), submission(4'000, context)));
  }
  const auto overview = std::get<Overviewed>(cluster.ask(Overview{}));
  CHECK(overview.jobs.size() == 2);
  CHECK(overview.jobs[0].tokens == 4'000);
  CHECK(overview.nodes.size() == 2);
  CHECK(overview.nodes[0].node.node == "worker-1");
}

TEST_CASE("a worker's death and return change nothing in the document") {
  const Folder folder;
  Cluster cluster(folder);
  REQUIRE(std::holds_alternative<Submitted>(cluster.ask(submission(40'000))));
  std::string document;
  cluster.read(document, 3'000);
  cluster.one().die();
  cluster.read(document, 9'000);
  cluster.start_worker(cluster.one());
  cluster.two().die();
  CHECK(cluster.read(document) == JobState::done);
  CHECK(document == document_of(parts_of(Folder()), submission(40'000)));
}

// Who lost what depends on how far the job had come; two_node_test.cpp decides that.
TEST_CASE("what happened to a job is told afterwards, over the death of a worker and of the head") {
  const Folder folder;
  Cluster cluster(folder);
  REQUIRE(std::holds_alternative<Submitted>(cluster.ask(submission(40'000))));
  std::string document;
  cluster.read(document, 3'000);
  cluster.one().die();
  cluster.read(document, 9'000);
  cluster.head().die();
  cluster.start_head();
  REQUIRE(cluster.read(document) == JobState::done);
  const auto told = std::get<Explained>(cluster.ask(Explain{kJob, 0}));
  CHECK(told.state == JobState::done);
  CHECK(told.tokens == 40'000);
  CHECK(told.rows.size() == told.rows_in_all);
  std::uint64_t tokens = 0, ended = 0, closed = 0, last_ms = 0;
  for (const ExplainRow& row : told.rows) {
    if (const auto* grew = std::get_if<GrewRow>(&row)) tokens += grew->to - grew->from;
    ended += std::holds_alternative<EndedRecord>(row);
    closed += std::holds_alternative<ClosedRecord>(row);
    if (const auto* left = std::get_if<LeftRecord>(&row)) CHECK(left->node.node == "worker-1");
    last_ms = std::max(last_ms, std::visit([](const auto& one) { return one.unix_ms; }, row));
  }
  CHECK(tokens == 40'000);
  CHECK(ended == 10);
  CHECK(closed == 1);
  CHECK(last_ms >= told.unix_ms);
  CHECK(std::get<Refused>(cluster.ask(Explain{JobId{9}, 0})).kind == RefusalKind::unknown);
}

TEST_CASE("a coordinator that comes back goes on, and its client reads on") {
  const Folder folder;
  Cluster cluster(folder);
  REQUIRE(std::holds_alternative<Submitted>(cluster.ask(submission(40'000))));
  std::string document;
  cluster.read(document, 3'000);
  cluster.head().die();
  cluster.start_head();
  CHECK(cluster.read(document) == JobState::done);
  CHECK(document == document_of(parts_of(Folder()), submission(40'000)));
}

TEST_CASE("a drained worker takes no more, and the others go on") {
  const Folder folder;
  Cluster cluster(folder);
  REQUIRE(std::holds_alternative<Submitted>(cluster.ask(submission(40'000))));
  std::string document;
  cluster.read(document, 3'000);
  const auto drained = cluster.ask(DrainNode{"worker-1", 0});
  CHECK(std::get<Overviewed>(drained).nodes.at(0).draining);
  CHECK(std::holds_alternative<Refused>(cluster.ask(DrainNode{"worker-9", 0})));
  CHECK(cluster.read(document) == JobState::done);
  CHECK(document == document_of(parts_of(Folder()), submission(40'000)));
}

TEST_CASE("a client that knows no model has that of the cluster") {
  const Folder folder;
  Cluster cluster(folder);
  Submit submit = submission();
  submit.model = {}, submit.numerics = {};
  CHECK(std::holds_alternative<Submitted>(cluster.ask(submit)));
  CHECK(std::get<Viewed>(cluster.ask(View{kJob})).slices.size() == 10);
  CHECK(std::holds_alternative<Submitted>(cluster.ask(Cancel{kJob})));
  CHECK(std::get<Viewed>(cluster.ask(View{kJob})).state == JobState::cancelled);
  CHECK(std::get<Refused>(cluster.ask(View{JobId{9}})).kind == RefusalKind::unknown);
}
