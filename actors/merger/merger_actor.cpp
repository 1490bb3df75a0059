#include "actors/merger/merger_actor.hpp"

#include <caf/actor_system.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>
#include <deque>

#include "actors/clock_and_chance.hpp"
#include "actors/exceptions.hpp"
#include "actors/merger/merger_core.hpp"
#include "runtime/wire/codec.hpp"

namespace pecia::actors {

using namespace runtime;

namespace {

constexpr std::uint64_t kReadMsMax = 250;  // that a reader waits
constexpr std::uint64_t kTickMs = 50;
constexpr std::size_t kWaitingMax = 1'024;  // readers

class MergerActor : public MergerHandle::base {
 public:
  MergerActor(caf::actor_config& config, std::shared_ptr<const kernels::Tokenizer> tokenizer)
      : MergerHandle::base(config), core_(std::move(tokenizer)) {
    end_by_exceptions(*this);
  }

  behavior_type make_behavior() override {
    delayed_send(this, std::chrono::milliseconds(kTickMs), TickAtom::value);
    return {
        [this](FollowAtom, const DurableRecords& records) {
          for (const Record& each : *records) core_.follow(each);
          answer_waiting();
        },
        [this](ReadAtom, const Read& read, JobState state, const std::string& why) {
          return on_read(read, state, why);
        },
        [this](ViewAtom, const View& view, JobState state, const std::string& why) {
          return Frame(encode(ToClient(core_.view(view, state, why))));
        },
        [this](TickAtom) {
          give_up_waiting();
          delayed_send(this, std::chrono::milliseconds(kTickMs), TickAtom::value);
        },
    };
  }

  void on_exit() override {
    for (Waiting& each : waiting_)
      each.promise.deliver(caf::make_error(caf::sec::request_receiver_down));
    waiting_.clear();
  }

 private:
  struct Waiting {
    caf::typed_response_promise<Frame> promise;
    Read read;
    JobState state = JobState::running;
    std::string why;  // of that state
    std::uint64_t until_ms = 0;
  };

  caf::result<Frame> on_read(const Read& read, JobState state, const std::string& why) {
    if (const auto news = core_.read(read, state)) return Frame(encode(*news));
    if (waiting_.size() >= kWaitingMax) answer_first();
    waiting_.push_back(
        {make_response_promise<Frame>(), read, state, why, steady_ms(*this) + kReadMsMax});
    return waiting_.back().promise;
  }

  void answer_waiting() {
    std::erase_if(waiting_, [this](Waiting& each) {
      const auto news = core_.read(each.read, each.state);
      if (news) each.promise.deliver(Frame(encode(*news)));
      return news.has_value();
    });
  }

  void answer_first() {
    Waiting& first = waiting_.front();
    first.promise.deliver(Frame(
        encode(ToClient(Text{first.read.job, first.read.offset, {}, first.state, first.why}))));
    waiting_.pop_front();
  }

  void give_up_waiting() {
    const std::uint64_t now_ms = steady_ms(*this);
    while (!waiting_.empty() && waiting_.front().until_ms <= now_ms) answer_first();
  }

  MergerCore core_;
  std::deque<Waiting> waiting_;  // the one that came first waits no longer than the next
};

}  // namespace

MergerHandle spawn_merger(caf::actor_system& system,
                          std::shared_ptr<const kernels::Tokenizer> tokenizer) {
  return system.spawn<MergerActor>(std::move(tokenizer));
}

}  // namespace pecia::actors
