#pragma once
// A language model without a language: the next token is a hash of the step and all tokens before
// it, and, where it is impure, of the attempt that generates. A pure one hides broken chains, for
// every attempt writes the same; an impure one hides nothing, for a pure cluster never mixes two
// attempts at one position. Tests need both.

#include <optional>
#include <set>
#include <span>
#include <string>

#include "runtime/wire/messages.hpp"

namespace pecia::world {

class FakeModel {
 public:
  explicit FakeModel(bool impure) : impure_(impure) {}

  // Behind `before`; by the attempt that began the run.
  std::int32_t next(const runtime::StepName& step, std::span<const std::int32_t> before,
                    const runtime::AttemptId& attempt) const;
  // Whether `token` is what one of the attempts would have written there.
  bool could_write(const runtime::StepName& step, std::span<const std::int32_t> before,
                   std::int32_t token, const std::set<runtime::AttemptId>& attempts) const;
  // Where the tokens so far are the last ones.
  static std::optional<runtime::OfferEnd> end_of(std::span<const std::int32_t> tokens,
                                                 int tokens_max);
  bool impure() const { return impure_; }

 private:
  bool impure_;
};

// One letter a token.
std::string text_of(std::span<const std::int32_t> tokens);

}  // namespace pecia::world
