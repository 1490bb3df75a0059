// What the int8 quantiser of activations costs a real model in perplexity.

#include <algorithm>
#include <cmath>

#include "kernels/text/tokenizer.hpp"
#include "kernels/weights/convert.hpp"
#include "tests/catch.hpp"
#include "tests/unit/reference/reference_model.hpp"
#include "tests/unit/reference/tiny_model.hpp"
#include "tests/unit/weights/temporary_folder.hpp"

namespace {

using namespace pecia::kernels;
using namespace pecia::kernels::testing;

// In the words the model was trained on.
constexpr std::string_view kStory =
    "Once upon a time, there was a little boy named Ben. Ben had a red ball and a big dog. One "
    "day, "
    "he went to the park with his mom. He wanted to play with his ball, but it was not in his bag. "
    "Ben was very sad. \"Do not cry,\" said his mom. \"We will look for it.\" They looked under "
    "the "
    "tree and next to the slide. Then they saw the dog run to them. The dog had the red ball in "
    "its "
    "mouth! Ben laughed and gave the dog a big hug. They played all day and went home when the sun "
    "was low. Ben and the dog were best friends.";

// Adds -log of the probability that `logits` (vocabulary) give to the next token.
template <class Logits>
double surprise(const Logits& logits, TokenId next) {
  const double top = *std::max_element(logits.begin(), logits.end());
  double total = 0;
  for (const double logit : logits) total += std::exp(logit - top);
  return std::log(total) - (static_cast<double>(logits[static_cast<std::size_t>(next)]) - top);
}

// Mean over several texts, each from its beginning.
class Perplexity {
 public:
  template <class Logits>
  void add(const Logits& logits, TokenId next) {
    sum_ += surprise(logits, next);
    ++count_;
  }
  double value() const { return std::exp(sum_ / count_); }

 private:
  double sum_ = 0;
  int count_ = 0;
};

}  // namespace

TEST_CASE("int8 activations change the perplexity of stories260K in Q8_0 by at most 0.5%") {
  const std::string folder = std::string(PECIA_SHARED_DIR) + "/models/";
  const std::string written = read_file(folder + "stories260K.greedy200.txt");
  if (written.empty()) PECIA_SKIP("stories260K is not beside the source");
  const TemporaryFolder scratch;
  const std::string converted = scratch.file("stories260K-q8_0.gguf");
  const auto source = ModelFile::open(folder + "stories260K-f32.gguf");
  REQUIRE(source.ok());
  REQUIRE(convert_gguf(*source, TensorType::q8_0, converted).ok());
  const LoadedModel loaded = load_model(converted);
  REQUIRE(loaded.model->quantisation() == "Q8_0");
  const auto tokenizer = Tokenizer::load(loaded.file);
  REQUIRE(tokenizer.ok());

  const ReferenceModel reference(loaded.file);
  ReferenceRules float_activations;
  float_activations.quantise_activations = false;
  Perplexity with_int8, with_floats, of_engine;
  for (const std::string_view text : {std::string_view(written), kStory}) {
    const std::vector<TokenId> tokens = tokenizer->encode(text, {.add_bos = true});
    const auto int8 = reference.evaluate(tokens, {});
    const auto floats = reference.evaluate(tokens, float_activations);
    const LogitRows engine = scored_logits(loaded, tokens, 0, {});
    for (std::size_t p = 0; p + 1 < tokens.size(); ++p) {
      with_int8.add(int8[p].logits, tokens[p + 1]);
      with_floats.add(floats[p].logits, tokens[p + 1]);
      of_engine.add(engine[p], tokens[p + 1]);
    }
  }
  INFO("f32 " << with_floats.value() << ", int8 " << with_int8.value() << ", engine "
              << of_engine.value());
  CHECK(with_floats.value() > 1.2);  // a text that leaves something to lose
  CHECK(std::fabs(with_int8.value() / with_floats.value() - 1) <= 5e-3);
  CHECK(std::fabs(of_engine.value() / with_floats.value() - 1) <= 5e-3);
}
