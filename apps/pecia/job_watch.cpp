#include "apps/pecia/job_watch.hpp"

#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "actors/clock_and_chance.hpp"

namespace pecia::apps {

using namespace kernels;
using namespace runtime;

namespace {

constexpr std::chrono::milliseconds kLookAgain(6);
// A question to a coordinator that died is asked again.
constexpr std::chrono::milliseconds kAskFor(100);
constexpr int kLooksPerLookAtNodes = 6;

double now_ms() { return static_cast<double>(actors::steady_us()) / 1e3; }

std::vector<SliceLook> looks_of(const Viewed& view) {
  std::vector<SliceLook> looks;
  looks.reserve(view.slices.size());
  for (const SliceView& slice : view.slices) looks.push_back({slice.tokens, slice.end.has_value()});
  return looks;
}

}  // namespace

JobWatch::JobWatch(actors::Node& client, Submit submit, std::optional<std::string> reference,
                   bool all_run)
    : client_(client),
      submit_(std::move(submit)),
      reference_(std::move(reference)),
      meter_(all_run) {
  if (reference_) witness_.emplace(*reference_);
  thread_ = std::thread([this] { run(); });
}

JobWatch::~JobWatch() {
  leaves_ = true;
  thread_.join();
}

int JobWatch::held_by(const std::string& node) const {
  const std::lock_guard lock(mutex_);
  const auto at = held_.find(node);
  return at == held_.end() ? 0 : at->second;
}

void JobWatch::strike(std::uint64_t strike, Struck struck, double at_ms) {
  const std::lock_guard lock(mutex_);
  meter_.strike(strike, struck, at_ms);
}

std::vector<Stall> JobWatch::stalls() const {
  const std::lock_guard lock(mutex_);
  return meter_.stalls();
}

Viewed JobWatch::view() const {
  const std::lock_guard lock(mutex_);
  return view_;
}

std::optional<Contradiction> JobWatch::contradiction() const {
  const std::lock_guard lock(mutex_);
  return contradiction_;
}

std::optional<std::string> JobWatch::failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

void JobWatch::blame(std::string what) {
  const std::lock_guard lock(mutex_);
  if (!failure_) failure_ = std::move(what);
}

void JobWatch::run() {
  if (submit()) {
    opened_ms_ = actors::steady_ms();
    phase_ = Phase::open;
    while (!leaves_ && look() && read()) {
      if (looks_++ % kLooksPerLookAtNodes == 0) look_at_nodes();
      client_.pause(kLookAgain);
    }
    // The text may tell of the end before a look does: then the last look misses tokens.
    while (!leaves_ && !failure() && !is_end(view_.state) && look()) client_.pause(kLookAgain);
  }
  phase_ = Phase::over;
}

bool JobWatch::submit() {
  while (!leaves_) {
    const auto answer = client_.ask(submit_, kAskFor);
    if (!answer) {
      if (answer.error().kind == ErrorKind::retry) continue;
      blame(answer.error().message);
      return false;
    }
    if (std::holds_alternative<Submitted>(*answer)) return true;
    const auto& refused = std::get<Refused>(*answer);
    if (refused.kind != RefusalKind::refused) {
      blame("the job was refused: " + refused.why);
      return false;
    }
    client_.pause(kAskFor);
  }
  return false;
}

bool JobWatch::look() {
  const double asked_ms = now_ms();
  const std::uint64_t asked = actors::steady_ms();
  const auto answer = client_.ask(View{submit_.job}, kAskFor);
  const double answered_ms = now_ms();
  if (!answer) {
    if (answer.error().kind == ErrorKind::retry) return true;
    blame(answer.error().message);
    return false;
  }
  const auto* view = std::get_if<Viewed>(&*answer);
  if (view == nullptr) {
    blame("the job, once accepted, is refused: " + std::get<Refused>(*answer).why);
    return false;
  }
  if (!is_end(view->state)) open_at_ms_ = asked;
  const std::lock_guard lock(mutex_);
  meter_.look(asked_ms, answered_ms, looks_of(*view));
  view_ = *view;
  return true;
}

bool JobWatch::read() {
  // A read that finds nothing new is answered late: it would keep looks waiting.
  while (!leaves_ && (is_end(view_.state) || view_.bytes_released > document_.size())) {
    const auto answer = client_.ask(Read{submit_.job, chain_.bytes(), chain_.id()}, kAskFor);
    if (!answer) {
      if (answer.error().kind == ErrorKind::retry) return true;
      blame(answer.error().message);
      return false;
    }
    const auto* text = std::get_if<Text>(&*answer);
    if (text == nullptr) {
      refuse_text(std::get<Refused>(*answer));
      return false;
    }
    if (!take(*text)) return false;
  }
  return true;
}

void JobWatch::refuse_text(const Refused& refused) {
  blame("its text cannot be read on: " + refused.why);
  if (refused.kind != RefusalKind::diverged) return;
  const std::lock_guard lock(mutex_);
  if (!contradiction_) contradiction_ = Contradiction{true, true, refused.why};
}

// False where the job is over.
bool JobWatch::take(const Text& text) {
  document_ += text.bytes;
  chain_.append(text.bytes);
  const bool is_done = text.state == JobState::done;
  if (witness_ && (is_done || !text.bytes.empty())) {
    auto found = witness_->see(document_, is_done ? Extent::whole : Extent::part);
    const std::lock_guard lock(mutex_);
    if (found && !contradiction_) contradiction_ = std::move(found);
  }
  if (is_end(text.state) && !is_done)
    blame(fmt::format("the job is {}: {}", name_of(text.state), text.why));
  return !is_end(text.state);
}

void JobWatch::look_at_nodes() {
  const auto answer = client_.ask(Overview{UINT64_MAX}, kAskFor);  // of no job
  if (!answer || !std::holds_alternative<Overviewed>(*answer)) return;
  const std::lock_guard lock(mutex_);
  held_.clear();
  for (const NodeRow& row : std::get<Overviewed>(*answer).nodes) held_[row.node.node] = row.held;
}

}  // namespace pecia::apps
