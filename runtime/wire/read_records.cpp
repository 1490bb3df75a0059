#include "runtime/wire/read_records.hpp"

#include "runtime/wire/limits.hpp"

namespace pecia::runtime {

namespace {

OpenedRecord read(Input& in, wire::OpenedRecord::Reader r) {
  return {.job = in.id("job", r.getJob()),
          .spec = in.bytes("spec", r.getSpec(), kSpecBytesMax),
          .seed = r.getSeed(),
          .model = in.id("model", r.getModel()),
          .numerics = in.text("numerics", r.getNumerics(), kNumericsBytesMax),
          .unix_ms = r.getUnixMs()};
}

PlannedStep read(Input& in, wire::PlannedStep::Reader r) {
  return {.path = in.text("steps.path", r.getPath(), kPathBytesMax),
          .inputs = in.texts("steps.inputs", r.getInputs(), kInputsMax, kPathBytesMax),
          .prompt = in.tokens("steps.prompt", r.getPrompt(), kPromptTokensMax),
          .tokens_max = r.getTokensMax()};
}

PlannedRecord read(Input& in, wire::PlannedRecord::Reader r) {
  return {.job = in.id("job", r.getJob()),
          .parent = in.text("parent", r.getParent(), kPathBytesMax),
          .steps = in.structs<PlannedStep>(
              "steps", r.getSteps(), kPlannedStepsMax,
              [](Input& each, wire::PlannedStep::Reader step) { return read(each, step); }),
          .unix_ms = r.getUnixMs()};
}

TokensRecord read(Input& in, wire::TokensRecord::Reader r) {
  return {.step = step_of(in, r),
          .from = r.getFrom(),
          .ids = in.tokens("ids", r.getIds(), kOfferTokensMax),
          .chain = in.id("chain", r.getChain()),
          .attempt = attempt_of(in, r),
          .unix_ms = r.getUnixMs()};
}

}  // namespace

TermRecord read(Input&, wire::TermRecord::Reader r) {
  return {r.getTerm(), r.getBoot(), r.getUnixMs()};
}

EndedRecord read(Input& in, wire::EndedRecord::Reader r) {
  return {.step = step_of(in, r),
          .reason = in.one_of("reason", r.getReason(), StepEnd::context_full),
          .tokens = r.getTokens(),
          .bytes = r.getBytes(),
          .hash = in.id("hash", r.getHash()),
          .unix_ms = r.getUnixMs()};
}

ClosedRecord read(Input& in, wire::ClosedRecord::Reader r) {
  return {.job = in.id("job", r.getJob()),
          .end = in.one_of("end", r.getEnd(), JobEnd::cancelled),
          .why = in.text("why", r.getWhy(), kWhyBytesMax),
          .unix_ms = r.getUnixMs()};
}

PlacedRecord read(Input& in, wire::PlacedRecord::Reader r) {
  return {.step = step_of(in, r),
          .attempt = attempt_of(in, r),
          .node = node_of(in, "node", r.hasNode(), r.getNode()),
          .how = in.one_of("how", r.getHow(), PlacedHow::adopted),
          .from = r.getFrom(),
          .unix_ms = r.getUnixMs()};
}

LeftRecord read(Input& in, wire::LeftRecord::Reader r) {
  return {.step = step_of(in, r),
          .attempt = attempt_of(in, r),
          .node = node_of(in, "node", r.hasNode(), r.getNode()),
          .reason = in.one_of("reason", r.getReason(), LeftReason::drained),
          .why = in.text("why", r.getWhy(), kWhyBytesMax),
          .ahead = r.getAhead(),
          .unix_ms = r.getUnixMs()};
}

StalledRecord read(Input& in, wire::StalledRecord::Reader r) {
  return {r.getForMs(), in.text("why", r.getWhy(), kWhyBytesMax), r.getUnixMs()};
}

Record read(Input& in, wire::Record::Reader r) {
  need_member(in, r);
  switch (r.which()) {
    case wire::Record::TERM:
      return read(in.within("term"), r.getTerm());
    case wire::Record::OPENED:
      return read(in.within("opened"), r.getOpened());
    case wire::Record::PLANNED:
      return read(in.within("planned"), r.getPlanned());
    case wire::Record::TOKENS:
      return read(in.within("tokens"), r.getTokens());
    case wire::Record::ENDED:
      return read(in.within("ended"), r.getEnded());
    case wire::Record::CLOSED:
      return read(in.within("closed"), r.getClosed());
    case wire::Record::PLACED:
      return read(in.within("placed"), r.getPlaced());
    case wire::Record::LEFT:
      return read(in.within("left"), r.getLeft());
    case wire::Record::STALLED:
      return read(in.within("stalled"), r.getStalled());
  }
  unknown_kind(in, r.which());
  return {};
}

}  // namespace pecia::runtime
