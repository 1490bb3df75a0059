#include "actors/slicer/slicer_actor.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/exceptions.hpp"
#include "actors/own_thread.hpp"
#include "actors/slicer/slicer_core.hpp"

namespace pecia::actors {

using namespace runtime;

namespace {

constexpr std::chrono::seconds kSummaryDeadline(60);

class SlicerActor : public SlicerHandle::base {
 public:
  SlicerActor(caf::actor_config& config, std::shared_ptr<const kernels::Tokenizer> tokenizer,
              SummarizerHandle summarizer)
      : SlicerHandle::base(config),
        core_(std::move(tokenizer)),
        summarizer_(std::move(summarizer)) {
    end_by_exceptions(*this);
  }

  behavior_type make_behavior() override {
    return {
        [this](FollowAtom, const DurableRecords& records) {
          for (const Record& each : *records) core_.follow(each);
        },
        [this](ExpandAtom, const ExpandJob& asked) {
          // The one coordinator there is at a time; a summary in flight answers the latest.
          coordinator_ = caf::actor_cast<CoordinatorHandle>(current_sender());
          carry_out(core_.on_expand(asked.job, asked.steps_ended));
        },
    };
  }

  void on_exit() override { coordinator_ = nullptr, summarizer_ = nullptr; }

 private:
  void carry_out(const SlicerEffects& effects) {
    for (const SlicerEffect& effect : effects) std::visit([this](const auto& e) { on(e); }, effect);
  }
  void on(const Expanded& expanded) { send(coordinator_, ExpandedAtom::value, expanded); }
  void on(const Summarize& asked) {
    request(summarizer_, kSummaryDeadline, SummaryAtom::value, asked.text,
            static_cast<std::uint64_t>(asked.tokens_max))
        .then(
            [this, job = asked.job, wave = asked.wave](const std::string& summary) {
              carry_out(core_.on_summarized(job, wave, summary));
            },
            [this, job = asked.job, wave = asked.wave](const caf::error& error) {
              if (error != caf::sec::invalid_argument) return quit(error);
              carry_out(core_.on_summarized(
                  job, wave, kernels::fail(kernels::ErrorKind::refuse, "{}", words_of(error))));
            });
  }

  SlicerCore core_;
  SummarizerHandle summarizer_;
  CoordinatorHandle coordinator_;
};

}  // namespace

SlicerHandle spawn_slicer(caf::actor_system& system,
                          std::shared_ptr<const kernels::Tokenizer> tokenizer,
                          SummarizerHandle summarizer) {
  return spawn_on_own_thread<SlicerActor>(system, system, std::move(tokenizer),
                                          std::move(summarizer));
}

}  // namespace pecia::actors
