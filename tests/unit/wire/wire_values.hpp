#pragma once
// Values of every record, message and spec: drawn from a seed, edges of their ranges among them.

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/wire/codec.hpp"

namespace pecia::test {

class WireValues {
 public:
  explicit WireValues(std::uint64_t seed) : random_(seed) {}

  std::uint64_t below(std::uint64_t end) { return random_() % end; }

  // One alternative of a variant of this header's types.
  template <class Variant>
  Variant any() {
    return alternative<Variant>(below(std::variant_size_v<Variant>),
                                std::make_index_sequence<std::variant_size_v<Variant>>());
  }
  template <class Variant>
  Variant kind(std::size_t index) {
    return alternative<Variant>(index, std::make_index_sequence<std::variant_size_v<Variant>>());
  }

  runtime::JobSpec spec() {
    runtime::JobSpec spec;
    spec.outline = text(runtime::kOutlineBytesMax);
    spec.tokens = count() - 1;
    spec.context = one_of(runtime::ContextMode::summary);
    spec.one_stream = flag(), spec.chat_template = flag(), spec.ignore_eos = flag();
    spec.sampling = {real(), signed_count(), real(),         real(), real(),
                     real(), real(),         signed_count(), {}};
    for (std::uint64_t i = below(4); i > 0; --i)
      spec.sampling.logit_bias.push_back({count(), real()});
    for (std::uint64_t i = below(4); i > 0; --i) spec.stop.push_back(text(20));
    return spec;
  }

 private:
  using Id = runtime::Id;

  std::uint64_t number(std::uint64_t max = UINT64_MAX) {
    switch (below(4)) {
      case 0:
        return 0;
      case 1:
        return max;
      default:
        return max == UINT64_MAX ? random_() : random_() % (max + 1);
    }
  }
  int count() { return static_cast<int>(number(INT32_MAX)); }
  int signed_count() { return static_cast<int>(static_cast<std::uint32_t>(random_())); }
  bool flag() { return below(2) == 1; }
  float real() { return static_cast<float>(signed_count()) / 65536.0f; }

  template <class Enum>
  Enum one_of(Enum last) {
    return static_cast<Enum>(below(static_cast<std::uint64_t>(last) + 1));
  }

  Id id() {
    Id id{};
    if (below(4) == 0) return id;
    for (auto& byte : id) byte = static_cast<std::uint8_t>(random_());
    return id;
  }

  std::string text(std::size_t max) {
    static constexpr std::string_view kPieces[] = {
        "a", "\n", "\xC3\xA9", "\xE6\xBC\xA2", "\xF0\x9F\x98\x80", std::string_view("\0", 1), "7."};
    const std::size_t length =
        below(8) == 0 && max <= 4'096 ? max : below(std::min<std::size_t>(max, 40));
    std::string text;
    while (text.size() < length) {
      const std::string_view piece = kPieces[below(std::size(kPieces))];
      text += text.size() + piece.size() <= length ? piece : "x";
    }
    return text;
  }

  std::vector<std::byte> bytes() {
    std::vector<std::byte> bytes(below(100));
    for (auto& byte : bytes) byte = static_cast<std::byte>(random_());
    return bytes;
  }

