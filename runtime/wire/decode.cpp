// Bytes to plain structs: codec.hpp. Two walks: this one makes a struct of what the bytes hold and
// looks at whatever must be known before (lengths, sizes of ids, numbers of enums, what is there);
// measure() then looks at the values.

#include <kj/exception.h>

#include <cstring>
#include <string_view>

#include "runtime/wire/codec.hpp"
#include "runtime/wire/read_records.hpp"

namespace pecia::runtime {

namespace {

using kernels::ErrorKind;
using kernels::Expected;

constexpr int kNestingMax = 8;  // the deepest there is has 5: message, steps, step, inputs, text

// -- client -> coordinator, and the answers ------------------------------------------------------

Submit read(Input& in, wire::Submit::Reader r) {
  return {.job = in.id("job", r.getJob()),
          .spec = in.bytes("spec", r.getSpec(), kSpecBytesMax),
          .seed = r.getSeed(),
          .model = in.id("model", r.getModel()),
          .numerics = in.text("numerics", r.getNumerics(), kNumericsBytesMax),
          .unix_ms = r.getUnixMs()};
}

Read read(Input& in, wire::Read::Reader r) {
  return {.job = in.id("job", r.getJob()),
          .offset = r.getOffset(),
          .chain = in.id("chain", r.getChain())};
}

Cancel read(Input& in, wire::Cancel::Reader r) { return {in.id("job", r.getJob())}; }

View read(Input& in, wire::View::Reader r) { return {in.id("job", r.getJob())}; }

Overview read(Input&, wire::Overview::Reader r) { return {r.getFrom()}; }

Explain read(Input& in, wire::Explain::Reader r) { return {in.id("job", r.getJob()), r.getFrom()}; }

DrainNode read(Input& in, wire::DrainNode::Reader r) {
  return {in.text("node", r.getNode(), kNodeNameBytesMax), r.getDeadlineMs()};
}

Submitted read(Input& in, wire::Submitted::Reader r) {
  return {.job = in.id("job", r.getJob()),
          .state = in.one_of("state", r.getState(), JobState::cancelled)};
}

Refused read(Input& in, wire::Refused::Reader r) {
  return {.job = in.id("job", r.getJob()),
          .kind = in.one_of("kind", r.getKind(), RefusalKind::diverged),
          .why = in.text("why", r.getWhy(), kWhyBytesMax)};
}

Text read(Input& in, wire::DocumentText::Reader r) {
  const Bytes bytes = in.bytes("bytes", r.getBytes(), kTextBytesMax);
  return {.job = in.id("job", r.getJob()),
          .offset = r.getOffset(),
          .bytes = std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()),
          .state = in.one_of("state", r.getState(), JobState::cancelled),
          .why = in.text("why", r.getWhy(), kWhyBytesMax)};
}

SliceView read(Input& in, wire::SliceView::Reader r) {
  SliceView slice{r.getTokens(), {}};
  if (r.getEnded()) slice.end = in.one_of("slices.end", r.getEnd(), StepEnd::context_full);
  return slice;
}

Viewed read(Input& in, wire::Viewed::Reader r) {
  return {.job = in.id("job", r.getJob()),
          .state = in.one_of("state", r.getState(), JobState::cancelled),
          .why = in.text("why", r.getWhy(), kWhyBytesMax),
          .slices = in.structs<SliceView>(
              "slices", r.getSlices(), kPlannedStepsMax,
              [](Input& each, wire::SliceView::Reader slice) { return read(each, slice); }),
          .bytes_released = r.getBytesReleased()};
}

JobRow read(Input& in, wire::JobRow::Reader r) {
  return {.job = in.id("jobs.job", r.getJob()),
          .state = in.one_of("jobs.state", r.getState(), JobState::cancelled),
          .unix_ms = r.getUnixMs(),
          .tokens = r.getTokens(),
          .steps = r.getSteps(),
          .steps_ended = r.getStepsEnded()};
}

NodeRow read(Input& in, wire::NodeRow::Reader r) {
  return {.node = node_of(in, "nodes.node", r.hasNode(), r.getNode()),
          .slots = r.getSlots(),
          .held = r.getHeld(),
          .draining = r.getDraining(),
          .silent_ms = r.getSilentMs()};
}

Overviewed read(Input& in, wire::Overviewed::Reader r) {
  return {.from = r.getFrom(),
          .jobs_in_all = r.getJobsInAll(),
          .jobs = in.structs<JobRow>(
              "jobs", r.getJobs(), kJobRowsMax,
              [](Input& each, wire::JobRow::Reader row) { return read(each, row); }),
          .nodes = in.structs<NodeRow>(
              "nodes", r.getNodes(), kNodeRowsMax,
              [](Input& each, wire::NodeRow::Reader row) { return read(each, row); }),
          .term = r.getTerm()};
}

// -- coordinator -> worker -----------------------------------------------------------------------

Order read(Input& in, wire::Order::Reader r) {
  return {.term = r.getTerm(),
          .attempt = attempt_of(in, r),
          .step = step_of(in, r),
          .spec = in.bytes("spec", r.getSpec(), kSpecBytesMax),
          .seed = r.getSeed(),
          .model = in.id("model", r.getModel()),
          .numerics = in.text("numerics", r.getNumerics(), kNumericsBytesMax),
          .prompt = in.tokens("prompt", r.getPrompt(), kPromptTokensMax),
          .tokens_max = r.getTokensMax(),
          .input = in.id("input", r.getInput()),
          .committed = in.tokens("committed", r.getCommitted(), kPromptTokensMax),
          .alone = r.getAlone()};
}

Committed read(Input& in, wire::Committed::Reader r) {
  return {r.getTerm(), attempt_of(in, r), r.getTo()};
}

Drop read(Input& in, wire::Drop::Reader r) { return {r.getTerm(), attempt_of(in, r)}; }

Drain read(Input&, wire::Drain::Reader r) { return {r.getTerm(), r.getDeadlineMs()}; }

// -- worker -> coordinator -----------------------------------------------------------------------

HeldAttempt read(Input& in, wire::HeldAttempt::Reader r) {
  return {.attempt = attempt_of(in, r),
          .step = step_of(in, r),
          .have = r.getHave(),
          .committed = r.getCommitted(),
          .chain = in.id("held.chain", r.getChain()),
          .prefilled = r.getPrefilled()};
}

Report read(Input& in, wire::Report::Reader r) {
  return {.term_seen = r.getTermSeen(),
          .from = node_of(in, "from", r.hasFrom(), r.getFrom()),
          .free_slots = r.getFreeSlots(),
          .draining = r.getDraining(),
          .held = in.structs<HeldAttempt>(
              "held", r.getHeld(), kHeldMax,
              [](Input& each, wire::HeldAttempt::Reader held) { return read(each, held); })};
}

OfferEnd read(Input& in, wire::OfferEnd::Reader r) {
  return {.reason = in.one_of("end.reason", r.getReason(), StepEnd::context_full),
          .bytes = r.getBytes(),
          .hash = in.id("end.hash", r.getHash())};
}

Offer read(Input& in, wire::Offer::Reader r) {
  Offer offer{.term_seen = r.getTermSeen(),
              .from_node = node_of(in, "from_node", r.hasFromNode(), r.getFromNode()),
              .attempt = attempt_of(in, r),
              .step = step_of(in, r),
              .from = r.getFrom(),
              .chain = in.id("chain", r.getChain()),
              .ids = in.tokens("ids", r.getIds(), kOfferTokensMax),
              .end = {}};
  if (r.hasEnd()) offer.end = read(in, r.getEnd());
  return offer;
}

Broke read(Input& in, wire::Broke::Reader r) {
  return {.term_seen = r.getTermSeen(),
          .from = node_of(in, "from", r.hasFrom(), r.getFrom()),
          .attempt = attempt_of(in, r),
          .kind = in.one_of("kind", r.getKind(), BrokeKind::content),
          .why = in.text("why", r.getWhy(), kWhyBytesMax)};
}

// -- the spec ------------------------------------------------------------------------------------

JobSampling read(Input& in, wire::JobSampling::Reader r) {
  return {
      .temperature = r.getTemperature(),
      .top_k = r.getTopK(),
      .top_p = r.getTopP(),
      .min_p = r.getMinP(),
      .repeat_penalty = r.getRepeatPenalty(),
      .frequency_penalty = r.getFrequencyPenalty(),
      .presence_penalty = r.getPresencePenalty(),
      .penalty_window = r.getPenaltyWindow(),
      .logit_bias = in.structs<LogitBias>("sampling.logit_bias", r.getLogitBias(), kLogitBiasMax,
                                          [](Input&, wire::LogitBias::Reader bias) {
                                            return LogitBias{bias.getId(), bias.getValue()};
                                          })};
}

JobSpec read(Input& in, wire::JobSpec::Reader r) {
  return {.outline = in.text("outline", r.getOutline(), kOutlineBytesMax),
          .tokens = r.getTokens(),
          .context = in.one_of("context", r.getContext(), ContextMode::summary),
          .one_stream = r.getOneStream(),
          .chat_template = r.getChatTemplate(),
          .ignore_eos = r.getIgnoreEos(),
          .sampling = read(in, in.there("sampling", r.hasSampling(), r.getSampling())),
          .stop = in.texts("stop", r.getStop(), kStopTextsMax, kStopTextBytesMax)};
}

// -- envelopes -----------------------------------------------------------------------------------

ToCoordinator read(Input& in, wire::ToCoordinator::Reader r) {
  need_member(in, r);
  switch (r.which()) {
    case wire::ToCoordinator::SUBMIT:
      return read(in.within("submit"), r.getSubmit());
    case wire::ToCoordinator::READ:
      return read(in.within("read"), r.getRead());
    case wire::ToCoordinator::CANCEL:
      return read(in.within("cancel"), r.getCancel());
    case wire::ToCoordinator::REPORT:
      return read(in.within("report"), r.getReport());
    case wire::ToCoordinator::OFFER:
      return read(in.within("offer"), r.getOffer());
    case wire::ToCoordinator::BROKE:
      return read(in.within("broke"), r.getBroke());
    case wire::ToCoordinator::VIEW:
      return read(in.within("view"), r.getView());
    case wire::ToCoordinator::OVERVIEW:
      return read(in.within("overview"), r.getOverview());
    case wire::ToCoordinator::DRAIN_NODE:
      return read(in.within("drain_node"), r.getDrainNode());
    case wire::ToCoordinator::EXPLAIN:
      return read(in.within("explain"), r.getExplain());
  }
  unknown_kind(in, r.which());
  return {};
}

ToWorker read(Input& in, wire::ToWorker::Reader r) {
  need_member(in, r);
  switch (r.which()) {
    case wire::ToWorker::ORDER:
      return read(in.within("order"), r.getOrder());
    case wire::ToWorker::COMMITTED:
      return read(in.within("committed"), r.getCommitted());
    case wire::ToWorker::DROP:
      return read(in.within("drop"), r.getDrop());
    case wire::ToWorker::DRAIN:
      return read(in.within("drain"), r.getDrain());
  }
  unknown_kind(in, r.which());
  return {};
}

PlannedRow read(Input&, wire::PlannedRow::Reader r) {
  return {r.getSteps(), r.getTokens(), r.getUnixMs()};
}

GrewRow read(Input& in, wire::GrewRow::Reader r) {
  return {.path = in.text("path", r.getPath(), kPathBytesMax),
          .attempt = attempt_of(in, r),
          .from = r.getFrom(),
          .to = r.getTo(),
          .offers = r.getOffers(),
          .unix_ms = r.getUnixMs(),
          .last_ms = r.getLastMs()};
}

ExplainRow read(Input& in, wire::ExplainRow::Reader r) {
  need_member(in.within("rows"), r);
  switch (r.which()) {
    case wire::ExplainRow::TERM:
      return read(in.within("rows.term"), r.getTerm());
    case wire::ExplainRow::PLANNED:
      return read(in.within("rows.planned"), r.getPlanned());
    case wire::ExplainRow::PLACED:
      return read(in.within("rows.placed"), r.getPlaced());
    case wire::ExplainRow::GREW:
      return read(in.within("rows.grew"), r.getGrew());
    case wire::ExplainRow::LEFT:
      return read(in.within("rows.left"), r.getLeft());
    case wire::ExplainRow::STALLED:
      return read(in.within("rows.stalled"), r.getStalled());
    case wire::ExplainRow::ENDED:
      return read(in.within("rows.ended"), r.getEnded());
    case wire::ExplainRow::CLOSED:
      return read(in.within("rows.closed"), r.getClosed());
  }
  unknown_kind(in, r.which());
  return {};
}

Explained read(Input& in, wire::Explained::Reader r) {
  return {.job = in.id("job", r.getJob()),
          .state = in.one_of("state", r.getState(), JobState::cancelled),
          .why = in.text("why", r.getWhy(), kWhyBytesMax),
          .unix_ms = r.getUnixMs(),
          .model = in.id("model", r.getModel()),
          .numerics = in.text("numerics", r.getNumerics(), kNumericsBytesMax),
          .context = in.one_of("context", r.getContext(), ContextMode::summary),
          .tokens = r.getTokens(),
          .one_stream = r.getOneStream(),
          .from = r.getFrom(),
          .rows_in_all = r.getRowsInAll(),
          .rows = in.structs<ExplainRow>(
              "rows", r.getRows(), kExplainRowsMax,
              [](Input& each, wire::ExplainRow::Reader row) { return read(each, row); })};
}

ToClient read(Input& in, wire::ToClient::Reader r) {
  need_member(in, r);
  switch (r.which()) {
    case wire::ToClient::SUBMITTED:
      return read(in.within("submitted"), r.getSubmitted());
    case wire::ToClient::REFUSED:
      return read(in.within("refused"), r.getRefused());
    case wire::ToClient::TEXT:
      return read(in.within("text"), r.getText());
    case wire::ToClient::VIEWED:
      return read(in.within("viewed"), r.getViewed());
    case wire::ToClient::OVERVIEWED:
      return read(in.within("overviewed"), r.getOverviewed());
    case wire::ToClient::EXPLAINED:
      return read(in.within("explained"), r.getExplained());
  }
  unknown_kind(in, r.which());
  return {};
}

// -- bytes ---------------------------------------------------------------------------------------

// Where its words lie: in place, or in `copy` where the bytes begin between two words.
kj::ArrayPtr<const capnp::word> words_of(std::span<const std::byte> bytes,
                                         kj::Array<capnp::word>& copy) {
  const std::size_t count = bytes.size() / sizeof(capnp::word);
  if (reinterpret_cast<std::uintptr_t>(bytes.data()) % alignof(capnp::word) == 0) {
    return kj::arrayPtr(reinterpret_cast<const capnp::word*>(bytes.data()), count);
  }
  copy = kj::heapArray<capnp::word>(count);
  std::memcpy(copy.begin(), bytes.data(), bytes.size());
  return copy;
}

template <class Plain, class Root>
Expected<Plain> decoded_words(std::string_view what, kj::ArrayPtr<const capnp::word> words) {
  const kj::ArrayPtr<const capnp::word> segments[] = {words};
  // An honest message is walked once. Pointers that meet in one place would be read again and
  // again.
  capnp::ReaderOptions options;
  options.traversalLimitInWords = words.size() + 1;
  options.nestingLimit = kNestingMax;
  capnp::SegmentArrayMessageReader message(kj::arrayPtr(segments, 1), options);
  Input in(what);
  const auto root = message.getRoot<capnp::AnyPointer>();
  if (root.isNull()) in.refuse("is empty");
  Plain value = read(in, root.getAs<Root>());
  if (!in.ok()) return in.error();
  if (const auto right = measure(value); !right) return right.error();
  return value;
}

template <class Plain, class Root>
Expected<Plain> decoded(std::string_view what, std::span<const std::byte> bytes) {
  if (bytes.empty() || bytes.size() > kEncodedBytesMax || bytes.size() % sizeof(capnp::word) != 0) {
    return kernels::fail(ErrorKind::refuse, "{}: {} bytes; right are whole words of {}, at most {}",
                         what, bytes.size(), sizeof(capnp::word), kEncodedBytesMax);
  }
  kj::Array<capnp::word> copy;
  try {
    return decoded_words<Plain, Root>(what, words_of(bytes, copy));
  } catch (const kj::Exception& broken) {
    return kernels::fail(ErrorKind::refuse, "{}: damaged: {}", what,
                         std::string_view(broken.getDescription().cStr()));
  }
}

}  // namespace

Expected<Record> decode_record(std::span<const std::byte> bytes) {
  return decoded<Record, wire::Record>("record", bytes);
}

Expected<ToCoordinator> decode_to_coordinator(std::span<const std::byte> bytes) {
  return decoded<ToCoordinator, wire::ToCoordinator>("message to a coordinator", bytes);
}

Expected<ToWorker> decode_to_worker(std::span<const std::byte> bytes) {
  return decoded<ToWorker, wire::ToWorker>("message to a worker", bytes);
}

Expected<ToClient> decode_to_client(std::span<const std::byte> bytes) {
  return decoded<ToClient, wire::ToClient>("message to a client", bytes);
}

Expected<JobSpec> decode_job_spec(std::span<const std::byte> bytes) {
  return decoded<JobSpec, wire::JobSpec>("spec", bytes);
}

}  // namespace pecia::runtime
