// Plain structs to bytes: codec.hpp.

#include <cassert>
#include <span>
#include <string>
#include <type_traits>

#include "runtime/wire/codec.hpp"
#include "runtime/wire/schema.hpp"

namespace pecia::runtime {

namespace {

// -- parts ---------------------------------------------------------------------------------------

capnp::Data::Reader blob(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const kj::byte*>(bytes.data()), bytes.size()};
}

capnp::Data::Reader blob(const Id& id) { return {id.data(), id.size()}; }

capnp::Text::Reader text(const std::string& text) { return {text.c_str(), text.size()}; }

template <class Wire, class Plain>
Wire enumerant(Plain value) {
  return static_cast<Wire>(value);  // schema.hpp holds the numbers equal
}

void put(capnp::List<std::int32_t>::Builder out, const TokenIds& ids) {
  for (capnp::uint i = 0; i < out.size(); ++i) out.set(i, ids[i]);
}

void put(capnp::List<capnp::Text>::Builder out, const std::vector<std::string>& texts) {
  for (capnp::uint i = 0; i < out.size(); ++i) out.set(i, text(texts[i]));
}

// Lists are at most kPromptTokensMax long, measure() has said.
template <class List>
capnp::uint count(const List& list) {
  return static_cast<capnp::uint>(list.size());
}

void put(wire::StepName::Builder out, const StepName& step) {
  out.setJob(blob(step.job));
  out.setPath(text(step.path));
}

void put(wire::AttemptId::Builder out, const AttemptId& attempt) {
  out.setTerm(attempt.term);
  out.setN(attempt.n);
}

void put(wire::NodeBoot::Builder out, const NodeBoot& from) {
  out.setNode(text(from.node));
  out.setBoot(from.boot);
}

// -- records -------------------------------------------------------------------------------------

void put(wire::TermRecord::Builder out, const TermRecord& r) {
  out.setTerm(r.term);
  out.setBoot(r.boot);
  out.setUnixMs(r.unix_ms);
}

void put(wire::OpenedRecord::Builder out, const OpenedRecord& r) {
  out.setJob(blob(r.job));
  out.setSpec(blob(r.spec));
  out.setSeed(r.seed);
  out.setModel(blob(r.model));
  out.setNumerics(text(r.numerics));
  out.setUnixMs(r.unix_ms);
}

void put(wire::PlannedStep::Builder out, const PlannedStep& step) {
  out.setPath(text(step.path));
  put(out.initInputs(count(step.inputs)), step.inputs);
  put(out.initPrompt(count(step.prompt)), step.prompt);
  out.setTokensMax(step.tokens_max);
}

void put(wire::PlannedRecord::Builder out, const PlannedRecord& r) {
  out.setJob(blob(r.job));
  out.setParent(text(r.parent));
  auto steps = out.initSteps(count(r.steps));
  for (capnp::uint i = 0; i < steps.size(); ++i) put(steps[i], r.steps[i]);
  out.setUnixMs(r.unix_ms);
}

void put(wire::TokensRecord::Builder out, const TokensRecord& r) {
  put(out.initStep(), r.step);
  out.setFrom(r.from);
  put(out.initIds(count(r.ids)), r.ids);
  out.setChain(blob(r.chain));
  put(out.initAttempt(), r.attempt);
  out.setUnixMs(r.unix_ms);
}

void put(wire::EndedRecord::Builder out, const EndedRecord& r) {
  put(out.initStep(), r.step);
  out.setReason(enumerant<wire::StepEnd>(r.reason));
  out.setTokens(r.tokens);
  out.setBytes(r.bytes);
  out.setHash(blob(r.hash));
  out.setUnixMs(r.unix_ms);
}

void put(wire::ClosedRecord::Builder out, const ClosedRecord& r) {
  out.setJob(blob(r.job));
  out.setEnd(enumerant<wire::JobEnd>(r.end));
  out.setWhy(text(r.why));
  out.setUnixMs(r.unix_ms);
}

void put(wire::PlacedRecord::Builder out, const PlacedRecord& r) {
  put(out.initStep(), r.step);
  put(out.initAttempt(), r.attempt);
  put(out.initNode(), r.node);
  out.setHow(enumerant<wire::PlacedHow>(r.how));
  out.setFrom(r.from);
  out.setUnixMs(r.unix_ms);
}

void put(wire::LeftRecord::Builder out, const LeftRecord& r) {
  put(out.initStep(), r.step);
  put(out.initAttempt(), r.attempt);
  put(out.initNode(), r.node);
  out.setReason(enumerant<wire::LeftReason>(r.reason));
  out.setWhy(text(r.why));
  out.setAhead(r.ahead);
  out.setUnixMs(r.unix_ms);
}

void put(wire::StalledRecord::Builder out, const StalledRecord& r) {
  out.setForMs(r.for_ms);
  out.setWhy(text(r.why));
  out.setUnixMs(r.unix_ms);
}

// -- client -> coordinator, and the answers ------------------------------------------------------

void put(wire::Submit::Builder out, const Submit& s) {
  out.setJob(blob(s.job));
  out.setSpec(blob(s.spec));
  out.setSeed(s.seed);
  out.setModel(blob(s.model));
  out.setNumerics(text(s.numerics));
  out.setUnixMs(s.unix_ms);
}

void put(wire::Read::Builder out, const Read& r) {
  out.setJob(blob(r.job));
  out.setOffset(r.offset);
  out.setChain(blob(r.chain));
}

void put(wire::Cancel::Builder out, const Cancel& c) { out.setJob(blob(c.job)); }

void put(wire::View::Builder out, const View& v) { out.setJob(blob(v.job)); }

void put(wire::Overview::Builder out, const Overview& o) { out.setFrom(o.from); }

void put(wire::Explain::Builder out, const Explain& e) {
  out.setJob(blob(e.job));
  out.setFrom(e.from);
}

void put(wire::DrainNode::Builder out, const DrainNode& d) {
  out.setNode(text(d.node));
  out.setDeadlineMs(d.deadline_ms);
}

void put(wire::Submitted::Builder out, const Submitted& s) {
  out.setJob(blob(s.job));
  out.setState(enumerant<wire::JobState>(s.state));
}

void put(wire::Refused::Builder out, const Refused& r) {
  out.setJob(blob(r.job));
  out.setKind(enumerant<wire::RefusalKind>(r.kind));
  out.setWhy(text(r.why));
}

void put(wire::DocumentText::Builder out, const Text& t) {
  out.setJob(blob(t.job));
  out.setOffset(t.offset);
  out.setBytes(blob(std::as_bytes(std::span(t.bytes))));
  out.setState(enumerant<wire::JobState>(t.state));
  out.setWhy(text(t.why));
}

void put(wire::SliceView::Builder out, const SliceView& s) {
  out.setTokens(s.tokens);
  out.setEnded(s.end.has_value());
  if (s.end) out.setEnd(enumerant<wire::StepEnd>(*s.end));
}

void put(wire::Viewed::Builder out, const Viewed& v) {
  out.setJob(blob(v.job));
  out.setState(enumerant<wire::JobState>(v.state));
  out.setWhy(text(v.why));
  auto slices = out.initSlices(count(v.slices));
  for (capnp::uint i = 0; i < slices.size(); ++i) put(slices[i], v.slices[i]);
  out.setBytesReleased(v.bytes_released);
}

void put(wire::JobRow::Builder out, const JobRow& row) {
  out.setJob(blob(row.job));
  out.setState(enumerant<wire::JobState>(row.state));
  out.setUnixMs(row.unix_ms);
  out.setTokens(row.tokens);
  out.setSteps(row.steps);
  out.setStepsEnded(row.steps_ended);
}

void put(wire::NodeRow::Builder out, const NodeRow& row) {
  put(out.initNode(), row.node);
  out.setSlots(row.slots);
  out.setHeld(row.held);
  out.setDraining(row.draining);
  out.setSilentMs(row.silent_ms);
}

void put(wire::Overviewed::Builder out, const Overviewed& o) {
  out.setFrom(o.from);
  out.setJobsInAll(o.jobs_in_all);
  auto jobs = out.initJobs(count(o.jobs));
  for (capnp::uint i = 0; i < jobs.size(); ++i) put(jobs[i], o.jobs[i]);
  auto nodes = out.initNodes(count(o.nodes));
  for (capnp::uint i = 0; i < nodes.size(); ++i) put(nodes[i], o.nodes[i]);
  out.setTerm(o.term);
}

void put(wire::PlannedRow::Builder out, const PlannedRow& r) {
  out.setSteps(r.steps);
  out.setTokens(r.tokens);
  out.setUnixMs(r.unix_ms);
}

void put(wire::GrewRow::Builder out, const GrewRow& r) {
  out.setPath(text(r.path));
  put(out.initAttempt(), r.attempt);
  out.setFrom(r.from);
  out.setTo(r.to);
  out.setOffers(r.offers);
  out.setUnixMs(r.unix_ms);
  out.setLastMs(r.last_ms);
}

auto member(wire::ExplainRow::Builder out, const TermRecord&) { return out.initTerm(); }
auto member(wire::ExplainRow::Builder out, const PlannedRow&) { return out.initPlanned(); }
auto member(wire::ExplainRow::Builder out, const PlacedRecord&) { return out.initPlaced(); }
auto member(wire::ExplainRow::Builder out, const GrewRow&) { return out.initGrew(); }
auto member(wire::ExplainRow::Builder out, const LeftRecord&) { return out.initLeft(); }
auto member(wire::ExplainRow::Builder out, const StalledRecord&) { return out.initStalled(); }
auto member(wire::ExplainRow::Builder out, const EndedRecord&) { return out.initEnded(); }
auto member(wire::ExplainRow::Builder out, const ClosedRecord&) { return out.initClosed(); }

void put(wire::Explained::Builder out, const Explained& e) {
  out.setJob(blob(e.job));
  out.setState(enumerant<wire::JobState>(e.state));
  out.setWhy(text(e.why));
  out.setUnixMs(e.unix_ms);
  out.setModel(blob(e.model));
  out.setNumerics(text(e.numerics));
  out.setContext(enumerant<wire::ContextMode>(e.context));
  out.setTokens(e.tokens);
  out.setOneStream(e.one_stream);
  out.setFrom(e.from);
  out.setRowsInAll(e.rows_in_all);
  auto rows = out.initRows(count(e.rows));
  for (capnp::uint i = 0; i < rows.size(); ++i)
    std::visit([&](const auto& one) { put(member(rows[i], one), one); }, e.rows[i]);
}

// -- coordinator -> worker -----------------------------------------------------------------------

void put(wire::Order::Builder out, const Order& o) {
  out.setTerm(o.term);
  put(out.initAttempt(), o.attempt);
  put(out.initStep(), o.step);
  out.setSpec(blob(o.spec));
  out.setSeed(o.seed);
  out.setModel(blob(o.model));
  out.setNumerics(text(o.numerics));
  put(out.initPrompt(count(o.prompt)), o.prompt);
  out.setTokensMax(o.tokens_max);
  out.setInput(blob(o.input));
  put(out.initCommitted(count(o.committed)), o.committed);
  out.setAlone(o.alone);
}

void put(wire::Committed::Builder out, const Committed& c) {
  out.setTerm(c.term);
  put(out.initAttempt(), c.attempt);
  out.setTo(c.to);
}

void put(wire::Drop::Builder out, const Drop& d) {
  out.setTerm(d.term);
  put(out.initAttempt(), d.attempt);
}

void put(wire::Drain::Builder out, const Drain& d) {
  out.setTerm(d.term);
  out.setDeadlineMs(d.deadline_ms);
}

// -- worker -> coordinator -----------------------------------------------------------------------

void put(wire::HeldAttempt::Builder out, const HeldAttempt& held) {
  put(out.initAttempt(), held.attempt);
  put(out.initStep(), held.step);
  out.setHave(held.have);
  out.setCommitted(held.committed);
  out.setChain(blob(held.chain));
  out.setPrefilled(held.prefilled);
}

void put(wire::Report::Builder out, const Report& r) {
  out.setTermSeen(r.term_seen);
  put(out.initFrom(), r.from);
  out.setFreeSlots(r.free_slots);
  out.setDraining(r.draining);
  auto held = out.initHeld(count(r.held));
  for (capnp::uint i = 0; i < held.size(); ++i) put(held[i], r.held[i]);
}

void put(wire::OfferEnd::Builder out, const OfferEnd& end) {
  out.setReason(enumerant<wire::StepEnd>(end.reason));
  out.setBytes(end.bytes);
  out.setHash(blob(end.hash));
}

void put(wire::Offer::Builder out, const Offer& o) {
  out.setTermSeen(o.term_seen);
  put(out.initFromNode(), o.from_node);
  put(out.initAttempt(), o.attempt);
  put(out.initStep(), o.step);
  out.setFrom(o.from);
  out.setChain(blob(o.chain));
  put(out.initIds(count(o.ids)), o.ids);
  if (o.end) put(out.initEnd(), *o.end);
}

void put(wire::Broke::Builder out, const Broke& b) {
  out.setTermSeen(b.term_seen);
  put(out.initFrom(), b.from);
  put(out.initAttempt(), b.attempt);
  out.setKind(enumerant<wire::BrokeKind>(b.kind));
  out.setWhy(text(b.why));
}

// -- the spec ------------------------------------------------------------------------------------

void put(wire::JobSampling::Builder out, const JobSampling& s) {
  out.setTemperature(s.temperature);
  out.setTopK(s.top_k);
  out.setTopP(s.top_p);
  out.setMinP(s.min_p);
  out.setRepeatPenalty(s.repeat_penalty);
  out.setFrequencyPenalty(s.frequency_penalty);
  out.setPresencePenalty(s.presence_penalty);
  out.setPenaltyWindow(s.penalty_window);
  if (s.logit_bias.empty()) return;  // a list without elements would be written as one
  auto biases = out.initLogitBias(count(s.logit_bias));
  for (capnp::uint i = 0; i < biases.size(); ++i) {
    biases[i].setId(s.logit_bias[i].id);
    biases[i].setValue(s.logit_bias[i].value);
  }
}

void put(wire::JobSpec::Builder out, const JobSpec& spec) {
  out.setOutline(text(spec.outline));
  out.setTokens(spec.tokens);
  out.setContext(enumerant<wire::ContextMode>(spec.context));
  out.setOneStream(spec.one_stream);
  out.setChatTemplate(spec.chat_template);
  out.setIgnoreEos(spec.ignore_eos);
  put(out.initSampling(), spec.sampling);
  put(out.initStop(count(spec.stop)), spec.stop);
}

// -- envelopes -----------------------------------------------------------------------------------

auto member(wire::Record::Builder out, const TermRecord&) { return out.initTerm(); }
auto member(wire::Record::Builder out, const OpenedRecord&) { return out.initOpened(); }
auto member(wire::Record::Builder out, const PlannedRecord&) { return out.initPlanned(); }
auto member(wire::Record::Builder out, const TokensRecord&) { return out.initTokens(); }
auto member(wire::Record::Builder out, const EndedRecord&) { return out.initEnded(); }
auto member(wire::Record::Builder out, const ClosedRecord&) { return out.initClosed(); }
auto member(wire::Record::Builder out, const PlacedRecord&) { return out.initPlaced(); }
auto member(wire::Record::Builder out, const LeftRecord&) { return out.initLeft(); }
auto member(wire::Record::Builder out, const StalledRecord&) { return out.initStalled(); }

auto member(wire::ToCoordinator::Builder out, const Submit&) { return out.initSubmit(); }
auto member(wire::ToCoordinator::Builder out, const Read&) { return out.initRead(); }
auto member(wire::ToCoordinator::Builder out, const Cancel&) { return out.initCancel(); }
auto member(wire::ToCoordinator::Builder out, const Report&) { return out.initReport(); }
auto member(wire::ToCoordinator::Builder out, const Offer&) { return out.initOffer(); }
auto member(wire::ToCoordinator::Builder out, const Broke&) { return out.initBroke(); }
auto member(wire::ToCoordinator::Builder out, const View&) { return out.initView(); }
auto member(wire::ToCoordinator::Builder out, const Overview&) { return out.initOverview(); }
auto member(wire::ToCoordinator::Builder out, const DrainNode&) { return out.initDrainNode(); }
auto member(wire::ToCoordinator::Builder out, const Explain&) { return out.initExplain(); }

auto member(wire::ToWorker::Builder out, const Order&) { return out.initOrder(); }
auto member(wire::ToWorker::Builder out, const Committed&) { return out.initCommitted(); }
auto member(wire::ToWorker::Builder out, const Drop&) { return out.initDrop(); }
auto member(wire::ToWorker::Builder out, const Drain&) { return out.initDrain(); }

auto member(wire::ToClient::Builder out, const Submitted&) { return out.initSubmitted(); }
auto member(wire::ToClient::Builder out, const Refused&) { return out.initRefused(); }
auto member(wire::ToClient::Builder out, const Text&) { return out.initText(); }
auto member(wire::ToClient::Builder out, const Viewed&) { return out.initViewed(); }
auto member(wire::ToClient::Builder out, const Overviewed&) { return out.initOverviewed(); }
auto member(wire::ToClient::Builder out, const Explained&) { return out.initExplained(); }

// -- bytes ---------------------------------------------------------------------------------------

// Written in place: room for the most that `any` takes, of which the used part stays.
template <class Envelope, class Variant>
Bytes built(const Variant& any) {
  const kernels::Expected<std::size_t> room = measure(any);
  assert(room.ok());
  Bytes bytes(*room);  // zeros, as the builder wants them
  assert(reinterpret_cast<std::uintptr_t>(bytes.data()) % alignof(capnp::word) == 0);
  capnp::FlatMessageBuilder builder(kj::arrayPtr(reinterpret_cast<capnp::word*>(bytes.data()),
                                                 bytes.size() / sizeof(capnp::word)));
  const auto root = builder.initRoot<Envelope>();
  std::visit([&](const auto& one) { put(member(root, one), one); }, any);
  const auto segments = builder.getSegmentsForOutput();
  assert(segments.size() == 1);
  bytes.resize(segments[0].asBytes().size());
  return bytes;
}

}  // namespace

Bytes encode(const Record& record) { return built<wire::Record>(record); }
Bytes encode(const ToCoordinator& message) { return built<wire::ToCoordinator>(message); }
Bytes encode(const ToWorker& message) { return built<wire::ToWorker>(message); }
Bytes encode(const ToClient& message) { return built<wire::ToClient>(message); }

Bytes encode(const JobSpec& spec) {
  const kernels::Expected<std::size_t> room = measure(spec);
  assert(room.ok());
  capnp::MallocMessageBuilder builder;
  put(builder.initRoot<wire::JobSpec>(), spec);
  const kj::Array<capnp::word> words =
      capnp::canonicalize(builder.getRoot<wire::JobSpec>().asReader());
  const auto bytes = std::as_bytes(std::span(words.begin(), words.size()));
  assert(bytes.size() <= *room);
  return {bytes.begin(), bytes.end()};
}

}  // namespace pecia::runtime
