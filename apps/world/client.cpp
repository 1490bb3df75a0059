#include "apps/world/client.hpp"

#include <utility>

#include "apps/world/job_kinds.hpp"

namespace pecia::world {

using namespace runtime;

namespace {

constexpr std::uint64_t kSubmitAgainMs = 400;
constexpr std::uint64_t kReadMsMax = 200;
constexpr std::uint64_t kSlowReadMsMax = 3'000;

}  // namespace

Client::Client(Shared& shared, JobId job, const JobPlan& plan, Send send)
    : shared_(shared), job_(job), plan_(plan), send_(std::move(send)) {}

void Client::start() {
  shared_.queue.after(plan_.submit_at_ms, [this] { submit(); });
  read();
  if (plan_.cancel_at_ms > 0) shared_.queue.after(plan_.cancel_at_ms, [this] { cancel(); });
}

void Client::submit() {
  if (accepted_) return;
  send_(Submit{job_, write_spec(plan_), 1, Id{}, "fake", shared_.now().unix_ms});
  shared_.queue.after(kSubmitAgainMs, [this] { submit(); });
}

void Client::read() {
  if (satisfied()) return;
  // Sometimes from the beginning: what was shown once is shown again.
  if (accepted_) send_(Read{job_, shared_.chance.percent(20) ? 0 : offset_, Chain{}});
  const bool slow = shared_.scenario.slow_reader && !shared_.healed;
  shared_.queue.after(shared_.chance.between(20, slow ? kSlowReadMsMax : kReadMsMax),
                      [this] { read(); });
}

void Client::cancel() {
  if (closed_) return;
  send_(Cancel{job_});
  if (shared_.chance.percent(50)) send_(Cancel{job_});  // twice in a moment
  shared_.queue.after(kSubmitAgainMs, [this] { cancel(); });
}

void Client::deliver(const ToClient& message) {
  if (const auto* submitted = std::get_if<Submitted>(&message)) {
    accepted_ = submitted->job == job_ || accepted_;
    return;
  }
  if (const auto* refused = std::get_if<Refused>(&message)) {
    if (refused->kind != RefusalKind::diverged) return;
    shared_.checkers.on_diverged_reader(job_);
    offset_ = 0;  // reads all of it again
    return;
  }
  const auto* text = std::get_if<Text>(&message);
  if (text == nullptr || text->offset > offset_)
    return;  // refused, or of a read that was overtaken
  shared_.checkers.on_shown(job_, text->offset, text->bytes);
  offset_ = std::max(offset_, text->offset + text->bytes.size());
  closed_ = closed_ || text->state == JobState::done || text->state == JobState::failed ||
            text->state == JobState::cancelled;
  failed_ = closed_ && text->state != JobState::done;
  if (closed_) end_offset_ = text->offset + text->bytes.size();
}

}  // namespace pecia::world
