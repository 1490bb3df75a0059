// All roles in one process, on threads, with a generator that needs no model.

#include "actors/node/node.hpp"

#include <atomic>
#include <filesystem>

#include "actors/clock_and_chance.hpp"
#include "kernels/text/document_chain.hpp"
#include "runtime/journal/sqlite_journal.hpp"
#include "tests/catch.hpp"
#include "tests/unit/actors/fake_generator.hpp"
#include "tests/unit/actors/node_parts.hpp"

namespace pecia::actors {
namespace {

using namespace runtime;
using namespace pecia::test;

const RecordCodec kCodec = {[](const Record& record) { return encode(record); }, decode_record};

// Throws once, at some append.
class FailingJournal final : public Journal {
 public:
  FailingJournal(std::unique_ptr<Journal> inner, std::atomic<int>& appends_left)
      : inner_(std::move(inner)), appends_left_(appends_left) {}

  kernels::Expected<std::vector<Record>> read() override { return inner_->read(); }
  kernels::Expected<Term> begin_term(Boot boot, std::uint64_t unix_ms) override {
    return inner_->begin_term(boot, unix_ms);
  }
  std::uint64_t append(std::vector<Record> records) override {
    if (appends_left_.fetch_sub(1) == 0) throw std::runtime_error("a fault of ours");
    return inner_->append(std::move(records));
  }
  void retry() override { inner_->retry(); }
  void on_answer(Answered answered) override { inner_->on_answer(std::move(answered)); }

 private:
  std::unique_ptr<Journal> inner_;
  std::atomic<int>& appends_left_;
};

// Dies after so many steps of whichever workers step.
class CrashingGenerator final : public test::FakeGenerator {
 public:
  CrashingGenerator(std::atomic<int>& steps_left)
      : FakeGenerator(byte_tokenizer()), steps_left_(steps_left) {}
  GeneratorStep step() override {
    if (steps_left_.fetch_sub(1) == 0) throw std::runtime_error("the engine's memory is gone");
    return FakeGenerator::step();
  }

