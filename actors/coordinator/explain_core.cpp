#include "actors/coordinator/explain_core.hpp"

#include <algorithm>
#include <cassert>

#include "runtime/wire/codec.hpp"
#include "runtime/wire/limits.hpp"

namespace pecia::actors {

using namespace runtime;

void ExplainCore::follow(const Record& record) {
  std::visit([this](const auto& one) { on(one); }, record);
}

void ExplainCore::on(const TermRecord& term) {
  for (auto& [job, story] : stories_) {
    if (story.closed) continue;
    story.growing.clear();
    story.rows.emplace_back(term);
  }
}

void ExplainCore::on(const OpenedRecord& opened) {
  Story& story = stories_[opened.job];
  order_.push_back(opened.job);
  story.head.job = opened.job;
  story.head.unix_ms = opened.unix_ms;
  story.head.model = opened.model;
  story.head.numerics = opened.numerics;
  const auto spec = decode_job_spec(opened.spec);
  if (!spec) return;  // the slicer says so, and the job fails
  story.head.context = spec->context;
  story.head.tokens = spec->tokens;
  story.head.one_stream = spec->one_stream;
}

void ExplainCore::on(const PlannedRecord& planned) {
  PlannedRow row{planned.steps.size(), 0, planned.unix_ms};
  for (const PlannedStep& step : planned.steps)
    row.tokens += static_cast<std::uint64_t>(step.tokens_max);
  stories_.at(planned.job).rows.emplace_back(row);
}

void ExplainCore::on(const TokensRecord& tokens) {
  Story& story = stories_.at(tokens.step.job);
  const std::uint64_t to = tokens.from + tokens.ids.size();
  if (const auto at = story.growing.find(tokens.step.path); at != story.growing.end()) {
    auto& row = std::get<GrewRow>(story.rows[at->second]);
    if (row.attempt == tokens.attempt) {
      assert(row.to == tokens.from);
      row.to = to;
      row.last_ms = tokens.unix_ms;
      ++row.offers;
      return;
    }
  }
  story.growing[tokens.step.path] = story.rows.size();
  story.rows.emplace_back(GrewRow{tokens.step.path, tokens.attempt, tokens.from, to, 1,
                                  tokens.unix_ms, tokens.unix_ms});
}

void ExplainCore::on(const EndedRecord& ended) { add(ended); }

void ExplainCore::on(const ClosedRecord& closed) {
  Story& story = stories_.at(closed.job);
  story.closed = true;
  story.head.why = closed.why;
  story.growing.clear();
  story.rows.emplace_back(closed);
}

void ExplainCore::on(const StalledRecord& stalled) {
  for (auto& [job, story] : stories_) {
    if (!story.closed) story.rows.emplace_back(stalled);
  }
}

JobState ExplainCore::state_of(const JobId& job) const {
  const std::vector<ExplainRow>& rows = stories_.at(job).rows;
  for (auto row = rows.rbegin(); row != rows.rend(); ++row) {  // notes may stand behind it
    if (const auto* closed = std::get_if<ClosedRecord>(&*row))
      return runtime::state_of(closed->end);
  }
  return rows.empty() ? JobState::opened : JobState::stalled;
}

Explained ExplainCore::explained(const Explain& asked, JobState state,
                                 std::string_view why_stalled) const {
  const Story& story = stories_.at(asked.job);
  Explained told = story.head;
  told.state = state;
  if (!why_stalled.empty()) told.why = clean_why(why_stalled);
  told.from = asked.from;
  told.rows_in_all = story.rows.size();
  const std::size_t from = std::min<std::uint64_t>(asked.from, story.rows.size());
  const std::size_t to = std::min(from + kExplainRowsMax, story.rows.size());
  told.rows.assign(story.rows.begin() + static_cast<std::ptrdiff_t>(from),
                   story.rows.begin() + static_cast<std::ptrdiff_t>(to));
  return told;
}

}  // namespace pecia::actors
