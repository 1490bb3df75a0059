// P1 inside one engine: one request, one text and the same logits, whatever happens around it.

#include <fmt/format.h>

#include <set>

#include "kernels/engine/numerics.hpp"
#include "tests/unit/engine/engine_fixture.hpp"

#if defined(__SSE2__)
#include <xmmintrin.h>
#endif

namespace pecia::kernels {
namespace {

constexpr int kGenerated = 40;
// Of the quantised ones each part of a kernel once: minimums, high bits, factors, two scales.
constexpr TensorType kTypes[] = {TensorType::f32,  TensorType::f16,  TensorType::q8_0,
                                 TensorType::q4_0, TensorType::bf16, TensorType::q5_1,
                                 TensorType::q4_k, TensorType::q6_k};

Request long_request() { return request_of(random_tokens(75), kGenerated); }

// Alone, in one chunk, without any page of another.
const Outcome& straight(TensorType type = TensorType::f32) {
  static std::map<TensorType, Outcome> known;
  if (!known.contains(type)) {
    known[type] =
        TestEngine({.chunk_tokens = 512, .prefix_cache = false}, type).run(long_request());
    REQUIRE(known[type].tokens.size() == kGenerated);
    REQUIRE(known[type].logits.size() == kGenerated);
    REQUIRE(known[type].end == EndReason::length);
  }
  return known[type];
}

TEST_CASE("chunk sizes change no bit") {
  for (const TensorType type : kTypes) {
    for (const int chunk : {1, 2, 3, 7, 31, 32, 33, 64, 74, 75, 256, 512}) {
      INFO(traits_of(type)->name << ", chunk " << chunk);
      CHECK(TestEngine({.chunk_tokens = chunk}, type).run(long_request()) == straight(type));
    }
  }
}

TEST_CASE("threads and instruction sets change no bit and no numerics id") {
  const std::string numerics = TestEngine().engine.numerics();
  for (const Isa isa : {Isa::portable, Isa::avx2, Isa::avx512}) {
    if (!has_isa(isa)) continue;
    for (const int threads : {1, 2, 3}) {
      ThreadPool pool(threads);
      INFO(name_of(isa) << ", " << threads << " threads");
      for (const TensorType type : kTypes) {
        TestEngine engine({}, type, isa, pool);
        CHECK(engine.run(long_request()) == straight(type));
      }
      CHECK(TestEngine({}, TensorType::f32, isa, pool).engine.numerics() == numerics);
    }
  }
}

// The literal id: a change that moves all instruction sets together shows here. Whoever means it
// raises kKernelVersion and writes the new one down.
TEST_CASE("the numerics id is the one this kernel version has always had") {
  const KernelTableList runnable = runnable_kernel_tables();
  for (const TensorType type : kTypes) {
    const std::string_view dtype = traits_of(type)->name;
    for (int i = 0; i < runnable.count; ++i) {
      INFO(runnable.tables[i]->name);
      CHECK(numerics_id(test_pool(), *runnable.tables[i], dtype) ==
            fmt::format("cpu-1-{}-ec5399a31e792b75", dtype));
      CHECK(numerics_id(test_pool(), *runnable.tables[i], dtype, {.steps = true}) ==
            fmt::format("cpu-1-{}-9cf15dad0603025c", dtype));
    }
  }
}

TEST_CASE("formats beyond the first four enter the numerics id, alike on every instruction set") {
  const std::vector<TensorType> further = {TensorType::q4_1, TensorType::q5_0, TensorType::q5_1,
                                           TensorType::q4_k, TensorType::q5_k, TensorType::q6_k,
                                           TensorType::bf16};
  const KernelTableList runnable = runnable_kernel_tables();
  const auto id_of = [&](int table, std::vector<TensorType> types) {
    return numerics_id(test_pool(), *runnable.tables[table], "mix", {.products = std::move(types)});
  };
  std::set<std::string> ids;
  for (const TensorType type : further) ids.insert(id_of(0, {type}));
  CHECK(ids.size() == further.size());
  for (int i = 0; i < runnable.count; ++i) {
    INFO(runnable.tables[i]->name);
    CHECK(id_of(i, further) == "cpu-1-mix-f0673bef78a8cc05");
  }
}

#if defined(__SSE2__)
// What a host program or a library built for speed over truth may leave behind.
class SpoiledFloatMode {
 public:
  SpoiledFloatMode() { _mm_setcsr(kMode); }
  ~SpoiledFloatMode() { _mm_setcsr(saved_); }
  bool untouched() const { return (_mm_getcsr() & ~0x3Fu) == kMode; }

