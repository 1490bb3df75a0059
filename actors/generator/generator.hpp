#pragma once
// What computes the tokens of a worker's runs, step after step: a real engine, or a fake one where
// only the protocol is measured. Every run is a pure function of its order; which runs share a step
// decides speed alone.
//
//   start -> reads its prompt -> gives tokens -> its last token, or failed
//                                    ^  |
//                             resume '--' pause
//
// Thread rule: one caller at a time, whichever thread that is on.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "actors/cache/page_exchange.hpp"
#include "actors/worker/worker_core.hpp"
#include "kernels/base/expected.hpp"

namespace pecia::actors {

struct RunToken {
  RunId run = 0;
  std::int32_t id = 0;
  std::optional<runtime::OfferEnd> end;  // it is the last one
};
// Ended without a further token: none was asked for, or the committed ones are all.
struct RunEnd {
  RunId run = 0;
  runtime::OfferEnd end;
};
struct RunPrefill {
  RunId run = 0;
  std::uint64_t prompt_tokens = 0;  // that were read since it began, of whichever runs
};
struct RunFailure {
  RunId run = 0;
  runtime::BrokeKind kind = runtime::BrokeKind::elsewhere;
  std::string why;
};

// What one step gave. A run that has ended or failed is gone.
struct GeneratorStep {
  std::vector<RunPrefill> prefilled;
  std::vector<RunToken> tokens;
  std::vector<RunEnd> ended;
  std::vector<RunFailure> failed;
  std::uint64_t prompt_rows = 0, elapsed_us = 0;  // of this step
};

// What a worker computes with: it takes no order that asks for anything else.
struct GeneratorIdentity {
  kernels::Id model{};
  std::string numerics;
};

class Generator {
 public:
  virtual ~Generator() = default;

  virtual const GeneratorIdentity& identity() const = 0;

  // What is wrong with an order shows as a failure in the next step. REQUIRES a new run.
  virtual void start(const StartRun& started) = 0;
  // Unknown runs, those that have ended among them, are ignored here. Of a run that was ended no
  // step tells anything more.
  virtual void pause(RunId run) = 0;
  virtual void resume(RunId run) = 0;
  virtual void end(RunId run) = 0;

  virtual bool idle() const = 0;
  virtual GeneratorStep step() = 0;

  // -- pages of prompts; none where a generator keeps none

  // Those of the prompt's full pages that are not here, from the first missing one on.
  virtual PageNames missing_pages(std::span<const std::int32_t> prompt) = 0;
  virtual void import_pages(const Pages& pages) = 0;  // what does not fit is left out
  // Full pages of the run's prompt, once it has given a token.
  virtual PageNames pages_of(RunId run) = 0;
  virtual std::optional<Page> export_page(const kernels::Id& name) = 0;
};

}  // namespace pecia::actors
