#include "runtime/wire/limits.hpp"

#include <cmath>
#include <optional>
#include <string_view>

#include "kernels/base/utf8.hpp"

namespace pecia::runtime {

namespace {

using kernels::ErrorKind;

// Walks one value: remembers the first field that is wrong, and sums up the room of all.
class Measure {
 public:
  explicit Measure(std::string_view whole) : whole_(whole) {}

  void structs(std::size_t count) { words_ += count * kStructWordsMax; }

  void size(std::string_view field, std::size_t count, std::size_t max, std::string_view unit) {
    if (count <= max) return;
    refuse(field, fmt::format("{} {}, at most {} are right", count, unit, max));
  }

  void bytes(std::string_view field, std::size_t count, std::size_t max) {
    size(field, count, max, "bytes");
    words_ += kBlobWords + count / sizeof(std::uint64_t);
  }

  void text(std::string_view field, std::string_view text, std::size_t max) {
    bytes(field, text.size(), max);
    if (text.size() > max) return;
    if (const std::size_t at = kernels::first_broken_utf8(text); at != text.npos) {
      refuse(field, fmt::format("no UTF-8 at byte {}", at));
    }
  }

  void path(std::string_view field, std::string_view path) {
    bytes(field, path.size(), kPathBytesMax);
    if (path.size() > kPathBytesMax || is_path(path)) return;
    refuse(field, "no path; right are numbers from 1 on joined by dots, as in 2.5");
  }

  void tokens(std::string_view field, const TokenIds& ids, std::size_t max) {
    size(field, ids.size(), max, "tokens");
    words_ += kBlobWords + ids.size() * sizeof(ids[0]) / sizeof(std::uint64_t);
    if (ids.size() > max) return;
    for (const std::int32_t id : ids) not_negative(field, id);
  }

  void not_negative(std::string_view field, int value) { at_least(field, value, 0); }

  void at_least(std::string_view field, int value, int least) {
    if (value < least) refuse(field, fmt::format("{} is below {}", value, least));
  }

  void at_most(std::string_view field, std::uint64_t value, std::uint64_t max) {
    if (value > max) refuse(field, fmt::format("{}, at most {} is right", value, max));
  }

  void finite(std::string_view field, float value) {
    if (!std::isfinite(value)) refuse(field, fmt::format("{} is no finite number", value));
  }

  // A part that was walked by itself.
  void add(Measure part) {
    words_ += part.words_;
    if (!error_) error_ = std::move(part.error_);
  }

  kernels::Expected<std::size_t> bytes_max() && {
    const std::size_t total = words_ * sizeof(std::uint64_t);
    size("all of it", total, kEncodedBytesMax, "bytes");
    if (error_) return *std::move(error_);
    return total;
  }

 private:
  static constexpr std::size_t kBlobWords = 3;  // pointer, a word begun, a closing NUL

  void refuse(std::string_view field, std::string_view why) {
    if (error_) return;
    error_ = kernels::fail(ErrorKind::refuse, "{}.{}: {}", whole_, field, why);
  }

