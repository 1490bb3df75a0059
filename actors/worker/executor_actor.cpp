#include "actors/worker/executor_actor.hpp"

#include <caf/actor_system.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <deque>
#include <set>

#include "actors/exceptions.hpp"
#include "actors/own_thread.hpp"

namespace pecia::actors {

using namespace runtime;

namespace {

constexpr std::chrono::seconds kCacheDeadline(2);

class ExecutorActor : public ExecutorHandle::base {
 public:
  ExecutorActor(caf::actor_config& config, WorkerHandle worker,
                std::unique_ptr<Generator> generator, CacheHandle cache)
      : ExecutorHandle::base(config),
        worker_(std::move(worker)),
        generator_(std::move(generator)),
        cache_(std::move(cache)) {
    end_by_exceptions(*this);
  }

  behavior_type make_behavior() override {
    return {
        [this](RunAtom, const RunCommand& command) {
          std::visit([this](const auto& each) { on(each); }, command);
          step_on();
        },
        [this](AckAtom) {
          --unacked_;
          step_on();
        },
        [this](TickAtom) {
          ticked_ = false;
          step();
        },
    };
  }

  void on_exit() override {
    generator_.reset();
    worker_ = nullptr, cache_ = nullptr;
  }

 private:
  // -- runs

  void on(const StartRun& started) {
    PageNames missing;
    if (cache_) missing = generator_->missing_pages(started.order.prompt);
    if (missing.names.empty()) return begin(started);
    fetching_.insert(started.run);
    const auto go_on = [this, started](const Pages& pages) {
      if (fetching_.erase(started.run) == 0) return;  // ended meanwhile
      generator_->import_pages(pages);
      begin(started);
      step_on();
    };
    request(cache_, kCacheDeadline, FetchAtom::value, std::move(missing))
        .then(go_on, [go_on](const caf::error&) { go_on({}); });
  }
  void begin(const StartRun& started) {
    generator_->start(started);
    if (cache_) silent_.insert(started.run);
  }
  void on(const PauseRun& paused) { generator_->pause(paused.run); }
  void on(const ResumeRun& resumed) { generator_->resume(resumed.run); }
  void on(const EndRun& ended) {
    silent_.erase(ended.run);
    if (fetching_.erase(ended.run) == 0) generator_->end(ended.run);
  }

  // -- steps

  void step_on() {
    if (ticked_ || unacked_ >= kStepsUnacked || generator_->idle()) return;
    ticked_ = true;
    send(this, TickAtom::value);
  }

  void step() {
    if (unacked_ >= kStepsUnacked || generator_->idle()) return;
    GeneratorStep step = generator_->step();
    if (cache_ && step.prompt_rows > 0)
      send(cache_, SpeedAtom::value, Prefilled{step.prompt_rows, step.elapsed_us});
    for (const RunFailure& failure : step.failed) silent_.erase(failure.run);
    for (const RunToken& token : step.tokens) {
      if (silent_.erase(token.run) > 0) to_share_.push_back(token.run);
    }
    share_next();
    ++unacked_;
    send(worker_, SteppedAtom::value, std::move(step));
    step_on();
  }

  // -- pages

  // One run after the other, for most of their pages are the same.
  void share_next() {
    while (!sharing_ && !to_share_.empty()) {
      PageNames names = generator_->pages_of(to_share_.front());
      to_share_.pop_front();
      if (names.names.empty()) continue;
      sharing_ = true;
      const auto go_on = [this](const PageNames& missing) {
        give(missing);
        sharing_ = false;
        share_next();
      };
      request(cache_, kCacheDeadline, MissingAtom::value, std::move(names))
          .then(go_on, [go_on](const caf::error&) { go_on({}); });
    }
  }

  void give(const PageNames& missing) {
    Pages pages;
    for (const Id& name : missing.names) {
      std::optional<Page> page = generator_->export_page(name);
      if (!page) break;
      pages.pages.push_back(std::move(*page));
    }
    if (!pages.pages.empty()) send(cache_, PutAtom::value, std::move(pages));
  }

  WorkerHandle worker_;
  std::unique_ptr<Generator> generator_;
  CacheHandle cache_;
  std::set<RunId> fetching_;  // wait for the cache before they start
  std::set<RunId> silent_;    // have given no token yet; followed only with a cache
  std::deque<RunId> to_share_;
  bool sharing_ = false;  // the cache is being asked
  int unacked_ = 0;
  bool ticked_ = false;  // a step is due
};

}  // namespace

ExecutorHandle spawn_executor(WorkerHandle::base& worker, std::unique_ptr<Generator> generator,
                              CacheHandle cache) {
  return spawn_on_own_thread<ExecutorActor>(worker.system(), worker, WorkerHandle(&worker),
                                            std::move(generator), std::move(cache));
}

}  // namespace pecia::actors
