// P1 inside one engine: one request, one text and the same logits, whatever happens around it.

#include "tests/unit/engine/engine_fixture.hpp"

namespace pecia::kernels {
namespace {

constexpr int kGenerated = 40;
constexpr TensorType kTypes[] = {TensorType::f32, TensorType::f16, TensorType::q8_0,
                                 TensorType::q4_0};

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

TEST_CASE("a text resumed at any token goes on as if nothing had happened") {
  for (int resumed = 0; resumed < kGenerated; ++resumed) {
    Request request = long_request();
    const auto& all = straight().tokens;
    request.resume.assign(all.begin(), all.begin() + resumed);
    TestEngine engine({.chunk_tokens = 50});
    const Outcome rest = engine.run(std::move(request));
    INFO("resumed at " << resumed);
    CHECK(std::ranges::equal(rest.tokens, std::span(all).subspan(resumed)));
    CHECK(std::ranges::equal(rest.logprobs, std::span(straight().logprobs).subspan(resumed)));
    for (const auto& [position, logits] : rest.logits) {
      CHECK(logits == straight().logits.at(position));
    }
  }
}

TEST_CASE("a prompt cut behind any token gives the logits of the whole") {
  TestEngine whole({.prefix_cache = false});
  const std::vector<TokenId> tokens = random_tokens(70);
  const SequenceId scored = checked(whole.engine.add_scoring(tokens, 0));
  whole.finish();
  REQUIRE(whole.outcomes[scored].logits.size() == 70);
  TestEngine cut;
  for (int length = 1; length <= 70; ++length) {
    const auto first = std::span(tokens).first(length);
    const Outcome outcome = cut.run(request_of({first.begin(), first.end()}, 1));
    INFO("length " << length);
    CHECK(outcome.logits.at(length - 1) == whole.outcomes[scored].logits.at(length - 1));
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
    Engine front(model.front, nullptr, test_pool(), best_isa(), {.chunk_tokens = 8});
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
