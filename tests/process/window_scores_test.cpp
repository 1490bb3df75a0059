#include "apps/pecia/window_scores.hpp"

#include <cmath>

#include "kernels/base/philox.hpp"
#include "tests/catch.hpp"

using namespace pecia;
using kernels::TokenId;

namespace {

constexpr int kVocabulary = 7;

std::vector<TokenId> text_of(int count) {
  std::vector<TokenId> tokens;
  for (int i = 0; i < count; ++i) tokens.push_back(static_cast<TokenId>(i % kVocabulary));
  return tokens;
}

std::vector<float> logits_of(std::size_t window, int position) {
  std::vector<float> logits;
  for (std::uint64_t i = 0; i < kVocabulary; ++i) {
    const std::uint64_t bits = kernels::philox64(window, static_cast<std::uint64_t>(position), i);
    logits.push_back(static_cast<float>(kernels::unit_double(bits)));
  }
  return logits;
}

struct Figures {
  double perplexity;
  std::string digest;
  bool operator==(const Figures&) const = default;
};

// Rows drawn from the windows in an order that `seed` decides; each window's rows ascend.
Figures score(const std::vector<apps::ScoreWindow>& windows, std::uint64_t seed) {
  apps::WindowScores scores(windows);
  std::vector<int> next;
  for (const apps::ScoreWindow& window : windows) next.push_back(window.first);
  for (std::uint64_t draw = 0; !scores.complete(); ++draw) {
    const std::size_t k =
        seed == 0 ? scores.current() : kernels::philox64(seed, draw, 0) % windows.size();
    if (next[k] == windows[k].last()) continue;
    scores.take(k, next[k], logits_of(k, next[k]));
    ++next[k];
  }
  return {scores.perplexity(), scores.logits_sha256()};
}

}  // namespace

TEST_CASE("whole windows are cut, begin with the text's first token and score their second half") {
  const auto windows = apps::cut_windows(text_of(26), 8, 6);
  REQUIRE(windows.ok());
  REQUIRE(windows->size() == 3);
  for (const apps::ScoreWindow& window : *windows) {
    CHECK(window.tokens.size() == 8);
    CHECK(window.tokens.front() == 6);
    CHECK(window.first == 4);
    CHECK(window.last() == 7);
  }
  CHECK((*windows)[1].tokens[1] == text_of(26)[9]);
}

TEST_CASE("a text shorter than a window is scored whole, one token alone is refused") {
  const auto windows = apps::cut_windows(text_of(5), 8, -1);
  REQUIRE(windows.ok());
  REQUIRE(windows->size() == 1);
  CHECK(windows->front().first == 0);
  CHECK(windows->front().last() == 4);
  CHECK_FALSE(apps::cut_windows(text_of(1), 8, -1).ok());
}

TEST_CASE("figures do not depend on the order in which windows advance") {
  const auto windows = apps::cut_windows(text_of(50), 8, 1);
  REQUIRE(windows.ok());
  const Figures in_order = score(*windows, 0);
  for (std::uint64_t seed = 1; seed < 50; ++seed) REQUIRE(score(*windows, seed) == in_order);
}

TEST_CASE("logits that are not finite are found where they stand, whatever else is finite") {
  const auto windows = apps::cut_windows(text_of(24), 8, -1);
  REQUIRE(windows.ok());
  for (const float wrong : {std::nanf(""), HUGE_VALF, -HUGE_VALF}) {
    apps::WindowScores scores(*windows);
    std::vector<float> logits(kVocabulary, 2.5f);
    for (int p = 4; p < 7; ++p) scores.take(0, p, logits);
    CHECK_FALSE(scores.not_finite_at());
    logits.front() = wrong;
    scores.take(1, 4, logits);
    CHECK(scores.not_finite_at() == std::size_t{12});
  }
}

TEST_CASE("the perplexity of equal logits is the size of the vocabulary") {
  const auto windows = apps::cut_windows(text_of(24), 8, -1);
  REQUIRE(windows.ok());
  apps::WindowScores scores(*windows);
  const std::vector<float> flat(kVocabulary, 2.5f);
  for (std::size_t k = 0; k < windows->size(); ++k) {
    for (int p = (*windows)[k].first; p < (*windows)[k].last(); ++p) scores.take(k, p, flat);
  }
  CHECK(scores.tokens() == 9);
  CHECK(scores.perplexity() == Approx(kVocabulary));
}
