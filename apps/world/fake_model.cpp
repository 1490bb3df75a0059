#include "apps/world/fake_model.hpp"

#include <algorithm>

#include "kernels/base/philox.hpp"

namespace pecia::world {

using namespace runtime;

namespace {

constexpr std::int32_t kTokens = 1'000;
constexpr std::int32_t kEndToken = 7;  // one in a thousand: some steps end early

std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  a = (a ^ b) * 0x9E3779B97F4A7C15u;
  return a ^ (a >> 29);
}

}  // namespace

std::int32_t FakeModel::next(const StepName& step, std::span<const std::int32_t> before,
                             const AttemptId& attempt) const {
  std::uint64_t hash = mix(before.size(), step.job[0]);
  for (const char c : step.path) hash = mix(hash, static_cast<unsigned char>(c));
  // The last tokens alone: a prefix that differs further back is told by the chain.
  const std::size_t looks_at = std::min<std::size_t>(before.size(), 8);
  for (const std::int32_t token : before.last(looks_at))
    hash = mix(hash, static_cast<std::uint64_t>(token));
  if (impure_) hash = mix(mix(hash, attempt.term), attempt.n);
  return static_cast<std::int32_t>(mix(hash, 1) % kTokens);
}

bool FakeModel::could_write(const StepName& step, std::span<const std::int32_t> before,
                            std::int32_t token, const std::set<AttemptId>& attempts) const {
  return std::any_of(attempts.begin(), attempts.end(), [&](const AttemptId& attempt) {
    return next(step, before, attempt) == token;
  });
}

std::optional<OfferEnd> FakeModel::end_of(std::span<const std::int32_t> tokens, int tokens_max) {
  const bool full = tokens.size() >= static_cast<std::size_t>(tokens_max);
  const bool eos = !tokens.empty() && tokens.back() == kEndToken;
  if (!full && !eos) return std::nullopt;
  const std::string text = text_of(tokens);
  return OfferEnd{eos ? StepEnd::eos : StepEnd::length, text.size(),
                  kernels::FieldHash().field(text).id()};
}

std::string text_of(std::span<const std::int32_t> tokens) {
  std::string text;
  for (const std::int32_t token : tokens) text += static_cast<char>('a' + token % 26);
  return text;
}

}  // namespace pecia::world
