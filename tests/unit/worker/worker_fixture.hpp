#pragma once
// A worker whose coordinator, engine and clock are a test. Effects as lines of text:
//   report 2.1 has 3 committed 1, free 3      offer 2.1 from 0 +3 end      broke 2.1 content
//   start 1 from 0     pause 1     resume 1     end 1                      runs of the engine

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "actors/worker/worker_core.hpp"
#include "tests/catch.hpp"

namespace pecia::actors {

using Lines = std::vector<std::string>;

inline constexpr runtime::JobId kJob{1};
inline constexpr runtime::Id kInput{2};
inline constexpr int kSlots = 2;
inline constexpr std::uint64_t kWindow = 4;  // tokens

inline runtime::TokenIds text(std::uint64_t from, std::uint64_t to) {
  runtime::TokenIds ids;
  for (std::uint64_t i = from; i < to; ++i) ids.push_back(static_cast<std::int32_t>(100 + i));
  return ids;
}
inline runtime::Chain chain_at(const runtime::Path& path, std::uint64_t position) {
  return runtime::chain_after(runtime::chain_start({kJob, path}, kInput), text(0, position));
}

struct WorkerLine {
  std::string operator()(const runtime::Report& report) const {
    std::string line = "report";
    for (const auto& held : report.held) {
      line += fmt::format(" {}.{} has {} committed {},", held.attempt.term, held.attempt.n,
                          held.have, held.committed);
    }
    return line + fmt::format(" free {}{}", report.free_slots, report.draining ? " draining" : "");
  }
  std::string operator()(const runtime::Offer& offer) const {
    return fmt::format("offer {}.{} from {} +{}{}", offer.attempt.term, offer.attempt.n, offer.from,
                       offer.ids.size(), offer.end ? " end" : "");
  }
  std::string operator()(const runtime::Broke& broke) const {
    return fmt::format("broke {}.{} {}", broke.attempt.term, broke.attempt.n,
                       broke.kind == runtime::BrokeKind::content ? "content" : "elsewhere");
  }
  std::string operator()(const runtime::Submit&) const { return "submit"; }
  std::string operator()(const runtime::Read&) const { return "read"; }
  std::string operator()(const runtime::Cancel&) const { return "cancel"; }
  std::string operator()(const runtime::View&) const { return "view"; }
  std::string operator()(const runtime::Overview&) const { return "overview"; }
  std::string operator()(const runtime::DrainNode&) const { return "drain node"; }
  std::string operator()(const runtime::Explain&) const { return "explain"; }
  std::string operator()(const ToCoordinatorEffect& to) const {
    return std::visit(*this, to.message);
  }
  std::string operator()(const StartRun& start) const {
    return fmt::format("start {} from {}", start.run, start.order.committed.size());
  }
  std::string operator()(const PauseRun& pause) const { return fmt::format("pause {}", pause.run); }
  std::string operator()(const ResumeRun& run) const { return fmt::format("resume {}", run.run); }
  std::string operator()(const EndRun& end) const { return fmt::format("end {}", end.run); }
};

// What concerns the engine, in order.
inline Lines with_runs(const Lines& lines) {
  Lines found;
  for (const std::string& each : lines) {
    const bool said =
        each.starts_with("report") || each.starts_with("offer") || each.starts_with("broke");
    if (!said) found.push_back(each);
  }
  return found;
}

class Working {
 public:
  explicit Working(runtime::Term first = 2) : term(first) {
    limits.window_tokens = kWindow;
    core.on_link_up(now_ms);
  }

  // -- the coordinator's words
  runtime::Order order_of(std::uint64_t n, const runtime::Path& path, std::uint64_t committed) {
    runtime::Order order;
    order.term = term;
    order.attempt = {term, n};
    order.step = {kJob, path};
    order.prompt = {1, 2, 3};
    order.tokens_max = 50;
    order.input = kInput;
    order.committed = text(0, committed);
    return order;
  }
  Lines order(std::uint64_t n, const runtime::Path& path, std::uint64_t committed = 0) {
    return hear(order_of(n, path, committed));
  }
  Lines committed(std::uint64_t n, std::uint64_t to) {
    return hear(runtime::Committed{term, {term, n}, to});
  }
  Lines dropped(std::uint64_t n) { return hear(runtime::Drop{term, {term, n}}); }
  Lines drain(std::uint64_t deadline_ms) { return hear(runtime::Drain{term, deadline_ms}); }
  Lines hear(const runtime::ToWorker& message) { return take(core.on_message(message, now_ms)); }

  // -- the engine's
  // Tokens [from, to) of the text; the last one ends the step if `ends`.
  Lines generated(RunId run, std::uint64_t from, std::uint64_t to, bool ends = false) {
    Lines lines;
    for (std::uint64_t i = from; i < to; ++i) {
      const bool last = ends && i + 1 == to;
      const auto end = last ? std::optional(runtime::OfferEnd{}) : std::nullopt;
      for (std::string& each : take(core.on_token(run, text(i, i + 1)[0], end)))
        lines.push_back(std::move(each));
    }
    return lines;
  }
  Lines offered() { return take(core.offer_tokens()); }

  // -- time
  Lines pass(std::uint64_t ms) {
    now_ms += ms;
    return take(core.on_tick(now_ms));
  }

  std::uint64_t times(WorkerEvent event) const { return core.counts()[event]; }
  Lines take(const WorkerEffects& effects) {
    Lines lines;
    for (const WorkerEffect& effect : effects) {
      lines.push_back(std::visit(WorkerLine{}, effect));
      check_offer(effect);
    }
    return lines;
  }

  runtime::ProtocolLimits limits;
  runtime::Term term;  // of the coordinator that speaks
  std::uint64_t now_ms = 1'000;
  WorkerCore core{limits, {"a", 1}, kSlots, 1'000};

 private:
  // Every offer carries the tokens and the chain of where it begins, and who it is from.
  static void check_offer(const WorkerEffect& effect) {
    const auto* to = std::get_if<ToCoordinatorEffect>(&effect);
    const auto* offer = to == nullptr ? nullptr : std::get_if<runtime::Offer>(&to->message);
    if (offer == nullptr) return;
    CHECK(offer->ids == text(offer->from, offer->from + offer->ids.size()));
    CHECK(offer->chain == chain_at(offer->step.path, offer->from));
    CHECK(offer->from_node == runtime::NodeBoot{"a", 1});
  }
};

}  // namespace pecia::actors