  runtime::Path path() {
    if (below(8) == 0) return std::string(runtime::kPathBytesMax, '9');
    runtime::Path path = std::to_string(1 + below(2'000));
    for (std::uint64_t i = below(4); i > 0; --i) path += '.' + std::to_string(1 + below(2'000));
    return path;
  }

  runtime::TokenIds tokens(std::size_t max) {
    runtime::TokenIds ids(below(8) == 0 ? std::min<std::size_t>(max, 4'096) : below(50));
    for (auto& id : ids) id = count();
    return ids;
  }

  runtime::StepName step() { return {id(), path()}; }
  runtime::AttemptId attempt() { return {number(), number()}; }
  runtime::NodeBoot node() { return {text(runtime::kNodeNameBytesMax), number()}; }
  std::string why() { return text(runtime::kWhyBytesMax); }
  std::uint64_t position() { return number(runtime::kPositionMax); }
  std::uint64_t offset() { return number(runtime::kTextOffsetMax); }
  std::uint64_t time_ms() { return number(runtime::kTimeMsMax); }

  void fill(runtime::TermRecord& r) { r = {number(), number(), time_ms()}; }
  void fill(runtime::OpenedRecord& r) {
    r = {id(), bytes(), number(), id(), text(runtime::kNumericsBytesMax), time_ms()};
  }
  void fill(runtime::PlannedRecord& r) {
    r = {id(), flag() ? path() : "", {}, time_ms()};
    for (std::uint64_t i = below(5); i > 0; --i) {
      runtime::PlannedStep step{path(), {}, tokens(runtime::kPromptTokensMax), count()};
      for (std::uint64_t k = below(4); k > 0; --k) step.inputs.push_back(path());
      r.steps.push_back(std::move(step));
    }
  }
  void fill(runtime::TokensRecord& r) {
    r = {step(), position(), tokens(runtime::kOfferTokensMax), id(), attempt(), time_ms()};
  }
  void fill(runtime::EndedRecord& r) {
    r = {step(), one_of(runtime::StepEnd::context_full), position(), offset(), id(), time_ms()};
  }
  void fill(runtime::ClosedRecord& r) {
    r = {id(), one_of(runtime::JobEnd::cancelled), why(), time_ms()};
  }
  void fill(runtime::PlacedRecord& r) {
    r = {step(), attempt(), node(), one_of(runtime::PlacedHow::adopted), position(), time_ms()};
  }
  void fill(runtime::LeftRecord& r) {
    r = {step(), attempt(),  node(),   one_of(runtime::LeftReason::drained),
         why(),  position(), time_ms()};
  }
  void fill(runtime::StalledRecord& r) { r = {time_ms(), why(), time_ms()}; }

  void fill(runtime::Submit& s) {
    s = {id(), bytes(), number(), id(), text(runtime::kNumericsBytesMax), time_ms()};
  }
  void fill(runtime::Read& r) { r = {id(), offset(), id()}; }
  void fill(runtime::Cancel& c) { c = {id()}; }
  void fill(runtime::View& v) { v = {id()}; }
  void fill(runtime::Overview& o) { o = {number()}; }
  void fill(runtime::Explain& e) { e = {id(), number()}; }
  void fill(runtime::DrainNode& d) { d = {text(runtime::kNodeNameBytesMax), time_ms()}; }
  void fill(runtime::Viewed& v) {
    v = {id(), one_of(runtime::JobState::cancelled), why(), {}, offset()};
    for (std::uint64_t i = below(5); i > 0; --i) {
      v.slices.push_back({position(), {}});
      if (flag()) v.slices.back().end = one_of(runtime::StepEnd::context_full);
    }
  }
  void fill(runtime::Overviewed& o) {
    o = {number(), number(), {}, {}, number()};
    for (std::uint64_t i = below(4); i > 0; --i) {
      o.jobs.push_back(
          {id(), one_of(runtime::JobState::cancelled), time_ms(), number(), number(), number()});
    }
    for (std::uint64_t i = below(4); i > 0; --i)
      o.nodes.push_back({node(), count(), count(), flag(), number()});
  }
  void fill(runtime::PlannedRow& r) { r = {number(1 << 20), number(1 << 30), time_ms()}; }
  void fill(runtime::GrewRow& r) {
    r = {path(), attempt(), position(), position(), number(), time_ms(), time_ms()};
  }
  void fill(runtime::Explained& e) {
    e = {id(),
         one_of(runtime::JobState::cancelled),
         why(),
         time_ms(),
         id(),
         text(runtime::kNumericsBytesMax),
         one_of(runtime::ContextMode::summary),
         count() - 1,
         flag(),
         number(),
         number(),
         {}};
    for (std::uint64_t i = below(5); i > 0; --i) e.rows.push_back(any<runtime::ExplainRow>());
  }
  void fill(runtime::Submitted& s) { s = {id(), one_of(runtime::JobState::cancelled)}; }
  void fill(runtime::Refused& r) { r = {id(), one_of(runtime::RefusalKind::diverged), why()}; }
  void fill(runtime::Text& t) {
    t = {id(), offset(), text(1'000), one_of(runtime::JobState::cancelled), why()};
    if (flag()) t.bytes += "\xFF\x80";  // of a document: any bytes
  }

  void fill(runtime::Order& o) {
    o = {number(),
         attempt(),
         step(),
         bytes(),
         number(),
         id(),
         text(runtime::kNumericsBytesMax),
         tokens(runtime::kPromptTokensMax),
         count(),
         id(),
         tokens(runtime::kPromptTokensMax),
         flag()};
  }
  void fill(runtime::Committed& c) { c = {number(), attempt(), position()}; }
  void fill(runtime::Drop& d) { d = {number(), attempt()}; }
  void fill(runtime::Drain& d) { d = {number(), time_ms()}; }

  void fill(runtime::Report& r) {
    r = {number(), node(), count(), flag(), {}};
    for (std::uint64_t i = below(5); i > 0; --i) {
      r.held.push_back({attempt(), step(), position(), position(), id(), position()});
    }
  }
  void fill(runtime::Offer& o) {
    o = {number(), node(), attempt(), step(), position(), id(), tokens(runtime::kOfferTokensMax),
         {}};
    if (flag()) o.end = {one_of(runtime::StepEnd::context_full), offset(), id()};
  }
  void fill(runtime::Broke& b) {
    b = {number(), node(), attempt(), one_of(runtime::BrokeKind::content), why()};
  }

  template <class Variant, std::size_t... I>
  Variant alternative(std::size_t index, std::index_sequence<I...>) {
    Variant any;
    ((index == I ? fill(any.template emplace<I>()) : void()), ...);
    return any;
  }

  std::mt19937_64 random_;
};

}  // namespace pecia::test
