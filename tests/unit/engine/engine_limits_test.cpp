// Who is let in, who waits, how a sequence ends, and what is left of it.

#include "tests/unit/engine/engine_fixture.hpp"

namespace pecia::kernels {
namespace {

bool refused(const Engine& engine, const Expected<SequenceId>& added, std::string_view words) {
  CHECK(engine.idle());
  return !added && added.error().kind == ErrorKind::refuse &&
         added.error().message.find(words) != std::string::npos;
}

std::uint64_t pages(std::uint64_t count) {
  return count * kv_page_bytes(tiny_model().whole->params(), kTinyShape.layers);
}

TEST_CASE("requests that can never run are refused with the reason and its numbers") {
  TestEngine test({.kv_bytes_max = pages(4)});
  Engine& engine = test.engine;
  const auto with = [](auto change) {
    Request request = request_of(random_tokens(10), 10);
    change(request);
    return request;
  };
  CHECK(refused(engine, engine.add(with([](Request& r) { r.prompt.clear(); })), "empty prompt"));
  CHECK(refused(engine, engine.add(with([](Request& r) { r.prompt[3] = 300; })), "token 3"));
  CHECK(refused(engine, engine.add(with([](Request& r) { r.prompt[3] = -1; })), "id -1"));
  CHECK(refused(engine, engine.add(with([](Request& r) { r.resume = {300}; })), "resumed token 0"));
  CHECK(refused(engine, engine.add(with([](Request& r) { r.tokens_max = 0; })), "tokens_max is 0"));
  CHECK(refused(engine, engine.add(with([](Request& r) { r.resume.assign(10, 5); })), "nothing"));
  CHECK(refused(engine, engine.add(with([](Request& r) { r.sampling.top_p = 2; })), "top_p"));
  CHECK(refused(engine, engine.add(with([](Request& r) {
    r.sampling.logit_bias = {{300, 1}};
  })),
                "logit_bias"));
  CHECK(refused(engine, engine.add(request_of(random_tokens(193), 1)), "context of 192"));
  CHECK(refused(engine, engine.add(request_of(random_tokens(10), 120)), "the engine has 4"));
  CHECK(refused(engine, engine.add_scoring({}, 0), "no tokens"));
  CHECK(refused(engine, engine.add_scoring(random_tokens(5), 5), "positions 0..4"));
}

TEST_CASE("a sequence that fills its context ends there") {
  TestEngine engine({.context_max = 50, .kv_bytes_max = pages(2)});  // enough for the context
  const Outcome outcome = engine.run(request_of(random_tokens(45), 1000));
  CHECK(outcome.end == EndReason::context_full);
  CHECK(outcome.tokens.size() == 6);  // positions 45..49 are fed, the sixth token is not
  const Outcome exact = engine.run(request_of(random_tokens(50), 1));
  CHECK(exact.end == EndReason::length);
}

TEST_CASE("an end-of-generation token ends a sequence unless it is told to ignore it") {
  const TokenId eos = tiny_model().tokenizer->eos();
  REQUIRE(tiny_model().tokenizer->ends_generation(eos));
  Request request = request_of(random_tokens(10), 20);
  request.sampling.logit_bias = {{eos, 1000}};
  request.ignore_eos = false;
  TestEngine engine;
  const Outcome outcome = engine.run(request);
  CHECK(outcome.tokens == std::vector{eos});
  CHECK(outcome.end == EndReason::eos);
  request.ignore_eos = true;
  CHECK(engine.run(request).tokens.size() == 20);
}

TEST_CASE("a stop string across tokens ends a sequence, resumed or straight") {
  TestEngine engine;
  Request request = request_of(random_tokens(10), 40);
  const Outcome free_run = engine.run(request);
  const Tokenizer& tokenizer = *tiny_model().tokenizer;
  std::string text;
  for (int i = 0; i < 20; ++i) text += tokenizer.piece(free_run.tokens[i]);
  REQUIRE(text.size() >= 4);
  request.stop = {text.substr(text.size() - 4)};
  const Outcome stopped = engine.run(request);
  REQUIRE(stopped.end == EndReason::stop_text);
  REQUIRE(stopped.tokens.size() <= 20);
  REQUIRE(stopped.tokens.size() > 2);
  for (std::size_t resumed = 0; resumed < stopped.tokens.size(); ++resumed) {
    request.resume.assign(stopped.tokens.begin(), stopped.tokens.begin() + std::ptrdiff_t(resumed));
    const Outcome rest = engine.run(request);
    CHECK(rest.end == EndReason::stop_text);
    CHECK(std::ranges::equal(rest.tokens, std::span(stopped.tokens).subspan(resumed)));
  }
  request.resume = stopped.tokens;
  CHECK(refused(engine.engine, engine.engine.add(request), "stop_text"));
}

TEST_CASE("sequences beyond sequences_max wait for a place") {
  TestEngine engine({.sequences_max = 2});
  for (int i = 0; i < 5; ++i) engine.add(request_of(random_tokens(10, i), 3));
  CHECK(engine.step().tokens.size() == 2);
  engine.finish();
  CHECK(engine.outcomes.size() == 5);
  for (const auto& [id, outcome] : engine.outcomes) CHECK(outcome.tokens.size() == 3);
}

TEST_CASE("more sequences than may wait are told to come later") {
  TestEngine engine({.sequences_max = 2, .waiting_max = 1});
  for (int i = 0; i < 3; ++i) engine.add(request_of(random_tokens(10, i), 3));
  const auto is_full = [&] {
    const auto added = engine.engine.add(request_of(random_tokens(10), 3));
    const auto scored = engine.engine.add_scoring(random_tokens(10), 9);
    return !added && !scored && added.error().kind == ErrorKind::retry &&
           scored.error().kind == ErrorKind::retry;
  };
  CHECK(is_full());
  engine.step();  // two run, one still waits
  CHECK(is_full());
  for (int i = 0; i < 3; ++i) engine.step();  // the two end, the third begins
  engine.add(request_of(random_tokens(10), 3));
  engine.finish();
  CHECK(engine.outcomes.size() == 4);
}

TEST_CASE("a request with more stop strings than an engine looks for is refused") {
  TestEngine test;
  Request many = request_of(random_tokens(10), 3);
  many.stop.assign(kStopsMax, "x");
  Request large = many;
  large.stop = {std::string(kStopBytesMax, 'x')};
  CHECK(test.run(many).tokens.size() == 3);
  CHECK(test.run(large).tokens.size() == 3);
  many.stop.push_back("x");
  large.stop.push_back("x");
  CHECK(refused(test.engine, test.engine.add(many), "65 stop strings"));
  CHECK(refused(test.engine, test.engine.add(large), "4097 bytes"));
}

TEST_CASE("sequences wait while pages are promised to others, and never get stuck") {
  const EngineOptions options{.kv_bytes_max = pages(4), .prefix_cache = false};
  const auto request = [](int i) {  // 3 pages: two do not fit together
    return request_of(random_tokens(20, i), 60);
  };
  TestEngine engine(options);
  std::map<SequenceId, Outcome> alone;
  for (int i = 0; i < 6; ++i) alone[engine.add(request(i))] = TestEngine(options).run(request(i));
  engine.step();
  CHECK(engine.engine.stats().pages_in_use == 1);
  engine.finish();
  CHECK(engine.outcomes == alone);
  CHECK(engine.engine.stats().pages_in_use == 0);
}

TEST_CASE("a cache of old pages never keeps a new sequence out") {
  TestEngine engine({.kv_bytes_max = pages(4)});
  for (int i = 0; i < 10; ++i) {
    const Outcome outcome = engine.run(request_of(random_tokens(70, i), 20));
    CHECK(outcome.tokens.size() == 20);
    CHECK(engine.engine.stats().pages_in_use == 0);
    CHECK(engine.engine.stats().pages_cached <= 4);
  }
}

TEST_CASE("sequences with a common beginning fit together where strangers would not") {
  TestEngine engine({.kv_bytes_max = pages(5)});
  engine.add(request_of(random_tokens(100), 10));  // 4 pages, 3 of them shared
  engine.step();
  engine.add(request_of(random_tokens(100), 10));
  CHECK(engine.step().rows == 1 + 4);
  CHECK(engine.engine.stats().pages_in_use == 5);
  engine.finish();
  CHECK(engine.outcomes[1] == engine.outcomes[2]);
}

TEST_CASE("cancelling frees the pages at once, waiting or running") {
  TestEngine engine({.sequences_max = 1, .kv_bytes_max = pages(4), .prefix_cache = false});
  const SequenceId running = engine.add(request_of(random_tokens(70), 50));
  const SequenceId waiting = engine.add(request_of(random_tokens(70), 50));
  engine.step();
  CHECK(engine.engine.stats().pages_in_use == 3);
  engine.engine.cancel(waiting);
  engine.engine.cancel(12345);
  CHECK_FALSE(engine.engine.idle());
  engine.engine.cancel(running);
  CHECK(engine.engine.idle());
  CHECK(engine.engine.stats().pages_in_use == 0);
  CHECK(engine.step().rows == 0);
  CHECK(engine.run(request_of(random_tokens(70), 50)).tokens.size() == 50);  // all four pages
}

TEST_CASE("when memory is short the end of an old text goes before its beginning") {
  TestEngine engine({.kv_bytes_max = pages(4)});
  engine.run(request_of(random_tokens(100), 1));     // leaves three full pages
  engine.run(request_of(random_tokens(60, 99), 1));  // needs two of four
  CHECK(engine.engine.stats().prompt_tokens_reused == 0);
  engine.run(request_of(random_tokens(100), 1));
  CHECK(engine.engine.stats().prompt_tokens_reused == 2 * kPageTokens);
}

TEST_CASE("stages say what does not fit and keep their state") {
  Engine back(tiny_model().back, nullptr, test_pool(), best_isa(),
              {.context_max = 40, .chunk_tokens = 39});
  const std::vector<float> hidden(2 * kTinyShape.width, 0.5f);
  const auto token = random_tokens(1);
  const auto refuses = [&](const Engine::StageInput& input) {
    const auto result = back.run_stage(input);
    return !result && result.error().kind == ErrorKind::refuse;
  };
  const std::vector<float> rows_40(40 * 64, 0.5f);
  CHECK(refuses({.sequence = 1, .first_position = 1, .tokens = {}, .hidden = hidden}));
  CHECK(refuses({.sequence = 1, .first_position = 0, .tokens = token, .hidden = {}}));
  CHECK(refuses({.sequence = 1, .first_position = 0, .tokens = {}, .hidden = {}}));
  CHECK(refuses({.sequence = 1, .tokens = {}, .hidden = std::span(hidden).first(65)}));
  CHECK(refuses({.sequence = 1, .tokens = {}, .hidden = rows_40}));  // more than a chunk
  CHECK(back.stats().pages_in_use == 0);
  CHECK(back.run_stage({.sequence = 1, .first_position = 0, .tokens = {}, .hidden = hidden}).ok());
  CHECK(refuses({.sequence = 1, .first_position = 0, .tokens = {}, .hidden = hidden}));
  CHECK(back.run_stage({.sequence = 1, .first_position = 2, .tokens = {}, .hidden = hidden}).ok());
  const auto rows_37 = std::span(rows_40).first(37 * 64);  // more than the context
  CHECK(refuses({.sequence = 1, .first_position = 4, .tokens = {}, .hidden = rows_37}));
  CHECK_FALSE(back.add(request_of(token, 1)).ok());
}

}  // namespace
}  // namespace pecia::kernels
