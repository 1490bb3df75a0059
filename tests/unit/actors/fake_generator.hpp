#pragma once
// A generator without a model: the tokens of a step are a pure function of its path, as many as
// were asked for. Thread rule: as Generator.

#include <algorithm>
#include <map>
#include <vector>

#include "actors/generator/generator.hpp"
#include "kernels/base/philox.hpp"
#include "kernels/text/slice_text.hpp"
#include "runtime/wire/codec.hpp"

namespace pecia::actors::test {

class FakeGenerator : public Generator {
 public:
  explicit FakeGenerator(std::shared_ptr<const kernels::Tokenizer> tokenizer)
      : tokenizer_(std::move(tokenizer)) {}

  const GeneratorIdentity& identity() const override { return identity_; }

  void start(const StartRun& started) override {
    const runtime::Order& order = started.order;
    Run run{kernels::FieldHash().field(order.step.path).id()[0], order.committed, order.tokens_max};
    if (is_done(run)) {
      next_.ended.push_back({started.run, end_of(run)});
    } else {
      runs_.emplace(started.run, std::move(run));
    }
  }
  void pause(RunId run) override { set_paused(run, true); }
  void resume(RunId run) override { set_paused(run, false); }
  void end(RunId run) override { runs_.erase(run); }
  bool idle() const override {
    return next_.ended.empty() &&
           std::all_of(runs_.begin(), runs_.end(), [](const auto& r) { return r.second.paused; });
  }

  GeneratorStep step() override {
    GeneratorStep step = std::exchange(next_, {});
    for (auto at = runs_.begin(); at != runs_.end();) {
      auto& [id, run] = *at;
      if (run.paused) {
        ++at;
        continue;
      }
      const std::uint64_t drawn = kernels::philox64(run.key, run.ids.size(), 0);
      run.ids.push_back(
          static_cast<std::int32_t>(drawn % static_cast<std::uint64_t>(tokenizer_->size())));
      step.tokens.push_back({id, run.ids.back(), std::nullopt});
      if (is_done(run)) step.tokens.back().end = end_of(run);
      at = is_done(run) ? runs_.erase(at) : std::next(at);
    }
    return step;
  }

  PageNames missing_pages(std::span<const std::int32_t>) override { return {}; }
  void import_pages(const Pages&) override {}
  PageNames pages_of(RunId) override { return {}; }
  std::optional<Page> export_page(const Id&) override { return std::nullopt; }

 private:
  struct Run {
    std::uint64_t key = 0;
    std::vector<kernels::TokenId> ids;
    int tokens_max = 0;
    bool paused = false;
  };

  static bool is_done(const Run& run) {
    return run.ids.size() >= static_cast<std::size_t>(run.tokens_max);
  }
  runtime::OfferEnd end_of(const Run& run) const {
    kernels::SliceText text(*tokenizer_, {});
    text.push(run.ids);
    text.end();
    const kernels::TextDigest digest = kernels::digest_of(text.visible());
    return {runtime::StepEnd::length, digest.bytes, digest.hash};
  }
  void set_paused(RunId run, bool paused) {
    if (const auto at = runs_.find(run); at != runs_.end()) at->second.paused = paused;
  }

  std::shared_ptr<const kernels::Tokenizer> tokenizer_;
  GeneratorIdentity identity_;
  std::map<RunId, Run> runs_;
  GeneratorStep next_;
};

}  // namespace pecia::actors::test
