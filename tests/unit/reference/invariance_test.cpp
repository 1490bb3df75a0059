// Promise P1 inside one engine: nothing but the text, the model and the numerics decides a bit.

#include <filesystem>
#include <utility>

#include "kernels/weights/convert.hpp"
#include "tests/catch.hpp"
#include "tests/unit/reference/tiny_model.hpp"
#include "tests/unit/weights/temporary_folder.hpp"

namespace {

using namespace pecia::kernels;
using namespace pecia::kernels::testing;

constexpr TensorType kTypes[] = {TensorType::f32,  TensorType::f16,  TensorType::bf16,
                                 TensorType::q8_0, TensorType::q4_0, TensorType::q4_1,
                                 TensorType::q5_0, TensorType::q5_1, TensorType::q4_k,
                                 TensorType::q5_k, TensorType::q6_k};

std::vector<Isa> available() {
  std::vector<Isa> out;
  for (const Isa isa : {Isa::avx512, Isa::avx2, Isa::portable}) {
    if (has_isa(isa)) out.push_back(isa);
  }
  return out;
}

// Threads 1 and 2, batches 1 to 64, chunks 1 to 512: every value of each at least once. Portable
// code is slow: its mates are short.
std::vector<RunKnobs> knob_matrix(Isa isa) {
  const int mates = isa == Isa::portable ? 3 : 60;
  return {{1, 1, 512, isa, mates}, {2, 1, 1, isa, mates},    {1, 2, 3, isa, mates},
          {2, 5, 31, isa, mates},  {1, 16, 33, isa, mates},  {2, 64, 64, isa, mates},
          {2, 7, 7, isa, mates},   {1, 64, 512, isa, mates}, {2, 33, 100, isa, mates},
          {1, 3, 256, isa, mates}};
}

std::string check_matrix(const LoadedModel& loaded) {
  const auto tokens = random_tokens(80, loaded.model->params().vocabulary, 9);
  std::string expected = digest_of(scored_logits(loaded, tokens, 0, {}));
  for (const Isa isa : available()) {
    for (const RunKnobs& knobs : knob_matrix(isa)) {
      INFO(name_of(isa) << " threads " << knobs.threads << " batch " << knobs.batch << " chunk "
                        << knobs.chunk);
      REQUIRE(digest_of(scored_logits(loaded, tokens, 0, knobs)) == expected);
    }
  }
  return expected;
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

void check_imported_pages(const LoadedModel& loaded) {
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

void check_resumed(const LoadedModel& loaded) {
  Request request;
  request.prompt = random_tokens(45, loaded.model->params().vocabulary, 6);
  request.tokens_max = 40;
  request.key = sampling_key(1, "1");
  request.ignore_eos = true;
  const Written straight = generate(loaded, request, {.threads = 2, .chunk = 512});
  REQUIRE(straight.tokens.size() == 40);
  for (const int cut : {1, 18, 19, 20, 39}) {  // 45 + 19 is a page edge
    Request resumed = request;
    resumed.resume.assign(straight.tokens.begin(), straight.tokens.begin() + cut);
    const Written rest = generate(loaded, resumed, {.chunk = 7});
    REQUIRE(rest.tokens == straight.tokens);
    const LogitRows expected(straight.logits.begin() + cut, straight.logits.end());
    REQUIRE(digest_of(rest.logits) == digest_of(expected));
  }
}

// Longer than the largest chunk, so that every one of these cuts it elsewhere.
void check_long_text(const LoadedModel& loaded) {
  const auto tokens = random_tokens(600, loaded.model->params().vocabulary, 5);
  const std::string expected = digest_of(scored_logits(loaded, tokens, 0, {.chunk = 64}));
  for (const int chunk : {100, 256, 511, 512}) {
    INFO("chunk " << chunk);
    REQUIRE(digest_of(scored_logits(loaded, tokens, 0, {.threads = 2, .chunk = chunk})) ==
            expected);
  }
}

void check_everything(const LoadedModel& loaded) {
  check_matrix(loaded);
  check_imported_pages(loaded);
  check_resumed(loaded);
  check_long_text(loaded);
}

const std::string kStories = std::string(PECIA_SHARED_DIR) + "/models/stories260K-f32.gguf";
const std::string kBuiltIn =
    std::string(PECIA_SOURCE_DIR) + "/config/chronicle/pecia-chronicle-q8_0.gguf";

}  // namespace

// The literal digests catch a change that moves all instruction sets together.
TEST_CASE("one SHA-256 over all logits for every thread count, batch, chunk and instruction set") {
  const std::pair<TensorType, std::string> known[] = {
      {TensorType::f32, "868161e808d6597e120eca9fa11ed12b80271bb7e604deb26213ed01d46e6533"},
      {TensorType::f16, "7edecae83ea91a18b68fd7f600c517c3bdb6d25020e06ac72d9fa7f75d3a412a"},
      {TensorType::q8_0, "a18a88b3967328bebf48175a8b8f6fdf44f7f8413c4aededbf8fbc75d0516e2d"},
      {TensorType::q4_0, "316f51ffa00eb745553de3d85bf027640a803d9739c499a3e365bf8baaa5a7c8"},
      {TensorType::bf16, "4ca121874122e6797ca192068db156247f1d7239077da4fbf0705a1f56ffa88d"},
      {TensorType::q4_1, "ab878b3780753514dd5f7fc1d678d756952a24519e72efe1c4f2c37a9a27ce66"},
      {TensorType::q5_0, "9aa298d39a95f6fdbc349a90e0655a4abb216c467b2bc954a2cd2284311e3621"},
      {TensorType::q5_1, "5568e6dd5c394a8edd34b49f3918ac0cf3387efc238fbe4792faf8994657ae88"},
      {TensorType::q4_k, "ca55b20675f4d932d1dd91a6aab98d991015a912d93b0c76176645513ee148fd"},
      {TensorType::q5_k, "82e23847a57186f163bb56dfe65a2be33ed14cf5ab470fa5fe7bf974d7d01bb0"},
      {TensorType::q6_k, "b4f1f545e1a81350cc16d45c2dcc0973c68ece9c5fe01af21ab9fd917dd8df45"}};
  for (const auto& [type, digest] : known) {
    INFO(traits_of(type)->name);
    CHECK(check_matrix(tiny_model(type)) == digest);
  }
}

TEST_CASE("a text longer than the largest chunk gives the same logits however it is cut") {
  for (const TensorType type : kTypes) {
    INFO(traits_of(type)->name);
    check_long_text(tiny_model(type));
  }
}

TEST_CASE("a model of mixed formats keeps its bits over the matrix, carried pages and resumption") {
  check_everything(tiny_model(*recipe_named("q4_k_m"), grouped_shape()));
}

TEST_CASE("stories260K keeps its bits over the matrix, carried pages, cuts and resumption") {
  if (!std::filesystem::exists(kStories))
    PECIA_SKIP("stories260K-f32.gguf is not beside the source");
  check_everything(load_model(kStories));
  const ModelFile source = ModelFile::open(kStories).value();
  const TemporaryFolder scratch;
  for (const TensorType type : {TensorType::f16, TensorType::q8_0, TensorType::q4_0}) {
    INFO(traits_of(type)->name);
    const std::string converted = scratch.file("stories.gguf");
    REQUIRE(convert_gguf(source, type, converted).ok());
    check_everything(load_model(converted));
  }
}

TEST_CASE("every architecture keeps its bits over the matrix, carried pages, cuts and resumption") {
  for (const SynthShape& shape : architecture_shapes()) {
    INFO(shape.name);
    check_everything(tiny_model(TensorType::q8_0, shape));
    check_matrix(tiny_model(TensorType::f32, shape));
  }
}

TEST_CASE("the built-in model keeps its bits over the matrix, carried pages, cuts and resumption") {
  check_everything(load_model(kBuiltIn));
}
