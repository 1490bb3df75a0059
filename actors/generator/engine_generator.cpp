#include "actors/generator/engine_generator.hpp"

#include <algorithm>
#include <cassert>
#include <map>
#include <unordered_map>

#include "actors/clock_and_chance.hpp"
#include "actors/generator/job_sampling.hpp"
#include "kernels/engine/page_codec.hpp"
#include "kernels/text/chat_template.hpp"
#include "kernels/text/slice_text.hpp"
#include "runtime/wire/codec.hpp"

namespace pecia::actors {

using namespace runtime;
using kernels::EndReason;
using kernels::SequenceId;

namespace {

StepEnd step_end_of(EndReason reason) {
  constexpr StepEnd kOfReason[] = {StepEnd::length, StepEnd::eos, StepEnd::stop_text,
                                   StepEnd::context_full};
  return kOfReason[static_cast<std::size_t>(reason)];
}

class EngineGenerator final : public Generator {
 public:
  explicit EngineGenerator(EngineParts parts)
      : parts_(std::move(parts)),
        engine_(parts_.model, parts_.tokenizer, *parts_.pool, parts_.isa, parts_.options),
        identity_{parts_.model->id(), engine_.numerics()} {}

  const GeneratorIdentity& identity() const override { return identity_; }

  void start(const StartRun& started) override {
    const Order& order = started.order;
    const auto spec = decode_job_spec(order.spec);
    if (!spec) return fail(started.run, kernels::ErrorKind::refuse, spec.error().message);
    // Before they become text: the engine would look at them later only.
    if (const kernels::Status known = check_committed(order.committed); !known)
      return fail(started.run, known.error().kind, known.error().message);
    Run run;
    run.prompt = order.prompt;
    run.ids = order.committed;
    run.tokens_max = order.tokens_max;
    run.request.sampling = sampling_params(spec->sampling);
    run.request.key = kernels::sampling_key(order.seed, order.step.path);
    run.request.stop = kernels::stop_texts(spec->stop, *parts_.tokenizer, spec->in_template());
    run.request.ignore_eos = spec->ignore_eos;
    run.text.emplace(*parts_.tokenizer, run.request.stop);
    run.text->push(run.ids);
    if (order.committed.size() >= static_cast<std::size_t>(order.tokens_max)) {
      next_.ended.push_back({started.run, end_of(run, EndReason::length)});
      return;
    }
    if (add(started.run, run)) runs_.emplace(started.run, std::move(run));
  }

  void pause(RunId run) override {
    const auto at = runs_.find(run);
    if (at == runs_.end() || !at->second.sequence) return;
    leave(at->second);
  }

  void resume(RunId run) override {
    const auto at = runs_.find(run);
    if (at == runs_.end() || at->second.sequence) return;
    if (!add(run, at->second)) runs_.erase(at);
  }

  void end(RunId run) override {
    const auto is_its = [run](const auto& news) { return news.run == run; };
    std::erase_if(next_.ended, is_its);
    std::erase_if(next_.failed, is_its);
    const auto at = runs_.find(run);
    if (at == runs_.end()) return;
    if (at->second.sequence) leave(at->second);
    runs_.erase(at);
  }

  bool idle() const override {
    return engine_.idle() && next_.ended.empty() && next_.failed.empty();
  }

  GeneratorStep step() override {
    GeneratorStep step = std::exchange(next_, {});
    const std::uint64_t begun_us = steady_us();
    const kernels::StepResult result = engine_.step();
    step.elapsed_us = steady_us() - begun_us;
    step.prompt_rows = static_cast<std::uint64_t>(result.prompt_rows);
    if (result.prompt_rows > 0) tell_prefill(step);
    for (const kernels::TokenEvent& event : result.tokens) take(event, step);
    for (const auto& [sequence, error] : result.failed) {
      const RunId run = run_of_.at(sequence);
      step.failed.push_back({run, kind_of(error.kind), tell(error)});
      run_of_.erase(sequence);
      runs_.erase(run);
    }
    return step;
  }

  // -- pages

  PageNames missing_pages(std::span<const std::int32_t> prompt) override {
    PageNames missing;
    if (!parts_.options.prefix_cache || prompt.empty()) return missing;
    // The last token of a prompt is always computed: its logits are needed.
    missing.names = engine_.page_names(prompt.first(prompt.size() - 1));
    const auto first = std::find_if(missing.names.begin(), missing.names.end(),
                                    [this](const kernels::Id& n) { return !engine_.has_page(n); });
    missing.names.erase(missing.names.begin(), first);
    return missing;
  }

