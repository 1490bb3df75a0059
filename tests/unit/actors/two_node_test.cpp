// A coordinator's node and workers' nodes over CAF's own network, all stepped by the test: no
// thread, no socket, no waiting. What crosses a node's border crosses it as bytes.

#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include "kernels/text/document_chain.hpp"
#include "runtime/wire/codec.hpp"
#include "tests/catch.hpp"
#include "tests/unit/actors/node_parts.hpp"
#include "tests/unit/actors/stepped_link.hpp"
#include "tests/unit/actors/stepped_node.hpp"

using namespace pecia;
using namespace pecia::runtime;
using namespace pecia::test;

namespace {

constexpr int kTurnMs = 5;            // so finely time passes
constexpr int kPassMsMax = 600'000;   // until something must have happened
constexpr int kStepsMax = 1'000'000;  // of one turn
constexpr int kTokens = 20'000;       // some windows for each of ten slices

class SteppedCluster {
 public:
  explicit SteppedCluster(std::vector<NodeName> workers = {"one"}) {
    limits.slots = 4;
    for (const NodeName& name : workers) {
      nodes_[name] = std::make_unique<SteppedNode>(name);
      nodes_[name]->work(1, limits);
    }
    head.coordinate(disk, limits, workers);
    for (const NodeName& name : workers) link(name);
    settle();
  }
  ~SteppedCluster() {
    links_.clear();
    head.stop();
    for (auto& [name, node] : nodes_) node->stop();
    settle();
  }

  SteppedNode& node(const NodeName& name) { return *nodes_.at(name); }
  SteppedLink& link_of(const NodeName& name) { return *links_.at(name); }
  void link(const NodeName& name) {
    links_[name] = std::make_unique<SteppedLink>(head, node(name));
  }
  void cut(const NodeName& name) {
    links_.erase(name);
    settle();
  }

  // -- steps and time
  void settle() {
    for (int steps = 0; step(); ++steps)
      if (steps == kStepsMax) FAIL("messages without an end");
  }
  void pass(int ms) {
    for (int passed = 0; passed < ms; passed += kTurnMs) {
      head.advance(kTurnMs);
      for (auto& [name, node] : nodes_) node->advance(kTurnMs);
      settle();
    }
  }
  template <class Condition>
  void pass_until(Condition holds) {
    for (int passed = 0; !holds(); passed += kTurnMs) {
      if (passed >= kPassMsMax) FAIL("it does not happen");
      pass(kTurnMs);
    }
  }

  // -- the client, at whichever node
  ToClient ask(const ToCoordinator& question, SteppedNode& at) {
    const auto answer = at.ask(Frame(encode(question)));
    settle();
    pass_until([&] { return answer->there; });
    INFO(answer->error);
    REQUIRE(answer->error.empty());
    return decode_to_client(answer->frame.bytes()).value();
  }
  ToClient ask(const ToCoordinator& question) { return ask(question, head); }
  void submit(int tokens = kTokens) {
    REQUIRE(std::holds_alternative<Submitted>(ask(submission(tokens))));
  }
  std::uint64_t tokens() { return tokens_of(std::get<Viewed>(ask(View{kJob}))); }
  void pass_until_tokens(std::uint64_t count) {
    pass_until([&] { return tokens() >= count; });
    REQUIRE(std::get<Viewed>(ask(View{kJob})).state == JobState::running);  // in its midst
  }
  JobState read(std::string& document) {
    for (;;) {
      const auto answer = ask(Read{kJob, document.size(), kernels::document_chain(document)});
      const Text& text = std::get<Text>(answer);
      document += text.bytes;
      if (is_end(text.state)) return text.state;
    }
  }
  std::string document() {
    std::string document;
    CHECK(read(document) == JobState::done);
    return document;
  }

