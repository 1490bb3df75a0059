#include "pecia/document_job.hpp"

#include <utility>

#include "actors/clock_and_chance.hpp"

namespace pecia {

using namespace kernels;
using namespace runtime;

namespace {

constexpr std::chrono::milliseconds kAskFor(500);  // in short, so that one may leave
constexpr std::chrono::milliseconds kSubmitAgain(250);
// Every question wakes threads that the engines could use.
constexpr std::chrono::milliseconds kReadEvery(40);
constexpr std::uint64_t kViewEveryMs = 200;

std::string words_of(const Text& text) {
  if (text.state == JobState::cancelled) return "the job was cancelled";
  if (text.why == "deadline")
    return "the job failed: it was not done within protocol.job_deadline_ms of its first start";
  if (text.why == "poison")
    return "the job failed: a slice ended every worker that wrote it (poison)";
  return "the job failed: " + text.why;
}

}  // namespace

Expected<std::optional<ToClient>> ask_until(actors::Node& node, const ToCoordinator& question,
                                            std::chrono::seconds within, const Leaving& leaves) {
  const std::uint64_t within_ms = static_cast<std::uint64_t>(within.count()) * 1'000;
  const std::uint64_t from_ms = actors::steady_ms();
  for (;;) {
    auto answer = node.ask(question, kAskFor);
    if (answer) return std::optional(*std::move(answer));
    if (answer.error().kind != ErrorKind::retry || actors::steady_ms() - from_ms > within_ms)
      return answer.error();
    if (leaves()) return std::optional<ToClient>();
  }
}

JobId DocumentJob::job_of_folder() { return FieldHash().field("the job of a job directory").id(); }

Expected<std::optional<DocumentJob::Met>> DocumentJob::submit(Submit submit, const Reader& reader) {
  submit.job = job_;
  const auto before = ask(Read{submit.job, 0, {}});
  if (!before) return before.error();
  Met met;
  met.known = *before && std::holds_alternative<Text>(**before);
  for (bool told = false; !leaves_();) {
    const auto answer = ask(submit);
    if (!answer) return answer.error();
    if (!*answer) break;
    if (const auto* submitted = std::get_if<Submitted>(&**answer)) {
      met.state = submitted->state;
      return std::optional(met);
    }
    const auto& refused = std::get<Refused>(**answer);
    if (refused.kind == RefusalKind::conflict) return fail(ErrorKind::refuse, "{}", refused.why);
    if (!std::exchange(told, true)) reader.stalled(refused.why);
    node_.pause(kSubmitAgain);
  }
  return std::optional<Met>();
}

Expected<Course> DocumentJob::read(const Reader& reader) {
  bool stalled = false;
  std::optional<std::uint64_t> viewed_ms;
  while (!leaves_()) {
    const auto answer = ask(Read{job_, chain_.bytes(), chain_.id()});
    if (!answer) return answer.error();
    if (!*answer) break;
    if (const auto* refused = std::get_if<Refused>(&**answer))
      return fail(ErrorKind::refuse, "the job's text cannot be read on: {}", refused->why);
    const Text& text = std::get<Text>(**answer);
    document_ += text.bytes;
    chain_.append(text.bytes);
    if (!text.bytes.empty()) {
      if (const Status taken = reader.take(text.bytes); !taken) return taken.error();
    }
    if (text.state == JobState::done) return Course::finished;
    if (is_end(text.state)) return fail(ErrorKind::refuse, "{}", words_of(text));
    const bool stalls = text.state == JobState::stalled && !text.why.empty();
    if (stalls && !stalled) reader.stalled(text.why);
    stalled = stalls;
    if (!viewed_ms || actors::steady_ms() - *viewed_ms > kViewEveryMs) {
      viewed_ms = actors::steady_ms();
      const auto view = this->view();
      if (leaves_()) break;
      if (!view) return view.error();
      reader.watch(*view);
    }
    if (!text.bytes.empty()) node_.pause(kReadEvery);
  }
  return Course::interrupted;
}

Expected<Viewed> DocumentJob::view() {
  const auto answer = ask(View{job_});
  if (!answer) return answer.error();
  if (!*answer) return fail(ErrorKind::retry, "left before the job was seen");
  if (const auto* viewed = std::get_if<Viewed>(&**answer)) return *viewed;
  return fail(ErrorKind::refuse, "no such job");
}

}  // namespace pecia
