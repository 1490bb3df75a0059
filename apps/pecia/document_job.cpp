#include "apps/pecia/document_job.hpp"

#include "apps/pecia/interrupt.hpp"

namespace pecia::apps {

using namespace kernels;
using namespace runtime;

namespace {

constexpr std::chrono::seconds kAnswerDeadline(60);  // a node that is silent for so long is lost

JobId the_job() { return FieldHash().field("the job of a job directory").id(); }

bool has_ended(JobState state) {
  return state == JobState::done || state == JobState::failed || state == JobState::cancelled;
}

}  // namespace

Expected<DocumentJob::Past> DocumentJob::submit(Submit submit) {
  submit.job = the_job();
  const auto before = node_.ask(ToCoordinator(Read{submit.job, 0, {}}), kAnswerDeadline);
  if (!before) return before.error();
  const auto answer = node_.ask(ToCoordinator(std::move(submit)), kAnswerDeadline);
  if (!answer) return answer.error();
  if (const auto* refused = std::get_if<Refused>(&*answer)) {
    const bool conflict = refused->kind == RefusalKind::conflict;
    return fail(conflict ? ErrorKind::refuse : ErrorKind::retry, "{}", refused->why);
  }
  if (!std::holds_alternative<Text>(*before)) return Past::none;
  const auto* submitted = std::get_if<Submitted>(&*answer);
  return submitted != nullptr && has_ended(submitted->state) ? Past::closed : Past::open;
}

Expected<Text> DocumentJob::read_on() {
  auto answer =
      node_.ask(ToCoordinator(Read{the_job(), chain_.bytes(), chain_.id()}), kAnswerDeadline);
  if (!answer) return answer.error();
  if (const auto* refused = std::get_if<Refused>(&*answer))
    return fail(ErrorKind::bug, "the job does not know its own text: {}", refused->why);
  return std::get<Text>(std::move(*answer));
}

Expected<Course> DocumentJob::read(const Reader& reader) {
  bool stalled = false;
  while (!interrupted()) {
    const auto text = read_on();
    if (!text) return text.error();
    document_ += text->bytes;
    chain_.append(text->bytes);
    if (!text->bytes.empty()) {
      if (const Status taken = reader.take(text->bytes); !taken) return taken.error();
    }
    if (text->state == JobState::done) return Course::finished;
    if (has_ended(text->state))
      return fail(ErrorKind::refuse, "the job {}: {}",
                  text->state == JobState::failed ? "failed" : "was cancelled", text->why);
    const bool stalls = text->state == JobState::stalled && !text->why.empty();
    if (stalls && !stalled) reader.stalled(text->why);
    stalled = stalls;
    const auto view = this->view();
    if (!view) return view.error();
    reader.watch(*view);
  }
  return Course::interrupted;
}

Expected<actors::JobView> DocumentJob::view() { return node_.view(the_job(), kAnswerDeadline); }

}  // namespace pecia::apps