  void import_pages(const Pages& pages) override {
    for (const Page& page : pages.pages) {
      if (!engine_.import_page(*page.bytes)) return;
    }
  }

  PageNames pages_of(RunId run) override {
    const auto at = runs_.find(run);
    if (at == runs_.end() || !parts_.options.prefix_cache) return {};
    return {engine_.page_names(at->second.prompt)};
  }

  std::optional<Page> export_page(const kernels::Id& name) override {
    auto bytes = engine_.export_page(name);
    if (!bytes) return std::nullopt;
    const auto decoded = kernels::decode_page(*bytes);
    assert(decoded);
    const std::optional<kernels::Id> parent = decoded->header.name.parent;
    return Page{name, parent, std::make_shared<const std::vector<std::byte>>(std::move(*bytes))};
  }

 private:
  struct Run {
    std::vector<kernels::TokenId> prompt;
    std::vector<kernels::TokenId> ids;  // committed ones included
    int tokens_max = 0;
    kernels::Request request;       // how to draw, and when to end
    std::uint64_t prompt_rows = 0;  // that the engine has read meanwhile
    bool reads = true;              // no token since it was added
    std::optional<kernels::SliceText> text;
    std::optional<SequenceId> sequence;  // none: paused
  };

  // What the order asks for is refused everywhere; what this machine lacks another may have.
  static BrokeKind kind_of(kernels::ErrorKind kind) {
    return kind == kernels::ErrorKind::refuse ? BrokeKind::content : BrokeKind::elsewhere;
  }

  // What an engine refuses while it computes can only come from the weights.
  std::string tell(const kernels::Error& error) const {
    const bool content = error.kind == kernels::ErrorKind::refuse;
    return fmt::format("{}: {}{}", parts_.model_path, error.message,
                       content ? "; the file's weights may be damaged" : "");
  }

  void fail(RunId run, kernels::ErrorKind kind, std::string why) {
    next_.failed.push_back({run, kind_of(kind), std::move(why)});
  }

  kernels::Status check_committed(const TokenIds& ids) const {
    const int vocabulary = parts_.tokenizer->size();
    for (std::size_t i = 0; i < ids.size(); ++i) {
      if (ids[i] < 0 || ids[i] >= vocabulary)
        return kernels::fail(kernels::ErrorKind::refuse,
                             "committed token {} has id {}, the vocabulary is 0..{}", i, ids[i],
                             vocabulary - 1);
    }
    return {};
  }

  // False: it cannot run, which the next step tells; nothing here refers to it.
  bool add(RunId id, Run& run) {
    kernels::Request request = run.request;
    request.prompt = run.prompt;
    request.resume = run.ids;
    request.tokens_max = run.tokens_max;
    const auto sequence = engine_.add(std::move(request));
    if (sequence) {
      run.sequence = *sequence;
      run.reads = true;
      run_of_[*sequence] = id;
      return true;
    }
    fail(id, sequence.error().kind, sequence.error().message);
    return false;
  }

  void leave(Run& run) {
    engine_.cancel(*run.sequence);
    run_of_.erase(*run.sequence);
    run.sequence.reset();
  }

  // Of those that read their prompt, or wait to: what the engine does for others is progress too.
  void tell_prefill(GeneratorStep& step) {
    for (auto& [id, run] : runs_) {
      if (!run.sequence || !run.reads) continue;
      run.prompt_rows += step.prompt_rows;
      step.prefilled.push_back({id, run.prompt_rows});
    }
  }

  void take(const kernels::TokenEvent& event, GeneratorStep& step) {
    const RunId id = run_of_.at(event.sequence);
    Run& run = runs_.at(id);
    run.reads = false;
    run.ids.push_back(event.id);
    run.text->push({&event.id, 1});
    RunToken token{id, event.id, std::nullopt};
    if (event.end) token.end = end_of(run, *event.end);
    step.tokens.push_back(token);
    if (!event.end) return;
    run_of_.erase(event.sequence);
    runs_.erase(id);
  }

  static OfferEnd end_of(Run& run, EndReason reason) {
    run.text->end();
    const kernels::TextDigest digest = kernels::digest_of(run.text->visible());
    return {step_end_of(reason), digest.bytes, digest.hash};
  }

  const EngineParts parts_;
  kernels::Engine engine_;
  const GeneratorIdentity identity_;
  std::map<RunId, Run> runs_;
  std::unordered_map<SequenceId, RunId> run_of_;
  GeneratorStep next_;  // what was known before the next step
};

}  // namespace

std::unique_ptr<Generator> make_engine_generator(EngineParts parts) {
  return std::make_unique<EngineGenerator>(std::move(parts));
}

}  // namespace pecia::actors
