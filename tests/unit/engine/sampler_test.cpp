#include "kernels/engine/sampler.hpp"

#include <cmath>
#include <cstring>
#include <limits>
#include <string>

#include "kernels/base/hash.hpp"
#include "kernels/cpu/kernel_table.hpp"
#include "tests/catch.hpp"
#include "tests/unit/engine/sampler_reference.hpp"

namespace pecia::kernels {
namespace {

// Random values for tests from the one generator the project has.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : seed_(seed) {}
  std::uint64_t below(std::uint64_t n) { return philox64(seed_, next_++, 0) % n; }
  float between(double low, double high) {
    return static_cast<float>(low + (high - low) * unit_double(philox64(seed_, next_++, 1)));
  }

 private:
  std::uint64_t seed_;
  std::uint64_t next_ = 0;
};

std::vector<float> random_logits(Dice& dice, std::size_t n, double spread) {
  std::vector<float> logits(n);
  for (float& l : logits) l = dice.between(-spread, spread) * dice.between(0, 1);
  return logits;
}

// Logits on a coarse grid, zeros of both signs among them: most tokens tie with others.
std::vector<float> tied_logits(Dice& dice, std::size_t n) {
  std::vector<float> logits(n);
  for (float& l : logits) {
    l = static_cast<float>(dice.below(9)) * 0.5f - 2.0f;
    if (l == 0 && dice.below(2) == 0) l = -0.0f;
  }
  return logits;
}

SamplingParams random_params(Dice& dice) {
  const float min_ps[] = {0.0f, 0.05f, 0.5f, 1.0f};
  const float top_ps[] = {1.0f, 0.95f, 0.5f, 0.0f};
  const int top_ks[] = {0, 1, 40, 300, 5'000};
  SamplingParams params;
  params.temperature = dice.below(5) == 0 ? 0.0f : dice.between(0.05, 2.5);
  params.top_k = top_ks[dice.below(5)];
  params.top_p = top_ps[dice.below(4)];
  params.min_p = min_ps[dice.below(4)];
  if (dice.below(2) == 0) params.repeat_penalty = dice.between(0.8, 1.5);
  if (dice.below(2) == 0) params.frequency_penalty = dice.between(-0.5, 0.5);
  if (dice.below(2) == 0) params.presence_penalty = dice.between(-0.5, 0.5);
  params.penalty_window = static_cast<int>(dice.below(4)) * 20 - 1;
  if (dice.below(2) == 0) params.logit_bias = {{3, 1.5f}, {0, -2.0f}, {3, 0.1f}};
  return params;
}

SamplingParams plain(float temperature) {
  SamplingParams params;
  params.temperature = temperature;
  params.top_k = 0;
  params.top_p = 1.0f;
  params.min_p = 0.0f;
  return params;
}

void require_equal_to_reference(Sampler& sampler, const std::vector<float>& logits,
                                const std::vector<TokenId>& history, const SamplingParams& params,
                                std::uint64_t position) {
  const auto token = sampler.sample(logits, history, params, 77, position);
  const auto expected = reference::sample(logits, history, params, 77, position);
  REQUIRE(token.ok());
  CAPTURE(logits.size(), params.temperature, params.top_k, params.top_p, params.min_p, position);
  REQUIRE(token->id == expected.id);
  REQUIRE(std::memcmp(&token->logprob, &expected.logprob, sizeof(float)) == 0);
}

TokenId sampled_id(const std::vector<float>& logits, const SamplingParams& params,
                   const std::vector<TokenId>& history = {}) {
  return Sampler().sample(logits, history, params, 1, 0).value().id;
}

}  // namespace

TEST_CASE("every draw equals the plain reference bit for bit, whatever the parameters") {
  Dice dice(1);
  Sampler sampler;
  for (std::uint64_t round = 0; round < 600; ++round) {
    const std::size_t n = 4 + dice.below(round % 10 == 0 ? 5'000 : 700);
    const auto logits = round % 3 == 0 ? tied_logits(dice, n) : random_logits(dice, n, 12);
    std::vector<TokenId> history(dice.below(100));
    for (TokenId& id : history) id = static_cast<TokenId>(dice.below(n));
    require_equal_to_reference(sampler, logits, history, random_params(dice), round);
  }
}

TEST_CASE("a vocabulary of 128,000 ids draws as the reference does, sorted only as far as needed") {
  Dice dice(2);
  Sampler sampler;
  std::vector<float> ascending(128'000);
  for (std::size_t i = 0; i < ascending.size(); ++i) ascending[i] = static_cast<float>(i) * 1e-4f;
  auto flat = tied_logits(dice, 128'256);
  auto peaked = random_logits(dice, 128'256, 25);
  for (const auto* logits : {&ascending, &flat, &peaked})
    for (const SamplingParams& params : {plain(1.0f), plain(0.3f), SamplingParams{}})
      require_equal_to_reference(sampler, *logits, {}, params, 9);
}

TEST_CASE("every instruction set draws the same tokens with the same logprobs") {
  Dice dice(7);
  const auto logits = random_logits(dice, 5'003, 15);
  const KernelTableList list = runnable_kernel_tables();
  for (int i = 0; i < list.count; ++i) {
    CAPTURE(list.tables[i]->name);
    Sampler sampler(list.tables[i]->exp);
    for (const SamplingParams& params : {plain(0.9f), SamplingParams{}})
      for (std::uint64_t position = 0; position < 20; ++position)
        require_equal_to_reference(sampler, logits, {}, params, position);
  }
}

TEST_CASE("a sum that ends exactly at a whole chunk, one short of it or one past it is the same") {
  Dice dice(3);
  Sampler sampler;
  for (const std::size_t n : {1u, 15u, 16u, 17u, 1'023u, 1'024u, 1'025u, 2'048u})
    for (std::uint64_t position = 0; position < 5; ++position)
      require_equal_to_reference(sampler, random_logits(dice, n, 3), {}, plain(1.3f), position);
}

TEST_CASE("temperature 0 takes the likeliest token, the smallest id where several tie") {
  REQUIRE(sampled_id({1, 5, 5, 2}, plain(0)) == 1);
  REQUIRE(sampled_id({-1, -0.0f, 0.0f}, plain(0)) == 1);
}

TEST_CASE("top_k cuts ties by id") {
  SamplingParams params = plain(1);
  params.top_k = 2;
  const std::vector<float> logits = {0, 1, 1, 1};
  Sampler sampler;
  for (std::uint64_t position = 0; position < 200; ++position) {
    const TokenId id = sampler.sample(logits, {}, params, 5, position).value().id;
    REQUIRE((id == 1 || id == 2));
  }
}

TEST_CASE("top_p stops at the token that reaches its share exactly") {
  SamplingParams params = plain(1);
  params.top_p = 0.5f;
  const std::vector<float> four_alike = {7, 7, 7, 7};
  Sampler sampler;
  for (std::uint64_t position = 0; position < 200; ++position)
    REQUIRE(sampler.sample(four_alike, {}, params, 5, position).value().id < 2);
}

TEST_CASE("penalties apply in the order repeat, frequency, presence, bias") {
  SamplingParams params = plain(0);
  params.repeat_penalty = 2.0f;
  params.frequency_penalty = 0.5f;
  params.presence_penalty = 0.25f;
  // Token 1 occurs three times: 8 / 2 - 3 * 0.5 - 0.25 = 2.25.
  const std::vector<TokenId> history = {1, 1, 1};
  REQUIRE(sampled_id({2.26f, 8.0f}, params, history) == 0);
  REQUIRE(sampled_id({2.24f, 8.0f}, params, history) == 1);
  // A negative logit is multiplied: -1 * 2 - 1.75 = -3.75; then the bias of 0.5 is added.
  params.logit_bias = {{1, 0.5f}};
  REQUIRE(sampled_id({-3.24f, -1.0f}, params, history) == 0);
  REQUIRE(sampled_id({-3.26f, -1.0f}, params, history) == 1);
}

TEST_CASE("penalties look at the last tokens of the window alone") {
  SamplingParams params = plain(0);
  params.presence_penalty = 3.0f;
  params.penalty_window = 2;
  const std::vector<float> logits = {5, 4, 3};
  REQUIRE(sampled_id(logits, params, {0, 1, 1}) == 0);
  REQUIRE(sampled_id(logits, params, {1, 0, 2}) == 1);
  params.penalty_window = 0;
  REQUIRE(sampled_id(logits, params, {0, 0, 0}) == 0);
  params.penalty_window = -1;
  REQUIRE(sampled_id(logits, params, {0, 2, 2}) == 1);
}

TEST_CASE("the logprob is the log softmax of the raw logits, penalties and temperature aside") {
  Dice dice(4);
  const auto logits = random_logits(dice, 3'000, 9);
  double sum = 0;
  for (const float l : logits) sum += std::exp(static_cast<double>(l));
  SamplingParams params = plain(2.0f);
  params.logit_bias = {{7, 100.0f}};
  const auto token = Sampler().sample(logits, {}, params, 1, 0).value();
  REQUIRE(token.id == 7);
  REQUIRE(token.logprob == Approx(static_cast<double>(logits[7]) - std::log(sum)).epsilon(1e-6));
}

TEST_CASE("draws follow the softmax: chi-square of 100,000 draws over 20 tokens") {
  Dice dice(5);
  const auto logits = random_logits(dice, 20, 3);
  const float temperature = 0.7f;
  std::vector<double> p;
  double total = 0;
  for (const float l : logits) p.push_back(std::exp(static_cast<double>(l / temperature)));
  for (const double w : p) total += w;
  std::vector<int> counts(logits.size());
  Sampler sampler;
  constexpr int kDraws = 100'000;
  for (std::uint64_t position = 0; position < kDraws; ++position) {
    const auto token = sampler.sample(logits, {}, plain(temperature), 11, position);
    ++counts[static_cast<std::size_t>(token.value().id)];
  }
  double chi_square = 0;
  for (std::size_t i = 0; i < p.size(); ++i) {
    const double expected = p[i] / total * kDraws;
    chi_square += (counts[i] - expected) * (counts[i] - expected) / expected;
  }
  REQUIRE(chi_square < 43.8);  // 99.9% point for 19 degrees of freedom
  REQUIRE(chi_square > 5.4);   // 0.1% point: too even is as suspicious
}

TEST_CASE("10,000 draws keep their golden digest") {
  Dice dice(6);
  Sampler sampler;
  Sha256 digest;
  std::vector<TokenId> history;
  const auto logits = random_logits(dice, 2'000, 10);
  const std::uint64_t key = sampling_key(1, "0");
  SamplingParams params;
  params.repeat_penalty = 1.1f;
  for (std::uint64_t position = 0; position < 10'000; ++position) {
    const auto token = sampler.sample(logits, history, params, key, position).value();
    history.push_back(token.id);
    digest.update(std::as_bytes(std::span(&token.id, 1)));
    digest.update(std::as_bytes(std::span(&token.logprob, 1)));
  }
  REQUIRE(hex(digest.finish()) ==
          "9e9f6d2d758539941b74006bc296ff741231e11232db77b29752f0d02e096758");
}

TEST_CASE("the sampling key is the first 8 bytes of H(seed, path)") {
  // SHA-256 of 08000000 0100000000000000 01000000 30, as sha256sum gives it.
  REQUIRE(sampling_key(1, "0") == 0x3cd4fae64d01f9f5ull);
  REQUIRE(sampling_key(1, "0") != sampling_key(1, "1"));
  REQUIRE(sampling_key(1, "0") != sampling_key(2, "0"));
}

TEST_CASE("a logit that is not finite is an error that names the position") {
  for (const float bad :
       {std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity(),
        std::numeric_limits<float>::quiet_NaN()}) {
    const auto token = Sampler().sample(std::vector{1.0f, bad, 2.0f}, {}, {}, 1, 41);
    REQUIRE(!token.ok());
    REQUIRE(token.error().kind == ErrorKind::refuse);
    REQUIRE(token.error().message == "non-finite logits at position 41");
  }
}

TEST_CASE("a penalty that overflows a logit is an error as well") {
  SamplingParams params = plain(0.5f);
  params.repeat_penalty = 0.01f;
  const std::vector<TokenId> history = {0};
  const auto token = Sampler().sample(std::vector{3e38f, 1.0f}, history, params, 1, 3);
  REQUIRE(!token.ok());
  REQUIRE(token.error().message == "non-finite logits at position 3");
}

TEST_CASE("logits as far apart as floats go are drawn without overflow") {
  const std::vector<float> logits = {-3.4e38f, 3.4e38f, -3.4e38f};
  const auto token = Sampler().sample(logits, {}, plain(1e-6f), 1, 0).value();
  REQUIRE(token.id == 1);
  REQUIRE(token.logprob == 0.0f);
}

TEST_CASE("a bias for a token outside the vocabulary is refused by its id") {
  SamplingParams params;
  params.logit_bias = {{3, 1.0f}};
  const auto token = Sampler().sample(std::vector{1.0f, 2.0f, 3.0f}, {}, params, 1, 0);
  REQUIRE(!token.ok());
  REQUIRE(token.error().message == "logit_bias names token 3; the vocabulary ends at 2");
}

TEST_CASE("parameters outside their ranges are refused by name") {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const auto refused = [](auto change) {
    SamplingParams params;
    change(params);
    const Status status = check(params);
    return status ? std::string("accepted") : status.error().message;
  };
  using P = SamplingParams;
  REQUIRE(refused([](P&) {}) == "accepted");
  REQUIRE(refused([](P& p) { p.temperature = 0; }) == "accepted");
  REQUIRE(refused([](P& p) { p.top_p = 1.5f; }) == "top_p is 1.5; it must lie between 0 and 1");
  const auto names = [&](const std::string& field, auto change) {
    return refused(change).rfind(field + " ", 0) == 0;
  };
  REQUIRE(names("temperature", [](P& p) { p.temperature = -1; }));
  REQUIRE(names("temperature", [](P& p) { p.temperature = 1e-9f; }));
  REQUIRE(names("temperature", [&](P& p) { p.temperature = nan; }));
  REQUIRE(names("top_k", [](P& p) { p.top_k = -1; }));
  REQUIRE(names("top_p", [&](P& p) { p.top_p = nan; }));
  REQUIRE(names("min_p", [](P& p) { p.min_p = -0.1f; }));
  REQUIRE(names("repeat_penalty", [](P& p) { p.repeat_penalty = 0; }));
  REQUIRE(names("frequency_penalty", [](P& p) { p.frequency_penalty = 101; }));
  REQUIRE(names("presence_penalty", [&](P& p) { p.presence_penalty = nan; }));
  REQUIRE(names("penalty_window", [](P& p) { p.penalty_window = -2; }));
  REQUIRE(names("logit_bias", [](P& p) { p.logit_bias = {{-1, 0.0f}}; }));
  REQUIRE(names("logit_bias", [&](P& p) { p.logit_bias = {{0, nan}}; }));
  REQUIRE(names("logit_bias", [](P& p) { p.logit_bias.assign(5'000, {0, 0.0f}); }));
}

}  // namespace pecia::kernels
