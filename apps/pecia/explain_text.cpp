#include "apps/pecia/explain_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "apps/pecia/local_time.hpp"
#include "apps/pecia/output.hpp"
#include "pecia/job_id.hpp"

namespace pecia::apps {

using namespace runtime;

namespace {

using Json = nlohmann::ordered_json;

std::string seconds(std::uint64_t ms) { return fmt::format("{}.{:03} s", ms / 1'000, ms % 1'000); }
std::uint64_t since(std::uint64_t then_ms, std::uint64_t now_ms) {
  return now_ms - std::min(then_ms, now_ms);  // clocks may go back
}
std::string counted(std::uint64_t count, std::string_view one) {
  return fmt::format("{} {}{}", count, one, count == 1 ? "" : "s");
}

std::string_view words_of(LeftReason reason) {
  constexpr std::string_view kWords[] = {
      "the node was silent",         "the link to the node went down",
      "the node died and came back", "it broke there",
      "the node does not hold it",   "no progress",
      "it wrote another text",       "the node was drained"};
  return kWords[static_cast<std::size_t>(reason)];
}

std::string_view words_of(PlacedHow how) {
  constexpr std::string_view kWords[] = {"placed on", "placed alone, as a suspect, on", "hedged on",
                                         "adopted from"};
  return kWords[static_cast<std::size_t>(how)];
}

std::string_view words_of(StepEnd end) {
  constexpr std::string_view kWords[] = {"all tokens", "end of text", "stop text", "context full"};
  return kWords[static_cast<std::size_t>(end)];
}

std::string_view name_of_context(ContextMode mode) {
  constexpr std::string_view kNames[] = {"none", "direct", "summary"};
  return kNames[static_cast<std::size_t>(mode)];
}

std::string name_of(const AttemptId& id) { return fmt::format("{}.{}", id.term, id.n); }

// A step's name for people, and since when it has been without a worker.
std::string name_of_step(const Path& path) {
  return (slice_of_path(path) ? "slice " : "step ") + path;
}

// -- lines ---------------------------------------------------------------------------------------

class Lines {
 public:
  explicit Lines(std::uint64_t opened_ms) : opened_ms_(opened_ms) {}

  void add(std::uint64_t unix_ms, std::string_view what) {
    text_ += unix_ms == 0
                 ? fmt::format("{:>12}  {}\n", "?", what)
                 : fmt::format("{:>12}  {}\n", "+" + seconds(since(opened_ms_, unix_ms)), what);
  }

  void operator()(const TermRecord& r) {
    add(r.unix_ms, fmt::format("the coordinator started again, term {}", r.term));
  }
  void operator()(const PlannedRow& r) {
    add(r.unix_ms, fmt::format("planned {}, {} at most", counted(r.steps, "step"),
                               counted(r.tokens, "token")));
  }
  void operator()(const PlacedRecord& r) {
    std::string what = fmt::format("{} {} {}, attempt {}", name_of_step(r.step.path),
                                   words_of(r.how), printable(r.node.node), name_of(r.attempt));
    if (r.from > 0) what += fmt::format(", behind {}", counted(r.from, "token"));
    if (const auto left = left_ms_.find(r.step.path); left != left_ms_.end()) {
      if (r.unix_ms != 0 && left->second != 0)
        what += fmt::format(", after {} without a worker", seconds(since(left->second, r.unix_ms)));
      left_ms_.erase(left);
    }
    add(r.unix_ms, what);
  }
  void operator()(const GrewRow& r) {
    std::string what = fmt::format("{} tokens {}..{} durable in {}", name_of_step(r.path), r.from,
                                   r.to, counted(r.offers, "offer"));
    if (r.unix_ms != 0) what += ", " + seconds(since(r.unix_ms, r.last_ms));
    add(r.unix_ms, what + ", attempt " + name_of(r.attempt));
  }
  void operator()(const LeftRecord& r) {
    std::string what = fmt::format("{} lost on {}, attempt {}: {}", name_of_step(r.step.path),
                                   printable(r.node.node), name_of(r.attempt), words_of(r.reason));
    if (!r.why.empty()) what += fmt::format(" ({})", printable(r.why));
    if (r.ahead > 0)
      what += fmt::format("; {} or more to generate again", counted(r.ahead, "token"));
    left_ms_[r.step.path] = r.unix_ms;
    add(r.unix_ms, what);
  }
  void operator()(const StalledRecord& r) {
    add(r.unix_ms, fmt::format("the storage works again, after {} without: {}", seconds(r.for_ms),
                               printable(r.why)));
  }
  void operator()(const EndedRecord& r) {
    add(r.unix_ms, fmt::format("{} ended with {}: {}", name_of_step(r.step.path),
                               counted(r.tokens, "token"), words_of(r.reason)));
  }
  void operator()(const ClosedRecord& r) {
    add(r.unix_ms, fmt::format("{}{}", name_of(state_of(r.end)),
                               r.why.empty() ? "" : ": " + printable(r.why)));
  }

  std::string take() { return std::move(text_); }

