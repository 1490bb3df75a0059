// Runs of a worker in a real engine with a tiny model.

#include "actors/generator/engine_generator.hpp"

#include "kernels/text/slice_text.hpp"
#include "runtime/wire/codec.hpp"
#include "tests/unit/engine/engine_fixture.hpp"

namespace pecia::actors {
namespace {

using namespace runtime;
using kernels::kPageTokens;
using kernels::random_tokens;
using kernels::tiny_model;

std::unique_ptr<Generator> make_generator(kernels::EngineOptions options = {}) {
  const auto& model = tiny_model();
  auto pool = std::make_unique<kernels::ThreadPool>(1);
  return make_engine_generator({model.whole, model.tokenizer, std::move(pool), kernels::best_isa(),
                                std::move(options), "tiny.gguf"});
}

StartRun start_of(RunId run, TokenIds prompt, int tokens_max, TokenIds committed = {}) {
  JobSpec spec;
  spec.outline = "# One\n";
  spec.ignore_eos = true;
  spec.sampling.temperature = 1;
  StartRun start{run, {}};
  start.order.step.path = "1";
  start.order.spec = encode(spec);
  start.order.seed = 3;
  start.order.prompt = std::move(prompt);
  start.order.tokens_max = tokens_max;
  start.order.committed = std::move(committed);
  return start;
}

// All that a generator has told of each run.
struct Told {
  TokenIds ids;
  std::optional<OfferEnd> end;
  std::optional<RunFailure> failure;
};
using Story = std::map<RunId, Told>;

void step(Generator& generator, Story& story) {
  const GeneratorStep step = generator.step();
  for (const RunToken& token : step.tokens) {
    story[token.run].ids.push_back(token.id);
    story[token.run].end = token.end;
  }
  for (const RunEnd& ended : step.ended) story[ended.run].end = ended.end;
  for (const RunFailure& failed : step.failed) story[failed.run].failure = failed;
}

void finish(Generator& generator, Story& story) {
  for (int steps = 0; !generator.idle(); ++steps) {
    REQUIRE(steps < 1'000);
    step(generator, story);
  }
}

Told told_of(Generator& generator, const StartRun& start) {
  Story story;
  generator.start(start);
  finish(generator, story);
  CHECK(story.size() == 1);
  return story[start.run];
}

OfferEnd length_end_of(const TokenIds& ids) {
  kernels::SliceText text(*tiny_model().tokenizer, {});
  text.push(ids);
  text.end();
  const kernels::TextDigest digest = kernels::digest_of(text.visible());
  return {StepEnd::length, digest.bytes, digest.hash};
}

void check_content_failure(const Told& told, const std::string& part) {
  CHECK(told.ids.empty());
  CHECK(!told.end);
  REQUIRE(told.failure);
  CHECK(told.failure->kind == BrokeKind::content);
  INFO(told.failure->why);
  CHECK(told.failure->why.find(part) != std::string::npos);
  CHECK(told.failure->why.find('\n') == std::string::npos);
}

}  // namespace

TEST_CASE("the ends of steps have the words of the engine") {
  for (const auto reason : {kernels::EndReason::length, kernels::EndReason::eos,
                            kernels::EndReason::stop_text, kernels::EndReason::context_full})
    CHECK(name_of(static_cast<StepEnd>(reason)) == kernels::name_of(reason));
}

TEST_CASE("a run gives as many tokens as were asked for, and the digest of their text") {
  const auto generator = make_generator();
  const Told told = told_of(*generator, start_of(1, random_tokens(20), 12));
  CHECK(told.ids.size() == 12);
  REQUIRE(told.end);
  CHECK(*told.end == length_end_of(told.ids));
}

TEST_CASE("a run that pauses gives the tokens of one that does not, whoever runs beside it") {
  const auto undisturbed = told_of(*make_generator(), start_of(1, random_tokens(40), 20));
  const auto generator = make_generator();
  Story story;
  generator->start(start_of(1, random_tokens(40), 20));
  generator->start(start_of(2, random_tokens(30, 9), 8));
  for (const std::size_t tokens : {1, 5, 6}) {
    while (story[1].ids.size() < tokens) step(*generator, story);
    generator->pause(1);
    generator->pause(1);
    for (int steps = 0; steps < 3; ++steps) step(*generator, story);
    CHECK(story[1].ids.size() == tokens);
    generator->resume(1);
    generator->resume(1);
  }
  finish(*generator, story);
  CHECK(story[1].ids == undisturbed.ids);
  CHECK(story[1].end == undisturbed.end);
  CHECK(story[2].ids.size() == 8);
}

TEST_CASE("a run behind committed tokens gives the rest, and the digest of all its text") {
  const auto generator = make_generator();
  const Told whole = told_of(*generator, start_of(1, random_tokens(20), 12));
  const TokenIds committed(whole.ids.begin(), whole.ids.begin() + 7);
  const Told rest = told_of(*generator, start_of(2, random_tokens(20), 12, committed));
  CHECK(rest.ids == TokenIds(whole.ids.begin() + 7, whole.ids.end()));
  CHECK(rest.end == whole.end);
}

TEST_CASE("a run whose committed tokens are all, or that asks for none, ends without a token") {
  const auto generator = make_generator();
  const TokenIds committed = random_tokens(5, 4);
  const Told finished = told_of(*generator, start_of(1, random_tokens(20), 5, committed));
  CHECK(finished.ids.empty());
  REQUIRE(finished.end);
  CHECK(*finished.end == length_end_of(committed));
  const Told none = told_of(*generator, start_of(2, random_tokens(20), 0));
  CHECK(none.ids.empty());
  REQUIRE(none.end);
  CHECK(*none.end == length_end_of({}));
}

TEST_CASE("committed tokens beyond the vocabulary fail the run as content, and that run alone") {
  const auto generator = make_generator();
  generator->start(start_of(9, random_tokens(20), 3));
  for (const std::int32_t id : {-1, 300, INT32_MAX}) {
    Story story;
    for (const int tokens_max : {3, 12}) {  // all of them, and more to come
      generator->start(start_of(1, random_tokens(20), tokens_max, {5, 7, id}));
      step(*generator, story);
      check_content_failure(story[1], "committed token 2 has id " + std::to_string(id));
    }
  }
  CHECK(generator->idle());  // the other one has had its three steps and more
}

TEST_CASE("a prompt beyond the vocabulary, and a spec that is none, fail as content") {
  const auto generator = make_generator();
  check_content_failure(told_of(*generator, start_of(1, {1, 300}, 4)), "id 300");
  StartRun start = start_of(2, random_tokens(9), 4);
  start.order.spec.resize(3);
  check_content_failure(told_of(*generator, start), "");
  CHECK(told_of(*generator, start_of(3, random_tokens(9), 4)).ids.size() == 4);
}

TEST_CASE("a run that finds no place when it resumes fails as one for elsewhere, and is gone") {
  const auto generator = make_generator({.sequences_max = 1, .waiting_max = 0});
  Story story;
  generator->start(start_of(1, random_tokens(40), 10));
  step(*generator, story);
  generator->pause(1);
  generator->start(start_of(2, random_tokens(40), 10));
  generator->resume(1);
  for (const RunId run : {1, 1}) {
    generator->pause(run);
    generator->resume(run);
  }
  CHECK(generator->pages_of(1).names.empty());
  finish(*generator, story);
  REQUIRE(story[1].failure);
  CHECK(story[1].failure->kind == BrokeKind::elsewhere);
  CHECK(story[2].ids.size() == 10);
}

TEST_CASE("unknown runs are ignored, and of one that was ended nothing more is told") {
  const auto generator = make_generator();
  Story story;
  generator->pause(1);
  generator->resume(1);
  generator->end(1);
  CHECK(generator->idle());
  generator->start(start_of(1, random_tokens(20), 10));
  step(*generator, story);
  generator->end(1);
  generator->end(1);
  generator->start(start_of(2, random_tokens(20), 10));
  generator->pause(2);
  generator->end(2);
  generator->start(start_of(3, {1, 300}, 4));           // fails
  generator->start(start_of(4, random_tokens(20), 0));  // ends
  generator->end(3);
  generator->end(4);
  CHECK(generator->idle());
  finish(*generator, story);
  CHECK(generator->step().failed.empty());
  CHECK(story.size() == 1);
  CHECK(story[1].ids.size() <= 1);
}

TEST_CASE("pages of one generator spare another the prompt, and change no token") {
  const TokenIds prompt = random_tokens(2 * kPageTokens + 11);
  const auto giver = make_generator(), taker = make_generator();
  const auto missing = [&] { return taker->missing_pages(prompt).names; };
  giver->start(start_of(1, prompt, 6));
  Story story;
  while (story[1].ids.empty()) step(*giver, story);
  const std::vector<kernels::Id> names = giver->pages_of(1).names;
  REQUIRE(names.size() == 2);
  CHECK(missing() == names);
  CHECK(giver->missing_pages(prompt).names.empty());
  std::vector<Page> pages;
  for (const kernels::Id& name : names) {
    auto page = giver->export_page(name);
    REQUIRE(page);
    CHECK(page->name == name);
    pages.push_back(std::move(*page));
  }
  CHECK(!pages[0].parent);
  CHECK(pages[1].parent == names[0]);
  CHECK(!taker->export_page(names[0]));
  taker->import_pages({{pages[1]}});  // without the one before it there is no place for it
  CHECK(missing() == names);
  taker->import_pages({{pages[0]}});
  CHECK(missing() == std::vector{names[1]});
  taker->import_pages({pages});
  CHECK(missing().empty());
  finish(*giver, story);
  std::uint64_t rows = 0;
  taker->start(start_of(1, prompt, 6));
  TokenIds ids;
  while (!taker->idle()) {
    const GeneratorStep step = taker->step();
    rows += step.prompt_rows;
    for (const RunToken& token : step.tokens) ids.push_back(token.id);
  }
  CHECK(ids == story[1].ids);
  CHECK(rows == 11);
}

}  // namespace pecia::actors
