// Promise P1 inside one engine: nothing but the text, the model and the numerics decides a bit.

#include <filesystem>
#include <map>

#include "tests/catch.hpp"
#include "tests/unit/reference/tiny_model.hpp"

namespace {

using namespace pecia::kernels;
using namespace pecia::kernels::testing;

constexpr TensorType kTypes[] = {TensorType::f32, TensorType::f16, TensorType::q8_0,
                                 TensorType::q4_0};

std::vector<Isa> available() {
  std::vector<Isa> out;
  for (const Isa isa : {Isa::avx512, Isa::avx2, Isa::portable}) {
    if (has_isa(isa)) out.push_back(isa);
  }
  return out;
}

// Threads 1 and 2, batches 1 to 64, chunks 1 to 512: every value of each at least once.
std::vector<RunKnobs> knob_matrix() {
  return {{1, 1, 512, {}}, {2, 1, 1, {}}, {1, 2, 3, {}},    {2, 5, 31, {}},   {1, 16, 33, {}},
          {2, 64, 64, {}}, {2, 7, 7, {}}, {1, 64, 512, {}}, {2, 33, 100, {}}, {1, 3, 256, {}}};
}

void check_matrix(const LoadedModel& loaded, int tokens_count, bool portable_whole) {
  const auto tokens = random_tokens(tokens_count, loaded.model->params().vocabulary, 9);
  const std::string expected = digest_of(scored_logits(loaded, tokens, 0, {}));
  for (const Isa isa : available()) {
    for (RunKnobs knobs : knob_matrix()) {
      if (isa == Isa::portable && !portable_whole && knobs.batch > 3) continue;
      knobs.isa = isa;
      INFO(name_of(isa) << " threads " << knobs.threads << " batch " << knobs.batch << " chunk "
                        << knobs.chunk);
      REQUIRE(digest_of(scored_logits(loaded, tokens, 0, knobs)) == expected);
    }
  }
}

// Every generated token and the logits it was drawn from.
struct Written {
  std::vector<TokenId> tokens;
  LogitRows logits;
};

Written generate(const LoadedModel& loaded, const Request& request, const RunKnobs& knobs) {
  ThreadPool pool(knobs.threads);
  EngineOptions options;
  options.context_max = 512;
  options.chunk_tokens = knobs.chunk;
  Engine engine(loaded.model, nullptr, pool, knobs.isa, options);
  Written out;
  out.tokens = request.resume;
  engine.set_logits_sink([&](SequenceId, int, std::span<const float> logits) {
    out.logits.emplace_back(logits.begin(), logits.end());
  });
  REQUIRE(engine.add(request).ok());
  while (!engine.idle()) {
    for (const TokenEvent& event : engine.step().tokens) out.tokens.push_back(event.id);
  }
  return out;
}

}  // namespace

TEST_CASE("one SHA-256 over all logits for every thread count, batch, chunk and instruction set") {
  for (const TensorType type : kTypes) {
    INFO(traits_of(type)->name);
    check_matrix(tiny_model(type), 80, false);
  }
}

TEST_CASE("the logits of stories260K have one SHA-256 over the same matrix") {
  const std::string path = std::string(PECIA_SHARED_DIR) + "/models/stories260K-f32.gguf";
  if (!std::filesystem::exists(path)) PECIA_SKIP("stories260K-f32.gguf is not beside the source");
  check_matrix(load_model(path), 80, false);
}

TEST_CASE("pages imported from another engine give the logits of pages recomputed") {
  for (const TensorType type : kTypes) {
    const LoadedModel loaded = tiny_model(type);
    const auto tokens = random_tokens(150, loaded.model->params().vocabulary, 4);
    ThreadPool pool(2);
    EngineOptions options;
    options.context_max = 256;
    Engine first(loaded.model, nullptr, pool, best_isa(), options);
    const std::string expected = digest_of(scored_logits(first, tokens, 128));
    Engine second(loaded.model, nullptr, pool, best_isa(), options);
    for (const Id& name : first.page_names(tokens)) {
      const auto bytes = first.export_page(name);
      REQUIRE(bytes.ok());
      REQUIRE(second.import_page(*bytes).ok());
    }
    REQUIRE(digest_of(scored_logits(second, tokens, 128)) == expected);
    REQUIRE(second.stats().prompt_tokens_reused == 128);
  }
}

TEST_CASE("a text resumed at any token goes on as the text written straight through") {
  for (const TensorType type : kTypes) {
    const LoadedModel loaded = tiny_model(type);
    Request request;
    request.prompt = random_tokens(45, loaded.model->params().vocabulary, 6);
    request.tokens_max = 40;
    request.key = sampling_key(1, "1");
    request.ignore_eos = true;
    const Written straight = generate(loaded, request, {2, 1, 512, best_isa()});
    REQUIRE(straight.tokens.size() == 40);
    for (const int cut : {1, 18, 19, 20, 39}) {  // 45 + 19 is a page edge
      Request resumed = request;
      resumed.resume.assign(straight.tokens.begin(), straight.tokens.begin() + cut);
      const Written rest = generate(loaded, resumed, {1, 1, 7, best_isa()});
      REQUIRE(rest.tokens == straight.tokens);
      const LogitRows expected(straight.logits.begin() + cut, straight.logits.end());
      REQUIRE(digest_of(rest.logits) == digest_of(expected));
    }
  }
}

TEST_CASE("a prompt cut anywhere around a page edge leaves the next token's logits alone") {
  const LoadedModel loaded = tiny_model(TensorType::q8_0);
  const auto tokens = random_tokens(66, loaded.model->params().vocabulary, 8);
  const LogitRows whole = scored_logits(loaded, tokens, 0, {});
  for (int cut = 1; cut <= 65; ++cut) {
    RunKnobs knobs;
    knobs.chunk = cut;  // the first step ends at the cut
    REQUIRE(digest_of(scored_logits(loaded, tokens, 65, knobs)) == digest_of({whole[65]}));
  }
}
