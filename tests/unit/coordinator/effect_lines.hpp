#pragma once
// Effects of a coordinator as lines of text, so that a test compares a whole answer at a glance:
//   a1 order 2.1 step 1 from 0     to the worker "a" in its boot 1: attempt 1 of term 2
//   a1 committed 2.1 to 3
//   client 7 submitted running
//   append 4: tokens 1 from 0 +3, ended 1 at 3
// Jobs are told by the first byte of their id; what belongs to job 1 does not name it. Notes have
// lines of their own (note_lines()), since they change nothing else.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "actors/coordinator/effects.hpp"

namespace pecia::actors {

using Lines = std::vector<std::string>;

inline std::string line(const runtime::NodeBoot& node) {
  return fmt::format("{}{}", node.node, node.boot);
}
inline std::string line(const runtime::AttemptId& id) {
  return fmt::format("{}.{}", id.term, id.n);
}
inline std::string of_job(const runtime::JobId& job) {
  return job[0] == 1 ? "" : fmt::format("job{}/", job[0]);
}
inline std::string line(const runtime::StepName& step) { return of_job(step.job) + step.path; }

inline std::string_view line(runtime::JobState state) {
  constexpr std::array<std::string_view, 6> kNames = {"opened", "running", "stalled",
                                                      "done",   "failed",  "cancelled"};
  return kNames[static_cast<std::size_t>(state)];
}
inline std::string_view line(runtime::RefusalKind kind) {
  constexpr std::array<std::string_view, 4> kNames = {"conflict", "refused", "unknown", "diverged"};
  return kNames[static_cast<std::size_t>(kind)];
}

struct RecordLine {
  std::string operator()(const runtime::TermRecord& term) const {
    return fmt::format("term {}", term.term);
  }
  std::string operator()(const runtime::OpenedRecord& opened) const {
    return fmt::format("opened job{}", opened.job[0]);
  }
  std::string operator()(const runtime::PlannedRecord& planned) const {
    std::string text = "planned";
    for (const auto& step : planned.steps) text += " " + of_job(planned.job) + step.path;
    return text;
  }
  std::string operator()(const runtime::TokensRecord& tokens) const {
    return fmt::format("tokens {} from {} +{}", line(tokens.step), tokens.from, tokens.ids.size());
  }
  std::string operator()(const runtime::EndedRecord& ended) const {
    return fmt::format("ended {} at {}", line(ended.step), ended.tokens);
  }
  std::string operator()(const runtime::ClosedRecord& closed) const {
    constexpr std::array<std::string_view, 3> kNames = {"done", "failed", "cancelled"};
    const std::string why = closed.why.empty() ? "" : "(" + closed.why + ")";
    return fmt::format("closed {}{}{}", of_job(closed.job),
                       kNames[static_cast<std::size_t>(closed.end)], why);
  }
  std::string operator()(const runtime::PlacedRecord& placed) const {
    return fmt::format("placed {} step {} at {} from {} {}", line(placed.attempt),
                       line(placed.step), line(placed.node), placed.from,
                       runtime::name_of(placed.how));
  }
  std::string operator()(const runtime::LeftRecord& left) const {
    return fmt::format("left {} step {} at {} {} ahead {}", line(left.attempt), line(left.step),
                       line(left.node), runtime::name_of(left.reason), left.ahead);
  }
  std::string operator()(const runtime::StalledRecord& stalled) const {
    return fmt::format("stalled for {}({})", stalled.for_ms, stalled.why);
  }
};

inline std::string line(const std::vector<runtime::Record>& records) {
  std::string text;
  for (const runtime::Record& record : records) {
    if (runtime::is_note(record)) continue;
    text += text.empty() ? "" : ", ";
    text += std::visit(RecordLine{}, record);
  }
  return text;
}

struct MessageLine {
  std::string operator()(const runtime::Order& order) const {
    return fmt::format("order {} step {} from {}{}", line(order.attempt), line(order.step),
                       order.committed.size(), order.alone ? " alone" : "");
  }
  std::string operator()(const runtime::Committed& committed) const {
    return fmt::format("committed {} to {}", line(committed.attempt), committed.to);
  }
  std::string operator()(const runtime::Drop& drop) const { return "drop " + line(drop.attempt); }
  std::string operator()(const runtime::Drain& drain) const {
    return fmt::format("drain {}", drain.deadline_ms);
  }
  std::string operator()(const runtime::Submitted& submitted) const {
    return fmt::format("submitted {}", line(submitted.state));
  }
  std::string operator()(const runtime::Refused& refused) const {
    return fmt::format("{}: {}", line(refused.kind), refused.why);
  }
  std::string operator()(const runtime::Text& text) const { return "text " + text.bytes; }
  // Told by shells.
  std::string operator()(const runtime::Viewed&) const { return "viewed"; }
  std::string operator()(const runtime::Overviewed&) const { return "overviewed"; }
  std::string operator()(const runtime::Explained&) const { return "explained"; }
};

struct EffectLine {
  std::string operator()(const ToNode& to) const {
    return line(to.node) + " " + std::visit(MessageLine{}, to.message);
  }
  std::string operator()(const Answer& answer) const {
    return fmt::format("client {} {}", answer.client, std::visit(MessageLine{}, answer.message));
  }
  std::string operator()(const Append& append) const {
    return fmt::format("append {}: {}", append.transaction, line(append.records));
  }
  std::string operator()(const RetryStorage&) const { return "retry storage"; }
  std::string operator()(const Expand& expand) const {
    return fmt::format("expand {}at {}", of_job(expand.job), expand.steps_ended);
  }
  std::string operator()(const Follow& follow) const { return "follow " + line(follow.records); }
  std::string operator()(const Exit& exit) const { return "exit: " + exit.why; }
};

inline Lines lines_of(const Effects& effects) {
  Lines lines;
  for (const Effect& effect : effects) {
    const auto* append = std::get_if<Append>(&effect);
    const auto* follow = std::get_if<Follow>(&effect);
    if (append != nullptr && runtime::only_notes(append->records)) continue;
    if (follow != nullptr && runtime::only_notes(follow->records)) continue;
    lines.push_back(std::visit(EffectLine{}, effect));
  }
  return lines;
}

// Notes that are appended, each as a line.
inline Lines note_lines(const Effects& effects) {
  Lines lines;
  for (const Effect& effect : effects) {
    const auto* append = std::get_if<Append>(&effect);
    if (append == nullptr) continue;
    for (const runtime::Record& record : append->records)
      if (runtime::is_note(record)) lines.push_back(std::visit(RecordLine{}, record));
  }
  return lines;
}

// Those that contain `word`, in order.
inline Lines with(const Lines& lines, std::string_view word) {
  Lines found;
  std::ranges::copy_if(lines, std::back_inserter(found), [word](const std::string& each) {
    return each.find(word) != std::string::npos;
  });
  return found;
}

}  // namespace pecia::actors
