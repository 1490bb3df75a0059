#include "pecia/following.hpp"

#include <exception>
#include <utility>
#include <variant>

#include "pecia/job_id.hpp"

namespace pecia {

using runtime::Refused;
using runtime::Viewed;

namespace {

constexpr std::chrono::milliseconds kCancelAgain(250);  // where the storage is stalled

ErrorKind host_kind(kernels::ErrorKind kind) {
  switch (kind) {
    case kernels::ErrorKind::retry:
      return ErrorKind::retry;
    case kernels::ErrorKind::elsewhere:
      return ErrorKind::elsewhere;
    case kernels::ErrorKind::refuse:
      return ErrorKind::refuse;
    case kernels::ErrorKind::bug:
      return ErrorKind::bug;
  }
  return ErrorKind::bug;
}

Error was_cancelled(const runtime::JobId& job) {
  return {ErrorKind::cancelled, fmt::format("job {} was cancelled", to_string(job))};
}

}  // namespace

Error host_error(const kernels::Error& error) { return {host_kind(error.kind), error.message}; }

Following::Following(Job job, runtime::Submit submit)
    : job_(std::move(job)), submit_(std::move(submit)) {}

// -- what the host wishes

void Following::cancel() noexcept {
  Wish expected = Wish::read;
  wish_.compare_exchange_strong(expected, Wish::cancel);
}

void Following::close() noexcept { wish_ = Wish::left; }

void Following::detach() noexcept {
  close();
  if (follower_.load() == std::this_thread::get_id()) return;
  const std::lock_guard wait(calling_);
}

// -- the thread that follows

void Following::refuse(const Error& error) noexcept {
  document_.set_exception(std::make_exception_ptr(error));
  over_ = true;
}

void Following::follow(const FollowedNode& followed) noexcept {
  follower_ = std::this_thread::get_id();
  try {
    document_.set_value(read_to_end(followed));
  } catch (...) {
    document_.set_exception(std::current_exception());
  }
  over_ = true;
}

bool Following::leaves(const FollowedNode& followed) const {
  const Wish wish = wish_;
  if (wish == Wish::left || followed.failure()) return true;
  return wish == Wish::cancel && !cancelled_;
}

void Following::throw_why_left(const FollowedNode& followed) const {
  if (wish_ == Wish::left) {
    throw Error(ErrorKind::left,
                fmt::format("job {} was left; it goes on where its journal stays, and a job of "
                            "this id follows it again",
                            to_string(submit_.job)));
  }
  const auto failure = followed.failure();
  throw failure ? *failure : Error(ErrorKind::bug, "a job was left for no reason");
}

template <class Call>
void Following::call(const Call& host) {
  const std::lock_guard lock(calling_);
  if (wish_ != Wish::left) host();
}

void Following::tell_progress(const Viewed& view) {
  tokens_ = tokens_of(view);
  if (!job_.on_progress) return;
  const Progress progress{tokens_of(view), slices_ended(view), view.slices.size()};
  call([&] { job_.on_progress(progress); });
}

DocumentJob::Reader Following::reader(const FollowedNode& followed) {
  return {
      .take =
          [this](std::string_view text) {
            if (job_.on_text) call([&] { job_.on_text(text); });
            return kernels::Status();
          },
      .watch = [this](const Viewed& view) { tell_progress(view); },
      .stalled =
          [&followed](std::string_view why) {
            followed.log(fmt::format("waiting for storage: {}", why));
          },
  };
}

Course Following::submit_and_read(const FollowedNode& followed, DocumentJob& job) {
  if (!submitted_) {
    const auto met = job.submit(submit_, reader(followed));
    if (!met) throw host_error(met.error());
    if (!*met) return Course::interrupted;
    submitted_ = true;
  }
  const auto course = job.read(reader(followed));
  if (course) return *course;
  if (course.error().kind != kernels::ErrorKind::retry) {  // somebody answers
    const auto view = job.view();
    if (view && view->state == runtime::JobState::cancelled) throw was_cancelled(submit_.job);
  }
  throw host_error(course.error());
}

// A job that never reached the node, and is not known there, is cancelled too.
void Following::cancel_there(const FollowedNode& followed) {
  while (!cancelled_) {
    const auto left = [&] { return wish_ == Wish::left || followed.failure().has_value(); };
    const auto answer =
        ask_until(followed.node, runtime::Cancel{submit_.job}, followed.answer_within, left);
    if (!answer) throw host_error(answer.error());
    if (!*answer) throw_why_left(followed);
    const auto* refused = std::get_if<Refused>(&**answer);
    if (refused != nullptr && refused->kind == runtime::RefusalKind::unknown)
      throw was_cancelled(submit_.job);
    cancelled_ = refused == nullptr;
    if (!cancelled_) followed.node.pause(kCancelAgain);
    if (!cancelled_ && left()) throw_why_left(followed);
  }
  submitted_ = true;
}

Document Following::read_to_end(const FollowedNode& followed) {
  DocumentJob job(
      followed.node, [&] { return leaves(followed); }, submit_.job, followed.answer_within);
  while (submit_and_read(followed, job) != Course::finished) {
    if (wish_ != Wish::cancel || followed.failure()) throw_why_left(followed);
    cancel_there(followed);
  }
  // The document is here, whether or not anybody still tells of it.
  if (const auto view = job.view()) tell_progress(*view);
  return {to_string(submit_.job), job.document(), tokens_};
}

}  // namespace pecia
