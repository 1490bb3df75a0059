#include "apps/pecia/generate.hpp"

#include "apps/pecia/stopwatch.hpp"

namespace pecia::apps {

using namespace kernels;

namespace {

void account(StepTimes& times, const StepResult& result, double seconds) {
  if (result.prompt_rows > 0) {
    times.reading_s += seconds;
    times.prompt_rows += static_cast<std::uint64_t>(result.prompt_rows);
  } else {
    times.writing_s += seconds;
    times.written_tokens += result.tokens.size();
    ++times.writing_steps;
  }
}

}  // namespace

Expected<Course> run_engine(const Session& session, Engine& engine, const StepHandler& handle,
                            StepTimes& times, const std::function<bool()>& stop) {
  while (!engine.idle()) {
    if (stop()) return Course::interrupted;
    const Stopwatch watch;
    const StepResult result = engine.step();
    account(times, result, watch.seconds());
    if (const Status taken = handle(result); !taken) return taken.error();
    if (!result.failed.empty()) return failure_of(session, result.failed.front().second);
  }
  return Course::finished;
}

Error failure_of(const Session& session, const Error& error, std::string_view what) {
  const bool content = error.kind == ErrorKind::refuse;
  return fail(error.kind, "{}: {}{}{}{}", session.model_path, what, what.empty() ? "" : ": ",
              error.message, content ? "; the file's weights may be damaged" : "");
}

}  // namespace pecia::apps