 private:
  // All masked, flush to zero, denormals are zero, round toward zero.
  static constexpr unsigned kMode = 0x1F80u | 0x8040u | 0x6000u;
  unsigned saved_ = _mm_getcsr();
};

TEST_CASE("a caller's spoiled rounding mode changes no bit and comes back as it was") {
  for (const TensorType type : kTypes) {
    const Outcome& expected = straight(type);
    bool untouched = false;
    Outcome outcome;
    {
      const SpoiledFloatMode spoiled;
      TestEngine engine({.chunk_tokens = 1}, type);  // one row runs on the caller's thread
      outcome = engine.run(long_request());
      untouched = spoiled.untouched();
    }
    INFO(traits_of(type)->name);
    CHECK(outcome == expected);
    CHECK(untouched);
  }
}
#endif

TEST_CASE("batch mates that come and go change no bit") {
  for (const TensorType type : kTypes) {
    for (const std::size_t mates : {1, 5, 20}) {
      TestEngine engine({.chunk_tokens = 48}, type);
      std::vector<SequenceId> others;
      const auto add_mate = [&](std::size_t number) {
        others.push_back(engine.add(
            request_of(random_tokens(1 + number * 13 % 90, number + 100), 1 + int(number % 30))));
      };
      for (std::size_t i = 0; i < mates / 2; ++i) add_mate(i);
      const SequenceId watched = engine.add(long_request());
      for (std::size_t i = mates / 2; i < mates; ++i) {
        engine.step();
        add_mate(i);
      }
      if (mates > 2) engine.engine.cancel(others[1]);
      engine.finish();
      INFO(traits_of(type)->name << ", " << mates << " mates");
      CHECK(engine.outcomes[watched] == straight(type));
    }
  }
}

TEST_CASE("the same request many times in one batch gives the same bits each time") {
  TestEngine engine({.chunk_tokens = 40});
  std::vector<SequenceId> ids;
  for (int i = 0; i < 12; ++i) ids.push_back(engine.add(long_request()));
  engine.finish();
  for (const SequenceId id : ids) CHECK(engine.outcomes[id] == straight());
  CHECK(engine.engine.stats().prompt_tokens_reused >= 11 * 2 * kPageTokens);
}

TEST_CASE("pages left by an earlier sequence are reused without changing a bit") {
  TestEngine engine;
  CHECK(engine.run(long_request()) == straight());
  CHECK(engine.engine.stats().prompt_tokens_reused == 0);
  CHECK(engine.run(long_request()) == straight());
  CHECK(engine.engine.stats().prompt_tokens_reused == 2 * kPageTokens);
  CHECK(engine.engine.stats().prompt_tokens == 75 + 75 - 2 * kPageTokens);
}

TEST_CASE("a prompt of whole pages still computes the row its first token comes from") {
  TestEngine engine;
  const Outcome first = engine.run(request_of(random_tokens(64), 5));
  const Outcome second = engine.run(request_of(random_tokens(64), 5));
  CHECK(first == second);
  CHECK(first.logits.contains(63));
  CHECK(engine.engine.stats().prompt_tokens_reused == kPageTokens);
}

void check_resumed(TensorType type, int resumed) {
  const Outcome& all = straight(type);
  Request request = long_request();
  request.resume.assign(all.tokens.begin(), all.tokens.begin() + resumed);
  const Outcome rest = TestEngine({.chunk_tokens = 50}, type).run(std::move(request));
  CHECK(std::ranges::equal(rest.tokens, std::span(all.tokens).subspan(resumed)));
  CHECK(std::ranges::equal(rest.logprobs, std::span(all.logprobs).subspan(resumed)));
  for (const auto& [position, logits] : rest.logits) CHECK(logits == all.logits.at(position));
}

TEST_CASE("a text resumed at any token goes on as if nothing had happened") {
  for (const TensorType type : kTypes) {
    for (int resumed = 0; resumed < kGenerated; ++resumed) {
      INFO(traits_of(type)->name << " resumed at " << resumed);
      check_resumed(type, resumed);
    }
  }
}

TEST_CASE("a prompt cut behind any token gives the logits of the whole") {
  for (const TensorType type : kTypes) {
    TestEngine whole({.prefix_cache = false}, type);
    const std::vector<TokenId> tokens = random_tokens(70);
    const SequenceId scored = checked(whole.engine.add_scoring(tokens, 0));
    whole.finish();
    REQUIRE(whole.outcomes[scored].logits.size() == 70);
    TestEngine cut({}, type);
    for (int length = 1; length <= 70; ++length) {
      const auto first = std::span(tokens).first(length);
      const Outcome outcome = cut.run(request_of({first.begin(), first.end()}, 1));
      INFO(traits_of(type)->name << ", length " << length);
      CHECK(outcome.logits.at(length - 1) == whole.outcomes[scored].logits.at(length - 1));
    }
  }
}

TEST_CASE("scoring reports exactly the asked positions, in order, and generates nothing") {
  TestEngine engine({.chunk_tokens = 10});
  const SequenceId id = checked(engine.engine.add_scoring(random_tokens(45), 20));
  std::vector<int> positions;
  engine.engine.set_logits_sink([&](SequenceId sequence, int position, std::span<const float> row) {
    CHECK(sequence == id);
    CHECK(row.size() == std::size_t(kTinyShape.vocabulary));
    positions.push_back(position);
  });
  engine.finish();
  std::vector<int> expected(25);
  std::iota(expected.begin(), expected.end(), 20);
  CHECK(positions == expected);
  CHECK(engine.outcomes.empty());
}

TEST_CASE("two stages one after the other give the logits of the whole model") {
  for (const TensorType type : kTypes) {
    const TinyModel& model = tiny_model(type);
    const std::vector<TokenId> tokens = random_tokens(70);
    TestEngine whole({}, type);
    const SequenceId scored = checked(whole.engine.add_scoring(tokens, 0));
    whole.finish();
    Engine front(model.front, nullptr, test_pool(), best_isa(), {.chunk_tokens = 33});
    Engine back(model.back, nullptr, test_pool(), best_isa(), {});
    int position = 0;
    for (const int rows : {33, 1, 1, 20, 15}) {
      const auto fed = std::span(tokens).subspan(position, rows);
      const auto hidden = checked(front.run_stage(
          {.sequence = 9, .first_position = position, .tokens = fed, .hidden = {}}));
      const auto logits = checked(back.run_stage(
          {.sequence = 9, .first_position = position, .tokens = {}, .hidden = hidden}));
      for (int row = 0; row < rows; ++row) {
        const auto one =
            std::span(logits).subspan(row * kTinyShape.vocabulary, kTinyShape.vocabulary);
        CHECK(std::ranges::equal(one, whole.outcomes[scored].logits.at(position + row)));
      }
      position += rows;
    }
    front.drop_stage(9);
    CHECK(front.stats().pages_in_use == 0);
    CHECK(back.stats().pages_in_use == 3);
  }
}

}  // namespace
}  // namespace pecia::kernels
