// Which samples a run sees: a pure function of step and index, stage after stage.

#include "kernels/training/curriculum.hpp"

#include <set>

#include "tests/catch.hpp"
#include "tests/unit/training/training_runs.hpp"

namespace {

using namespace pecia::kernels;
using namespace pecia::kernels::testing;

// Document i is the tokens i, i, ... of the length asked for.
class NumberedDocuments : public DocumentSource {
 public:
  explicit NumberedDocuments(std::uint8_t number) : number_(number) {}
  Expected<Sequence> document(std::uint64_t index, int length) const override {
    const auto targets = static_cast<std::size_t>(length);
    return Sequence{std::vector<TokenId>(targets + 1, static_cast<TokenId>(index)),
                    std::vector<float>(targets, 1.0f)};
  }
  Id fingerprint() const override { return Id{number_}; }

 private:
  std::uint8_t number_;
};

const NumberedDocuments kDocuments(1), kOthers(2);
const std::vector<Stage> kStages = {
    {64, 3, 10, nullptr}, {128, 5, 3, &kDocuments}, {512, 2, 2, &kDocuments}};

std::vector<TokenId> first_tokens(const Curriculum& curriculum, std::uint64_t step) {
  std::vector<TokenId> tokens;
  for (int i = 0; i < curriculum.batch(step); ++i) {
    for (const Sequence& sequence : must(curriculum.sample(step, i))) {
      tokens.push_back(sequence.tokens.front());
    }
  }
  return tokens;
}

TEST_CASE("stages follow each other, no document is left out, and the last stage goes on") {
  const Curriculum curriculum(1'000, 7, kStages);
  CHECK(curriculum.steps() == 10);
  CHECK(curriculum.targets_before(3) == 3 * 10 * 64);
  CHECK(curriculum.targets_before(10) == 3 * 10 * 64 + 5 * 3 * 128 + 2 * 2 * 512);
  CHECK(first_tokens(curriculum, 3) == std::vector<TokenId>{30, 31, 32});
  CHECK(first_tokens(curriculum, 4) == std::vector<TokenId>{33, 34, 35});
  CHECK(first_tokens(curriculum, 8) == std::vector<TokenId>{45, 46});
  CHECK(first_tokens(curriculum, 11) == std::vector<TokenId>{51, 52});
}

TEST_CASE("short sequences share a unit, long ones stand alone") {
  const Curriculum curriculum(1'000, 7, kStages);
  CHECK(curriculum.batch(0) == 3);
  CHECK(must(curriculum.sample(0, 0)).size() == 4);
  CHECK(must(curriculum.sample(0, 2)).size() == 2);
  CHECK(must(curriculum.sample(3, 0)).size() == 2);
  CHECK(curriculum.batch(9) == 2);
  CHECK(must(curriculum.sample(9, 1)).size() == 1);
}

TEST_CASE("a stage of repeats counts only what can be copied") {
  const Curriculum curriculum(50, 7, {{63, 1, 1, nullptr}});
  const Sequence sequence = must(curriculum.sample(0, 0)).front();
  REQUIRE(sequence.tokens.size() == 64);
  REQUIRE(sequence.weights.size() == 63);
  float counted = 0;
  for (std::size_t i = 0; i < 32; ++i) CHECK(sequence.tokens[i] == sequence.tokens[i + 32]);
  for (const float weight : sequence.weights) counted += weight;
  CHECK(counted == 32);
  CHECK(sequence.weights[30] == 0);
  CHECK(sequence.weights[31] == 1);
  const Curriculum other(50, 8, {{63, 1, 1, nullptr}});
  CHECK(must(other.sample(0, 0)).front().tokens != sequence.tokens);
}

TEST_CASE("a curriculum's fingerprint tells vocabulary, seed, stages and documents apart") {
  const auto with = [](auto change) {
    std::vector<Stage> stages = kStages;
    change(stages);
    return Curriculum(1'000, 7, stages).fingerprint();
  };
  const Id same = with([](auto&) {});
  CHECK(same == Curriculum(1'000, 7, kStages).fingerprint());
  const std::vector<Id> others = {
      Curriculum(1'001, 7, kStages).fingerprint(),
      Curriculum(1'000, 8, kStages).fingerprint(),
      with([](auto& stages) { stages[0].length = 65; }),
      with([](auto& stages) { stages[1].steps = 6; }),
      with([](auto& stages) { stages[2].sequences = 3; }),
      with([](auto& stages) { stages[1].documents = &kOthers; }),
      with([](auto& stages) { stages[1].documents = nullptr; }),
      with([](auto& stages) { std::swap(stages[1], stages[2]); }),
      with([](auto& stages) { stages.pop_back(); }),
  };
  std::set<Id> all(others.begin(), others.end());
  all.insert(same);
  CHECK(all.size() == others.size() + 1);
}

}  // namespace
