#pragma once
// Parts of nodes over a fake generator, and the client of one.

#include <memory>
#include <string>
#include <utility>

#include "actors/node/node.hpp"
#include "kernels/text/document_chain.hpp"
#include "runtime/wire/codec.hpp"
#include "tests/catch.hpp"
#include "tests/unit/actors/fake_generator.hpp"
#include "tests/unit/text/tokenizer_fixture.hpp"
#include "tests/unit/weights/temporary_folder.hpp"

namespace pecia::test {

using namespace actors;
using namespace runtime;

inline constexpr std::chrono::seconds kDeadline(60);
inline constexpr JobId kJob{1};

class Folder : public TemporaryFolder {
 public:
  std::string journal() const { return file("journal.sqlite"); }
};

inline std::shared_ptr<const kernels::Tokenizer> byte_tokenizer() {
  static const auto kTokenizer =
      std::make_shared<const kernels::Tokenizer>(kernels::test::byte_vocabulary({}).load().value());
  return kTokenizer;
}

inline Submit submission(int tokens = 4'000, ContextMode context = ContextMode::none) {
  JobSpec spec;
  spec.outline = "About birds.\n";
  for (int k = 1; k <= 10; ++k) spec.outline += fmt::format("# Bird {}\nIt sings.\n", k);
  spec.tokens = tokens;
  spec.context = context;
  Submit submit;
  submit.job = kJob;
  submit.spec = encode(spec);
  submit.seed = 3;
  return submit;
}

template <class Made, class... Args>
kernels::Expected<std::unique_ptr<Generator>> made(Args&&... args) {
  return std::unique_ptr<Generator>(std::make_unique<Made>(std::forward<Args>(args)...));
}

inline NodeParts parts_of(const Folder& folder, int workers = 1) {
  NodeParts parts;
  parts.config.write.workers = workers;
  parts.config.supervision.backoff_ms = 1;
  parts.documents = {folder.journal(), byte_tokenizer(), {}};
  parts.compute = {
      [](int) { return made<actors::test::FakeGenerator>(byte_tokenizer()); },
      [](const Id&, const std::optional<Id>&, std::span<const std::byte>) { return true; }};
  return parts;
}

inline std::uint64_t tokens_at(Node& node) {
  return tokens_of(std::get<Viewed>(node.ask(ToCoordinator(View{kJob}), kDeadline).value()));
}

class Client {
 public:
  explicit Client(NodeParts parts) : node_(Node::start(std::move(parts)).value()) {
    node_->start_workers();
  }

  ToClient submit(const Submit& submit) {
    return node_->ask(ToCoordinator(submit), kDeadline).value();
  }
  // Reads on behind what was read, until there are `bytes` or the job has ended.
  JobState read(std::string& document, std::size_t bytes = SIZE_MAX) {
    for (;;) {
      const auto answer = node_->ask(
          ToCoordinator(Read{kJob, document.size(), kernels::document_chain(document)}), kDeadline);
      const Text& text = std::get<Text>(answer.value());
      document += text.bytes;
      const bool ended = text.state != JobState::opened && text.state != JobState::running &&
                         text.state != JobState::stalled;
      if (ended || document.size() >= bytes) return text.state;
    }
  }
  Node& node() { return *node_; }
  std::uint64_t tokens() { return tokens_at(*node_); }

 private:
  std::unique_ptr<Node> node_;
};

inline std::string document_of(NodeParts parts, const Submit& submit = submission()) {
  Client client(std::move(parts));
  client.submit(submit);
  std::string document;
  CHECK(client.read(document) == JobState::done);
  return document;
}

}  // namespace pecia::test