 private:
  std::atomic<int>& steps_left_;
};

class PoisonedGenerator final : public test::FakeGenerator {
 public:
  PoisonedGenerator() : FakeGenerator(byte_tokenizer()) {}
  void start(const StartRun& started) override {
    if (started.order.step.path == "7") throw std::runtime_error("poison");
    FakeGenerator::start(started);
  }
};

}  // namespace

TEST_CASE("one spec is one document, whatever workers, batch, cache and balancer") {
  const std::string document = [] {
    const Folder folder;
    return document_of(parts_of(folder));
  }();
  CHECK(document.find("# Bird 10") != std::string::npos);
  CHECK(document.size() > 4'000);
  for (const int workers : {1, 2, 4}) {
    for (const int batch_max : {1, 3, 16}) {
      const Folder folder;
      NodeParts parts = parts_of(folder, workers);
      parts.config.write.batch_max = batch_max;
      parts.config.write.cache = batch_max == 3 ? CacheMode::off : CacheMode::local;
      parts.config.write.balancer =
          workers == 2 ? BalancerKind::least_loaded : BalancerKind::static_order;
      CHECK(document_of(std::move(parts)) == document);
    }
  }
}

TEST_CASE("a node over the journal of another goes on, and the document is the same") {
  for (const ContextMode context : {ContextMode::none, ContextMode::direct, ContextMode::summary}) {
    const Folder apart;
    const std::string document = document_of(parts_of(apart), submission(4'000, context));
    const Folder folder;
    std::string read;
    for (std::size_t bytes = 500; bytes < document.size(); bytes += 700) {
      Client client(parts_of(folder, 2));
      client.submit(submission(4'000, context));
      client.read(read, bytes);
      CHECK(document.starts_with(read));
    }
    Client client(parts_of(folder));
    CHECK(client.read(read) == JobState::done);
    CHECK(read == document);
  }
}

TEST_CASE("workers that die come back, and the document is the same") {
  const Folder apart;
  const std::string document = document_of(parts_of(apart));
  for (const int steps : {0, 1, 40, 150}) {
    const Folder folder;
    NodeParts parts = parts_of(folder, 2);
    const auto steps_left = std::make_shared<std::atomic<int>>(steps);
    parts.compute->make_generator = [=](int) { return made<CrashingGenerator>(*steps_left); };
    CHECK(document_of(std::move(parts)) == document);
    CHECK(*steps_left < 0);
  }
}

TEST_CASE("a step that kills every worker ends its job as poison, not the process") {
  const Folder folder;
  NodeParts parts = parts_of(folder, 2);
  parts.compute->make_generator = [](int) { return made<PoisonedGenerator>(); };
  Client client(std::move(parts));
  client.submit(submission());
  std::string document;
  CHECK(client.read(document) == JobState::failed);
}

TEST_CASE("workers that never live long enough end the node, and that is told") {
  const Folder folder;
  NodeParts parts = parts_of(folder);
  parts.config.supervision.intensity = 2;
  parts.config.protocol.crashes_max = 100;
  std::atomic<int> none{0};
  parts.compute->make_generator = [&none](int) {
    none = 0;
    return made<CrashingGenerator>(none);
  };
  const auto node = Node::start(std::move(parts));
  REQUIRE(node.ok());
  (*node)->start_workers();
  (void)(*node)->ask(ToCoordinator(submission()), kDeadline);
  kernels::Expected<ToClient> answer = (*node)->ask(ToCoordinator(Read{kJob, 0, {}}), kDeadline);
  while (answer) {
    const auto* text = std::get_if<Text>(&*answer);
    const std::string had = text == nullptr ? "" : text->bytes;
    answer = (*node)->ask(ToCoordinator(Read{kJob, had.size(), kernels::document_chain(had)}),
                          kDeadline);
  }
  CHECK(answer.error().message.find("workers") != std::string::npos);
}

TEST_CASE("a coordinator that fails begins anew with all that follow it, to the same document") {
  for (const ContextMode context : {ContextMode::none, ContextMode::direct, ContextMode::summary}) {
    const Folder apart;
    const std::string document = document_of(parts_of(apart), submission(4'000, context));
    const Folder folder;
    NodeParts parts = parts_of(folder, 2);
    parts.config.protocol.adopt_ms = 250;
    const auto appends_left = std::make_shared<std::atomic<int>>(9);
    parts.documents->open_journal = [&]() -> kernels::Expected<std::unique_ptr<Journal>> {
      auto journal = SqliteJournal::open(folder.journal(), kCodec);
      if (!journal) return journal.error();
      return std::unique_ptr<Journal>(
          std::make_unique<FailingJournal>(std::move(*journal), *appends_left));
    };
    Client client(std::move(parts));
    client.submit(submission(4'000, context));
    std::string read;
    CHECK(client.read(read) == JobState::done);
    CHECK(read == document);
    CHECK(client.tokens() == 4'000);
    CHECK(*appends_left < 0);
  }
}

TEST_CASE("a node whose journal another one has taken over ends, and writes no more") {
  const Folder folder;
  Client client(parts_of(folder));
  client.submit(submission(1'000'000));
  std::filesystem::remove(folder.journal() + ".lock");  // by a hand that should not have
  const auto other = SqliteJournal::open(folder.journal(), kCodec).value();
  REQUIRE(other->read().ok());
  REQUIRE(other->begin_term(7, 0).ok());
  std::string read;
  kernels::Expected<ToClient> answer = kernels::fail(kernels::ErrorKind::bug, "not asked");
  do {
    const Read next{kJob, read.size(), kernels::document_chain(read)};
    answer = client.node().ask(ToCoordinator(next), kDeadline);
    if (answer) read += std::get<Text>(*answer).bytes;
  } while (answer);
  CHECK(answer.error().message.find("another coordinator") != std::string::npos);
}

TEST_CASE("a generator that finds no memory is told, and the node ends") {
  const Folder folder;
  NodeParts parts = parts_of(folder);
  parts.compute->make_generator = [](int) -> kernels::Expected<std::unique_ptr<Generator>> {
    throw std::bad_alloc();
  };
  Client client(std::move(parts));
  kernels::Expected<ToClient> answer =
      client.node().ask(ToCoordinator(Read{kJob, 0, {}}), kDeadline);
  while (answer) answer = client.node().ask(ToCoordinator(Read{kJob, 0, {}}), kDeadline);
  CHECK(answer.error().message.find("out of memory") != std::string::npos);
}

TEST_CASE("a worker's message from a client is refused at once") {
  const Folder folder;
  Client client(parts_of(folder));
  const auto answer = client.node().ask(ToCoordinator(Report{}), kDeadline);
  CHECK(std::holds_alternative<Refused>(answer.value()));
}

TEST_CASE("one journal is one node's at a time") {
  const Folder folder;
  const Client first(parts_of(folder));
  const auto second = Node::start(parts_of(folder));
  REQUIRE_FALSE(second);
  CHECK(second.error().message.find("journal.sqlite") != std::string::npos);
}

TEST_CASE("another spec, seed or model under the same id is a conflict, and changes nothing") {
  const Folder folder;
  Client client(parts_of(folder));
  client.submit(submission());
  Submit other = submission();
  other.seed = 4;
  const ToClient answer = client.submit(other);
  REQUIRE(std::holds_alternative<Refused>(answer));
  CHECK(std::get<Refused>(answer).kind == RefusalKind::conflict);
  std::string document;
  CHECK(client.read(document) == JobState::done);
  const Folder apart;
  CHECK(document == document_of(parts_of(apart)));
}

TEST_CASE("a job is opened and refused without workers, and written once they start") {
  const Folder folder;
  const auto node = Node::start(parts_of(folder)).value();
  const auto answer = node->ask(ToCoordinator(submission()), kDeadline);
  CHECK(std::holds_alternative<Submitted>(answer.value()));
  Submit other = submission();
  other.model = {1};
  CHECK(std::holds_alternative<Refused>(node->ask(ToCoordinator(other), kDeadline).value()));
  CHECK(tokens_at(*node) == 0);
  node->start_workers();
  std::string document;
  const auto read = [&] {
    const Read next{kJob, document.size(), kernels::document_chain(document)};
    return std::get<Text>(node->ask(ToCoordinator(next), kDeadline).value());
  };
  for (Text text = read(); text.state != JobState::done; text = read()) document += text.bytes;
  CHECK(tokens_at(*node) == 4'000);
}

TEST_CASE("a job without tokens is its headings") {
  const Folder folder;
  const std::string document = document_of(parts_of(folder), submission(0));
  CHECK(document.starts_with("About birds.\n\n# Bird 1\n\n"));
  CHECK(document.ends_with("# Bird 10\n\n\n"));
}

TEST_CASE("a cancelled job ends, and a second cancel says the same") {
  const Folder folder;
  Client client(parts_of(folder));
  client.submit(submission(1'000'000));
  for (int i = 0; i < 2; ++i) {
    const auto answer = client.node().ask(ToCoordinator(Cancel{kJob}), kDeadline);
    CHECK(std::get<Submitted>(answer.value()).state == JobState::cancelled);
  }
  std::string document;
  CHECK(client.read(document) == JobState::cancelled);
}

}  // namespace pecia::actors
