#include "apps/pecia/metered_generator.hpp"

#include <utility>

namespace pecia::apps {

using namespace actors;

void StepMeter::add(const GeneratorStep& step) {
  const double seconds = static_cast<double>(step.elapsed_us) * 1e-6;
  const std::lock_guard lock(mutex_);
  if (step.prompt_rows > 0) {
    times_.reading_s += seconds;
    times_.prompt_rows += step.prompt_rows;
  } else if (!step.tokens.empty()) {
    times_.writing_s += seconds;
    times_.written_tokens += step.tokens.size();
    ++times_.writing_steps;
  }
}

StepTimes StepMeter::times() const {
  const std::lock_guard lock(mutex_);
  return times_;
}

namespace {

class MeteredGenerator final : public Generator {
 public:
  MeteredGenerator(std::unique_ptr<Generator> inner, StepMeter& meter)
      : inner_(std::move(inner)), meter_(meter) {}

  const GeneratorIdentity& identity() const override { return inner_->identity(); }
  void start(const StartRun& started) override { inner_->start(started); }
  void pause(RunId run) override { inner_->pause(run); }
  void resume(RunId run) override { inner_->resume(run); }
  void end(RunId run) override { inner_->end(run); }
  bool idle() const override { return inner_->idle(); }
  GeneratorStep step() override {
    GeneratorStep step = inner_->step();
    meter_.add(step);
    return step;
  }
  PageNames missing_pages(std::span<const std::int32_t> prompt) override {
    return inner_->missing_pages(prompt);
  }
  void import_pages(const Pages& pages) override { inner_->import_pages(pages); }
  PageNames pages_of(RunId run) override { return inner_->pages_of(run); }
  std::optional<Page> export_page(const Id& name) override { return inner_->export_page(name); }

 private:
  std::unique_ptr<Generator> inner_;
  StepMeter& meter_;
};

}  // namespace

std::unique_ptr<Generator> metered(std::unique_ptr<Generator> generator, StepMeter& meter) {
  return std::make_unique<MeteredGenerator>(std::move(generator), meter);
}

}  // namespace pecia::apps