 private:
  using UnixMs = std::uint64_t;
  const UnixMs opened_ms_;
  std::map<Path, UnixMs> left_ms_;  // steps that nobody has since
  std::string text_;
};

std::string tokens_asked(const Explained& whole) {
  return whole.tokens < 0 ? std::string("the default tokens for each slice")
                          : counted(static_cast<std::uint64_t>(whole.tokens), "token");
}

std::string head_of(const Explained& whole) {
  std::string text = fmt::format("job {} is {}{}\n", to_string(whole.job), name_of(whole.state),
                                 whole.why.empty() ? "" : ": " + printable(whole.why));
  text += fmt::format("submitted {}: {}{}, context {}, model {}, {}\n", local_time(whole.unix_ms),
                      tokens_asked(whole), whole.one_stream ? " in one stream" : "",
                      name_of_context(whole.context), kernels::hex(whole.model).substr(0, 8),
                      printable(whole.numerics));
  return text;
}

std::string foot_of(const ExplainTotals& totals) {
  std::string text = fmt::format(
      "{} durable, {} ended, {}, {} lost; {} of the coordinator", counted(totals.tokens, "token"),
      counted(totals.slices_ended, "step"), counted(totals.attempts, "attempt"), totals.left,
      counted(totals.restarts, "restart"));
  if (totals.again > 0)
    text += fmt::format("; {} or more generated again", counted(totals.again, "token"));
  if (totals.stalled_ms > 0) text += "; storage away for " + seconds(totals.stalled_ms);
  return text + "\n";
}

// -- JSON ----------------------------------------------------------------------------------------

struct JsonRow {
  static Json of_attempt(std::string_view what, std::uint64_t unix_ms, const Path& path,
                         const AttemptId& attempt) {
    return {{"what", what}, {"unix_ms", unix_ms}, {"step", path}, {"attempt", name_of(attempt)}};
  }
  static void add_node(Json& row, const NodeBoot& node) {
    row["node"] = node.node;
    row["boot"] = fmt::format("{:016x}", node.boot);
  }

  Json operator()(const TermRecord& r) const {
    return {{"what", "term"}, {"unix_ms", r.unix_ms}, {"term", r.term}};
  }
  Json operator()(const PlannedRow& r) const {
    return {{"what", "planned"}, {"unix_ms", r.unix_ms}, {"steps", r.steps}, {"tokens", r.tokens}};
  }
  Json operator()(const PlacedRecord& r) const {
    Json row = of_attempt("placed", r.unix_ms, r.step.path, r.attempt);
    add_node(row, r.node);
    row["how"] = name_of(r.how);
    row["from"] = r.from;
    return row;
  }
  Json operator()(const GrewRow& r) const {
    Json row = of_attempt("grew", r.unix_ms, r.path, r.attempt);
    row["last_unix_ms"] = r.last_ms;
    row["from"] = r.from;
    row["to"] = r.to;
    row["offers"] = r.offers;
    return row;
  }
  Json operator()(const LeftRecord& r) const {
    Json row = of_attempt("left", r.unix_ms, r.step.path, r.attempt);
    add_node(row, r.node);
    row["reason"] = name_of(r.reason);
    row["why"] = r.why;
    row["ahead"] = r.ahead;
    return row;
  }
  Json operator()(const StalledRecord& r) const {
    return {{"what", "stalled"}, {"unix_ms", r.unix_ms}, {"for_ms", r.for_ms}, {"why", r.why}};
  }
  Json operator()(const EndedRecord& r) const {
    return {{"what", "ended"},     {"unix_ms", r.unix_ms},
            {"step", r.step.path}, {"reason", name_of(r.reason)},
            {"tokens", r.tokens},  {"bytes", r.bytes}};
  }
  Json operator()(const ClosedRecord& r) const {
    return {{"what", "closed"},
            {"unix_ms", r.unix_ms},
            {"end", name_of(state_of(r.end))},
            {"why", r.why}};
  }
};

}  // namespace

ExplainTotals totals_of(const std::vector<ExplainRow>& rows) {
  ExplainTotals totals;
  for (const ExplainRow& row : rows) {
    if (const auto* grew = std::get_if<GrewRow>(&row)) {
      totals.tokens += grew->to - std::min(grew->from, grew->to);
    } else if (std::holds_alternative<EndedRecord>(row)) {
      ++totals.slices_ended;
    } else if (const auto* placed = std::get_if<PlacedRecord>(&row)) {
      totals.attempts += placed->how != PlacedHow::adopted;
    } else if (const auto* left = std::get_if<LeftRecord>(&row)) {
      ++totals.left;
      totals.again += left->ahead;
    } else if (std::holds_alternative<TermRecord>(row)) {
      ++totals.restarts;
    } else if (const auto* stalled = std::get_if<StalledRecord>(&row)) {
      totals.stalled_ms += stalled->for_ms;
    }
  }
  return totals;
}

std::string explain_text(const Explained& whole) {
  Lines lines(whole.unix_ms);
  for (const ExplainRow& row : whole.rows) std::visit(lines, row);
  return head_of(whole) + "\n" + lines.take() + "\n" + foot_of(totals_of(whole.rows));
}

Json explain_json(const Explained& whole) {
  Json rows = Json::array();
  for (const ExplainRow& row : whole.rows) rows.push_back(std::visit(JsonRow(), row));
  const ExplainTotals totals = totals_of(whole.rows);
  return {{"job", to_string(whole.job)},
          {"state", name_of(whole.state)},
          {"why", whole.why},
          {"opened_unix_ms", whole.unix_ms},
          {"model", kernels::hex(whole.model)},
          {"numerics", whole.numerics},
          {"context", name_of_context(whole.context)},
          {"tokens_asked", whole.tokens},
          {"one_stream", whole.one_stream},
          {"rows", std::move(rows)},
          {"totals",
           {{"tokens", totals.tokens},
            {"steps_ended", totals.slices_ended},
            {"attempts", totals.attempts},
            {"lost", totals.left},
            {"restarts", totals.restarts},
            {"tokens_again_at_least", totals.again},
            {"storage_stalled_ms", totals.stalled_ms}}}};
}

}  // namespace pecia::apps
