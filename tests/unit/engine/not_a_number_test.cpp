// One weight that is not a number: whoever it touches fails by name, nobody else notices.

#include <cstring>
#include <limits>

#include "tests/unit/engine/engine_fixture.hpp"
#include "tests/unit/weights/temporary_folder.hpp"

namespace pecia::kernels {
namespace {

constexpr TokenId kPoisonedToken = 42;  // at position 32 of ascending(10, ...), a new page
constexpr std::string_view kNonFinite = "non-finite";

// The tiny model where the first weight of the tensor's row is NaN.
std::shared_ptr<const Model> poisoned_model(const std::string& name, std::uint64_t row) {
  const TemporaryFolder folder;
  const std::string path = folder.file("tiny.gguf");
  REQUIRE(synthesise(kTinyShape, TensorType::f32, testing::kTinySeed, path));
  std::string bytes = read_file(path);
  const auto all = std::as_bytes(std::span(bytes));
  const ModelFile file = checked(ModelFile::parse(all, "tiny"));
  const Tensor& tensor = *file.tensor(name);
  const auto at = static_cast<std::size_t>(tensor.bytes.data() - all.data());
  const float nan = std::numeric_limits<float>::quiet_NaN();
  std::memcpy(bytes.data() + at + row * tensor.row_bytes(), &nan, sizeof nan);
  write_file(path, bytes);
  return checked(Model::load(checked(ModelFile::open(path)), test_pool()));
}

std::shared_ptr<const Model> poisoned_embedding() {
  return poisoned_model("token_embd.weight", kPoisonedToken);
}

// Tokens first, first + 1, ...
std::vector<TokenId> ascending(TokenId first, int count) {
  std::vector<TokenId> tokens(static_cast<std::size_t>(count));
  std::iota(tokens.begin(), tokens.end(), first);
  return tokens;
}

// Runs to idle; the sequences that failed for their content.
std::vector<SequenceId> failed_sequences(Engine& engine) {
  std::vector<SequenceId> failed;
  while (!engine.idle()) {
    for (const auto& [id, error] : engine.step().failed) {
      CHECK(error.kind == ErrorKind::refuse);
      CHECK(error.message.find(kNonFinite) != std::string::npos);
      failed.push_back(id);
    }
  }
  return failed;
}

// Twice, so that the second comes upon pages the first may have left.
void check_all_fail(Engine& engine) {
  int shown = 0;
  engine.set_logits_sink([&](SequenceId, int, std::span<const float>) { ++shown; });
  for (int round = 0; round < 2; ++round) {
    const SequenceId written = checked(engine.add(request_of(ascending(10, 40), 5)));
    CHECK(failed_sequences(engine) == std::vector{written});
    const SequenceId scored = checked(engine.add_scoring(ascending(10, 40), 39));
    CHECK(failed_sequences(engine) == std::vector{scored});
  }
  CHECK(shown == 0);
  CHECK(engine.stats().pages_in_use == 0);
}

TEST_CASE("a weight that is not a number, wherever it lies, fails every sequence that meets it") {
  const std::pair<std::string, std::uint64_t> places[] = {{"token_embd.weight", kPoisonedToken},
                                                          {"blk.0.attn_norm.weight", 0},
                                                          {"blk.0.attn_q.weight", 3},
                                                          {"blk.0.attn_k.weight", 3},
                                                          {"blk.0.attn_v.weight", 3},
                                                          {"blk.1.attn_output.weight", 3},
                                                          {"blk.1.ffn_norm.weight", 0},
                                                          {"blk.1.ffn_gate.weight", 3},
                                                          {"blk.1.ffn_up.weight", 3},
                                                          {"blk.2.ffn_down.weight", 3},
                                                          {"blk.2.attn_k.weight", 3},
                                                          {"output_norm.weight", 0},
                                                          {"output.weight", 3}};
  for (const auto& [tensor, row] : places) {
    const auto model = poisoned_model(tensor, row);
    for (const Isa isa : {Isa::portable, Isa::avx2, Isa::avx512}) {
      if (!has_isa(isa)) continue;
      for (const int chunk : {16, 512}) {
        INFO(tensor << " on " << name_of(isa) << ", chunk " << chunk);
        Engine engine(model, nullptr, test_pool(), isa, {.chunk_tokens = chunk});
        check_all_fail(engine);
      }
    }
  }
}

TEST_CASE("a sequence that fails in its only chunk leaves no page behind") {
  Engine engine(poisoned_embedding(), nullptr, test_pool(), best_isa(), {});
  REQUIRE(engine.add(request_of(ascending(10, 70), 5)));
  CHECK(failed_sequences(engine).size() == 1);
  CHECK(engine.stats().pages_cached == 0);
}

// Inside a page a NaN reaches the rows before it too: they weigh its value by zero.
TEST_CASE("a scored text shows the logits before the first that are not numbers, and no more") {
  Engine engine(poisoned_embedding(), nullptr, test_pool(), best_isa(), {.chunk_tokens = 16});
  std::vector<int> shown;
  engine.set_logits_sink(
      [&](SequenceId, int position, std::span<const float>) { shown.push_back(position); });
  const SequenceId id = checked(engine.add_scoring(ascending(10, 40), 0));
  CHECK(failed_sequences(engine) == std::vector{id});
  std::vector<int> first_page(kPageTokens);
  std::iota(first_page.begin(), first_page.end(), 0);
  CHECK(shown == first_page);
}

TEST_CASE("a sequence beside one that fails keeps all its bits") {
  const Request healthy = request_of(ascending(100, 40), 1);
  const Outcome expected = TestEngine().run(healthy);
  Engine engine(poisoned_embedding(), nullptr, test_pool(), best_isa(), {});
  std::map<SequenceId, std::vector<float>> last;
  engine.set_logits_sink([&](SequenceId id, int, std::span<const float> logits) {
    last[id].assign(logits.begin(), logits.end());
  });
  const SequenceId failing = checked(engine.add(request_of(ascending(10, 40), 1)));
  const SequenceId other = checked(engine.add(healthy));
  CHECK(failed_sequences(engine) == std::vector{failing});
  REQUIRE(last.size() == 1);
  CHECK(last[other] == expected.logits.at(39));
}

TEST_CASE("a stage refuses to pass on what is not a number, and drops its sequence") {
  Engine engine(poisoned_embedding(), nullptr, test_pool(), best_isa(), {});
  const auto clean = ascending(100, 4), poisoned = ascending(kPoisonedToken, 1);
  REQUIRE(engine.run_stage({.sequence = 1, .tokens = clean, .hidden = {}}).ok());
  const auto out =
      engine.run_stage({.sequence = 1, .first_position = 4, .tokens = poisoned, .hidden = {}});
  REQUIRE_FALSE(out);
  CHECK(out.error().kind == ErrorKind::refuse);
  CHECK(out.error().message.find("at position 4") != std::string::npos);
  CHECK(engine.stats().pages_in_use == 0);
  CHECK(engine.run_stage({.sequence = 1, .tokens = clean, .hidden = {}}).ok());
}

}  // namespace
}  // namespace pecia::kernels