  std::string_view whole_;
  std::size_t words_ = 2 * kStructWordsMax;  // the envelope and what is in it
  std::optional<kernels::Error> error_;
};

// -- parts ---------------------------------------------------------------------------------------

void walk_step(Measure& m, const StepName& step) {
  m.structs(1);
  m.path("step.path", step.path);
}

void walk_node(Measure& m, std::string_view field, const NodeBoot& from) {
  m.structs(1);
  m.text(field, from.node, kNodeNameBytesMax);
}

void walk_attempt(Measure& m) { m.structs(1); }

// -- records -------------------------------------------------------------------------------------

Measure walk(const TermRecord& r) {
  Measure m("term");
  m.at_most("unix_ms", r.unix_ms, kTimeMsMax);
  return m;
}

Measure walk(const OpenedRecord& r) {
  Measure m("opened");
  m.bytes("spec", r.spec.size(), kSpecBytesMax);
  m.text("numerics", r.numerics, kNumericsBytesMax);
  m.at_most("unix_ms", r.unix_ms, kTimeMsMax);
  return m;
}

Measure walk(const PlannedRecord& r) {
  Measure m("planned");
  if (r.parent.empty()) {
    m.bytes("parent", 0, kPathBytesMax);
  } else {
    m.path("parent", r.parent);
  }
  m.size("steps", r.steps.size(), kPlannedStepsMax, "steps");
  m.structs(r.steps.size());
  for (const PlannedStep& step : r.steps) {
    m.path("steps.path", step.path);
    m.size("steps.inputs", step.inputs.size(), kInputsMax, "paths");
    for (const Path& input : step.inputs) m.path("steps.inputs", input);
    m.tokens("steps.prompt", step.prompt, kPromptTokensMax);
    m.not_negative("steps.tokens_max", step.tokens_max);
  }
  m.at_most("unix_ms", r.unix_ms, kTimeMsMax);
  return m;
}

Measure walk(const TokensRecord& r) {
  Measure m("tokens");
  walk_step(m, r.step);
  walk_attempt(m);
  m.at_most("from", r.from, kPositionMax);
  m.tokens("ids", r.ids, kOfferTokensMax);
  m.at_most("unix_ms", r.unix_ms, kTimeMsMax);
  return m;
}

Measure walk(const EndedRecord& r) {
  Measure m("ended");
  walk_step(m, r.step);
  m.at_most("tokens", r.tokens, kPositionMax);
  m.at_most("bytes", r.bytes, kTextOffsetMax);
  m.at_most("unix_ms", r.unix_ms, kTimeMsMax);
  return m;
}

Measure walk(const ClosedRecord& r) {
  Measure m("closed");
  m.text("why", r.why, kWhyBytesMax);
  m.at_most("unix_ms", r.unix_ms, kTimeMsMax);
  return m;
}

Measure walk(const PlacedRecord& r) {
  Measure m("placed");
  walk_step(m, r.step);
  walk_attempt(m);
  walk_node(m, "node", r.node);
  m.at_most("from", r.from, kPositionMax);
  m.at_most("unix_ms", r.unix_ms, kTimeMsMax);
  return m;
}

Measure walk(const LeftRecord& r) {
  Measure m("left");
  walk_step(m, r.step);
  walk_attempt(m);
  walk_node(m, "node", r.node);
  m.text("why", r.why, kWhyBytesMax);
  m.at_most("ahead", r.ahead, kPositionMax);
  m.at_most("unix_ms", r.unix_ms, kTimeMsMax);
  return m;
}

Measure walk(const StalledRecord& r) {
  Measure m("stalled");
  m.at_most("for_ms", r.for_ms, kTimeMsMax);
  m.text("why", r.why, kWhyBytesMax);
  m.at_most("unix_ms", r.unix_ms, kTimeMsMax);
  return m;
}

// -- client -> coordinator, and the answers ------------------------------------------------------

Measure walk(const Submit& s) {
  Measure m("submit");
  m.bytes("spec", s.spec.size(), kSpecBytesMax);
  m.text("numerics", s.numerics, kNumericsBytesMax);
  m.at_most("unix_ms", s.unix_ms, kTimeMsMax);
  return m;
}

Measure walk(const Read& r) {
  Measure m("read");
  m.at_most("offset", r.offset, kTextOffsetMax);
  return m;
}

Measure walk(const Cancel&) { return Measure("cancel"); }

Measure walk(const View&) { return Measure("view"); }

Measure walk(const Overview&) { return Measure("overview"); }

Measure walk(const Explain&) { return Measure("explain"); }

Measure walk(const DrainNode& d) {
  Measure m("drain_node");
  m.text("node", d.node, kNodeNameBytesMax);
  m.at_most("deadline_ms", d.deadline_ms, kTimeMsMax);
  return m;
}

Measure walk(const Submitted&) { return Measure("submitted"); }

Measure walk(const Refused& r) {
  Measure m("refused");
  m.text("why", r.why, kWhyBytesMax);
  return m;
}

Measure walk(const Text& t) {
  Measure m("text");
  m.at_most("offset", t.offset, kTextOffsetMax);
  m.bytes("bytes", t.bytes.size(), kTextBytesMax);
  m.text("why", t.why, kWhyBytesMax);
  return m;
}

Measure walk(const Viewed& v) {
  Measure m("viewed");
  m.text("why", v.why, kWhyBytesMax);
  m.size("slices", v.slices.size(), kPlannedStepsMax, "slices");
  m.structs(v.slices.size());
  for (const SliceView& slice : v.slices) m.at_most("slices.tokens", slice.tokens, kPositionMax);
  m.at_most("bytes_released", v.bytes_released, kTextOffsetMax);
  return m;
}

Measure walk(const Overviewed& o) {
  Measure m("overviewed");
  m.size("jobs", o.jobs.size(), kJobRowsMax, "jobs");
  m.structs(o.jobs.size());
  for (const JobRow& row : o.jobs) m.at_most("jobs.unix_ms", row.unix_ms, kTimeMsMax);
  m.size("nodes", o.nodes.size(), kNodeRowsMax, "nodes");
  m.structs(o.nodes.size());
  for (const NodeRow& row : o.nodes) {
    walk_node(m, "nodes.node", row.node);
    m.not_negative("nodes.slots", row.slots);
    m.not_negative("nodes.held", row.held);
  }
  return m;
}

Measure walk(const PlannedRow& r) {
  Measure m("rows.planned");
  m.at_most("tokens", r.tokens, kPlannedStepsMax * kPositionMax);
  m.at_most("unix_ms", r.unix_ms, kTimeMsMax);
  return m;
}

Measure walk(const GrewRow& r) {
  Measure m("rows.grew");
  m.path("path", r.path);
  walk_attempt(m);
  m.at_most("from", r.from, kPositionMax);
  m.at_most("to", r.to, kPositionMax);
  m.at_most("unix_ms", r.unix_ms, kTimeMsMax);
  m.at_most("last_ms", r.last_ms, kTimeMsMax);
  return m;
}

Measure walk(const Explained& e) {
  Measure m("explained");
  m.text("why", e.why, kWhyBytesMax);
  m.at_most("unix_ms", e.unix_ms, kTimeMsMax);
  m.text("numerics", e.numerics, kNumericsBytesMax);
  m.at_least("tokens", e.tokens, -1);
  m.size("rows", e.rows.size(), kExplainRowsMax, "rows");
  for (const ExplainRow& row : e.rows)
    m.add(std::visit([](const auto& one) { return walk(one); }, row));
  return m;
}

// -- coordinator -> worker -----------------------------------------------------------------------

Measure walk(const Order& o) {
  Measure m("order");
  walk_attempt(m);
  walk_step(m, o.step);
  m.bytes("spec", o.spec.size(), kSpecBytesMax);
  m.text("numerics", o.numerics, kNumericsBytesMax);
  m.tokens("prompt", o.prompt, kPromptTokensMax);
  m.not_negative("tokens_max", o.tokens_max);
  m.tokens("committed", o.committed, kPromptTokensMax);
  return m;
}

Measure walk(const Committed& c) {
  Measure m("committed");
  walk_attempt(m);
  m.at_most("to", c.to, kPositionMax);
  return m;
}

Measure walk(const Drop&) {
  Measure m("drop");
  walk_attempt(m);
  return m;
}

Measure walk(const Drain& d) {
  Measure m("drain");
  m.at_most("deadline_ms", d.deadline_ms, kTimeMsMax);
  return m;
}

// -- worker -> coordinator -----------------------------------------------------------------------

Measure walk(const Report& r) {
  Measure m("report");
  walk_node(m, "from", r.from);
  m.not_negative("free_slots", r.free_slots);
  m.size("held", r.held.size(), kHeldMax, "attempts");
  m.structs(r.held.size());
  for (const HeldAttempt& held : r.held) {
    walk_attempt(m);
    walk_step(m, held.step);
    m.at_most("held.have", held.have, kPositionMax);
    m.at_most("held.committed", held.committed, kPositionMax);
    m.at_most("held.prefilled", held.prefilled, kPositionMax);
  }
  return m;
}

Measure walk(const Offer& o) {
  Measure m("offer");
  walk_node(m, "from_node", o.from_node);
  walk_attempt(m);
  walk_step(m, o.step);
  m.at_most("from", o.from, kPositionMax);
  m.tokens("ids", o.ids, kOfferTokensMax);
  m.structs(1);
  if (o.end) m.at_most("end.bytes", o.end->bytes, kTextOffsetMax);
  return m;
}

Measure walk(const Broke& b) {
  Measure m("broke");
  walk_node(m, "from", b.from);
  walk_attempt(m);
  m.text("why", b.why, kWhyBytesMax);
  return m;
}

// -- the spec ------------------------------------------------------------------------------------

Measure walk(const JobSpec& spec) {
  Measure m("spec");
  m.structs(1);
  m.text("outline", spec.outline, kOutlineBytesMax);
  m.at_least("tokens", spec.tokens, -1);
  m.finite("sampling.temperature", spec.sampling.temperature);
  m.finite("sampling.top_p", spec.sampling.top_p);
  m.finite("sampling.min_p", spec.sampling.min_p);
  m.finite("sampling.repeat_penalty", spec.sampling.repeat_penalty);
  m.finite("sampling.frequency_penalty", spec.sampling.frequency_penalty);
  m.finite("sampling.presence_penalty", spec.sampling.presence_penalty);
  m.size("sampling.logit_bias", spec.sampling.logit_bias.size(), kLogitBiasMax, "tokens");
  m.structs(spec.sampling.logit_bias.size());
  for (const LogitBias& bias : spec.sampling.logit_bias) {
    m.not_negative("sampling.logit_bias.id", bias.id);
    m.finite("sampling.logit_bias.value", bias.value);
  }
  m.size("stop", spec.stop.size(), kStopTextsMax, "texts");
  std::size_t stop_bytes = 0;
  for (const std::string& text : spec.stop) {
    m.text("stop", text, kStopTextBytesMax);
    stop_bytes += text.size();
  }
  m.size("stop", stop_bytes, kStopTextBytesMax, "bytes in all");
  return m;
}

template <class Variant>
kernels::Expected<std::size_t> measure_any(const Variant& any) {
  return std::visit([](const auto& one) { return walk(one).bytes_max(); }, any);
}

}  // namespace

std::string clean_why(std::string_view why) {
  std::string clean;
  for (std::size_t at = 0; at < why.size();) {
    const kernels::Utf8Run run = kernels::utf8_run(why, at);
    const std::size_t bytes = run.whole() ? run.bytes : 1;
    if (clean.size() + bytes > kWhyBytesMax) break;
    if (!run.whole()) {
      clean += '?';
    } else if (why[at] == '\n' || why[at] == '\0') {
      clean += ' ';
    } else {
      clean += why.substr(at, bytes);
    }
    at += bytes;
  }
  return clean;
}

kernels::Expected<std::size_t> measure(const Record& record) { return measure_any(record); }
kernels::Expected<std::size_t> measure(const ToCoordinator& m) { return measure_any(m); }
kernels::Expected<std::size_t> measure(const ToWorker& m) { return measure_any(m); }
kernels::Expected<std::size_t> measure(const ToClient& m) { return measure_any(m); }
kernels::Expected<std::size_t> measure(const JobSpec& spec) { return walk(spec).bytes_max(); }

}  // namespace pecia::runtime