  // -- what happened
  std::vector<ExplainRow> story() {
    pass(1'500);  // for notes that wait for company
    const auto story = std::get<Explained>(ask(Explain{kJob, 0}));
    REQUIRE(story.rows.size() == story.rows_in_all);
    return story.rows;
  }
  template <class Row>
  std::vector<Row> told() {
    std::vector<Row> rows;
    for (const ExplainRow& each : story())
      if (const Row* row = std::get_if<Row>(&each)) rows.push_back(*row);
    return rows;
  }
  std::vector<NodeRow> workers() { return std::get<Overviewed>(ask(Overview{})).nodes; }

  JournalDisk disk;
  ProtocolLimits limits;
  SteppedNode head{"head"};

 private:
  bool step() {
    return head.step() ||
           std::any_of(nodes_.begin(), nodes_.end(), [](auto& n) { return n.second->step(); }) ||
           std::any_of(links_.begin(), links_.end(), [](auto& l) { return l.second->step(); });
  }

  std::map<NodeName, std::unique_ptr<SteppedNode>> nodes_;
  std::map<NodeName, std::unique_ptr<SteppedLink>> links_;
};

// What an undisturbed cluster writes.
const std::string& undisturbed() {
  static const std::string kDocument = [] {
    SteppedCluster cluster;
    cluster.submit();
    return cluster.document();
  }();
  return kDocument;
}

std::size_t count_at(const std::vector<PlacedRecord>& placed, const NodeName& node) {
  return static_cast<std::size_t>(std::count_if(
      placed.begin(), placed.end(), [&](const auto& each) { return each.node.node == node; }));
}
bool all_left(const std::vector<LeftRecord>& left, const NodeName& node, LeftReason reason) {
  return !left.empty() && std::all_of(left.begin(), left.end(), [&](const LeftRecord& each) {
    return each.node.node == node && each.reason == reason;
  });
}

}  // namespace

TEST_CASE("two nodes: a job is written over the link, and read at either end") {
  SteppedCluster cluster;
  cluster.submit();
  CHECK(cluster.document() == undisturbed());
  CHECK(cluster.told<EndedRecord>().size() == 10);
  CHECK(count_at(cluster.told<PlacedRecord>(), "one") == 10);
  const auto there = cluster.ask(Read{kJob, 0, {}}, cluster.node("one"));
  CHECK(std::get<Text>(there).bytes == undisturbed());
}

TEST_CASE("two nodes: a worker that is lost midway leaves its slices to another one") {
  SteppedCluster cluster({"one", "two"});
  cluster.submit();
  cluster.pass_until_tokens(500);
  cluster.node("one").stop_working();
  cluster.cut("one");
  CHECK(cluster.document() == undisturbed());
  const auto left = cluster.told<LeftRecord>();
  CHECK(all_left(left, "one", LeftReason::down));
  const auto placed = cluster.told<PlacedRecord>();
  CHECK(count_at(placed, "two") + count_at(placed, "one") == 10 + left.size());
  CHECK(cluster.workers().size() == 1);
}

TEST_CASE("two nodes: a silent worker is given up, and what it offers as a zombie is refused") {
  SteppedCluster cluster({"one", "two"});
  cluster.submit();
  cluster.pass_until_tokens(500);
  int late_offers = 0;
  cluster.link_of("one").fate_to_head = [&](const ToCoordinator& message) {
    late_offers += std::holds_alternative<Offer>(message);
    return Fate::passes;
  };
  cluster.link_of("one").hold_to_head(true);
  cluster.pass(static_cast<int>(cluster.limits.silent_ms + 2 * cluster.limits.report_ms));
  cluster.link_of("one").hold_to_head(false);
  CHECK(late_offers > 0);
  cluster.settle();
  CHECK(cluster.workers().size() == 2);  // and it lives on
  CHECK(cluster.document() == undisturbed());
  std::set<AttemptId> given_up;
  for (const ExplainRow& row : cluster.story()) {
    if (const auto* left = std::get_if<LeftRecord>(&row)) {
      CHECK((left->node.node == "one" && left->reason == LeftReason::silent));
      given_up.insert(left->attempt);
    } else if (const auto* grew = std::get_if<GrewRow>(&row)) {
      CHECK_FALSE(given_up.contains(grew->attempt));
    }
  }
  CHECK(!given_up.empty());
}

TEST_CASE("two nodes: a coordinator that begins again adopts what the worker kept") {
  SteppedCluster cluster;
  cluster.submit();
  cluster.pass_until_tokens(500);
  cluster.head.stop_coordinating();
  cluster.settle();
  const std::size_t before = cluster.disk.records().size();
  cluster.pass(300);
  CHECK(cluster.disk.records().size() == before);
  cluster.head.coordinate(cluster.disk, cluster.limits, {"one"});
  CHECK(cluster.document() == undisturbed());
  CHECK(cluster.told<TermRecord>().size() == 1);
  const auto placed = cluster.told<PlacedRecord>();
  CHECK(std::count_if(placed.begin(), placed.end(), [](const PlacedRecord& each) {
          return each.how == PlacedHow::adopted && each.attempt.term == 1;
        }) > 0);
  CHECK(cluster.told<LeftRecord>().empty());
}

TEST_CASE("two nodes: a drained worker ends what it has and takes no more") {
  SteppedCluster cluster({"one", "two"});
  cluster.submit();
  cluster.pass_until_tokens(300);
  const auto drained = cluster.ask(DrainNode{"one", 60'000});
  CHECK(std::get<Overviewed>(drained).nodes.at(0).draining);
  const std::size_t at_one = count_at(cluster.told<PlacedRecord>(), "one");
  CHECK(cluster.document() == undisturbed());
  CHECK(count_at(cluster.told<PlacedRecord>(), "one") == at_one);
  CHECK(cluster.workers().at(0).held == 0);
}

TEST_CASE("two nodes: a worker that is drained at once gives its slices back") {
  SteppedCluster cluster({"one", "two"});
  cluster.submit();
  cluster.pass_until_tokens(300);
  cluster.ask(DrainNode{"one", 0});
  CHECK(cluster.document() == undisturbed());
  CHECK(all_left(cluster.told<LeftRecord>(), "one", LeftReason::drained));
}

TEST_CASE("two nodes: messages that come twice are one") {
  SteppedCluster cluster;
  cluster.link_of("one").fate_to_head = [](const ToCoordinator&) { return Fate::comes_twice; };
  cluster.link_of("one").fate_to_worker = [](const ToWorker&) { return Fate::comes_twice; };
  cluster.submit();
  CHECK(cluster.document() == undisturbed());
  CHECK(count_at(cluster.told<PlacedRecord>(), "one") == 10);
  CHECK(cluster.told<LeftRecord>().empty());
}

TEST_CASE("two nodes: every third message is lost, and the document is the same") {
  SteppedCluster cluster;
  int crossed = 0;
  const auto lose = [&](const auto&) { return ++crossed % 3 == 0 ? Fate::is_lost : Fate::passes; };
  cluster.link_of("one").fate_to_head = lose;
  cluster.link_of("one").fate_to_worker = lose;
  cluster.submit();
  CHECK(cluster.document() == undisturbed());
}

TEST_CASE("two nodes: an order that is lost is noticed by the next reports") {
  SteppedCluster cluster;
  int lost = 0;
  cluster.link_of("one").fate_to_worker = [&](const ToWorker& message) {
    return std::holds_alternative<Order>(message) && lost < 2 && ++lost <= 2 ? Fate::is_lost
                                                                             : Fate::passes;
  };
  cluster.submit();
  CHECK(cluster.document() == undisturbed());
  CHECK(cluster.told<LeftRecord>().size() >= 2);  // a batch may have held more
  CHECK(all_left(cluster.told<LeftRecord>(), "one", LeftReason::unheld));
}

TEST_CASE("two nodes: a link that is cut and made again finds the worker where it was") {
  SteppedCluster cluster;
  cluster.submit();
  cluster.pass_until_tokens(500);
  cluster.cut("one");
  cluster.pass(100);
  CHECK(cluster.workers().empty());
  cluster.link("one");
  CHECK(cluster.document() == undisturbed());
  CHECK(all_left(cluster.told<LeftRecord>(), "one", LeftReason::down));
}

TEST_CASE("two nodes: it is all one whether the link is up before somebody coordinates or after") {
  SteppedCluster cluster;
  cluster.head.stop_coordinating();
  cluster.cut("one");
  cluster.link("one");  // first the link
  cluster.settle();
  cluster.head.coordinate(cluster.disk, cluster.limits, {"one"});
  cluster.settle();
  cluster.pass(300);
  CHECK(cluster.workers().size() == 1);
  cluster.cut("one");
  cluster.head.peer_down("one");  // and once more, late
  cluster.settle();
  cluster.link("one");  // now the coordinator is there before
  cluster.pass(300);
  CHECK(cluster.workers().size() == 1);
  cluster.submit();
  CHECK(cluster.document() == undisturbed());
}

TEST_CASE("two nodes: a coordinator that another one has deposed ends, and the other goes on") {
  SteppedCluster cluster;
  SteppedNode other("other");
  cluster.submit();
  cluster.pass_until_tokens(500);
  // It lost its lock: another process begins a term over the same journal.
  other.coordinate(cluster.disk, cluster.limits, {"one"});
  cluster.pass_until([&] {
    while (other.step()) cluster.settle();
    other.advance(kTurnMs);
    return !cluster.head.deposed().empty();
  });
  CHECK(cluster.head.deposed() == "another coordinator has opened the journal");
  other.stop();
  cluster.head.stop_coordinating();  // what it left
  cluster.settle();
  cluster.head.coordinate(cluster.disk, cluster.limits, {"one"});
  CHECK(cluster.document() == undisturbed());
  CHECK(cluster.told<TermRecord>().size() == 2);
}

TEST_CASE("two nodes: a job that is cancelled is dropped by its worker") {
  SteppedCluster cluster;
  cluster.submit();
  cluster.pass_until_tokens(500);
  CHECK(std::get<Submitted>(cluster.ask(Cancel{kJob})).state == JobState::cancelled);
  cluster.pass(500);
  CHECK(cluster.workers().at(0).held == 0);
  const auto closed = cluster.told<ClosedRecord>();
  REQUIRE(closed.size() == 1);
  CHECK(closed[0].end == JobEnd::cancelled);
}
