#pragma once
// What decode.cpp is made of: the parts that messages share, and records, which stand in the
// journal and in explanations. For the decoder alone, as schema.hpp.
// Thread rule: one thread an Input.

#include <capnp/any.h>

#include <string_view>

#include "runtime/wire/input.hpp"
#include "runtime/wire/records.hpp"
#include "runtime/wire/schema.hpp"

namespace pecia::runtime {

inline StepName read(Input& in, wire::StepName::Reader r) {
  return {in.id("step.job", r.getJob()), in.text("step.path", r.getPath(), kPathBytesMax)};
}

inline AttemptId read(Input&, wire::AttemptId::Reader r) { return {r.getTerm(), r.getN()}; }

inline NodeBoot node_of(Input& in, std::string_view field, bool has, wire::NodeBoot::Reader r) {
  in.there(field, has, r);
  return {in.text(field, r.getNode(), kNodeNameBytesMax), r.getBoot()};
}

template <class Message>
StepName step_of(Input& in, const Message& r) {
  return read(in, in.there("step", r.hasStep(), r.getStep()));
}

template <class Message>
AttemptId attempt_of(Input& in, const Message& r) {
  return read(in, in.there("attempt", r.hasAttempt(), r.getAttempt()));
}

// Every message of an envelope shares the one pointer of its union, as does every row.
template <class Envelope>
void need_member(Input& in, Envelope envelope) {
  const auto pointers = capnp::AnyStruct::Reader(envelope).getPointerSection();
  if (pointers.size() == 0 || pointers[0].isNull()) in.refuse("is empty");
}

template <class Kind>
void unknown_kind(Input& in, Kind kind) {
  in.refuse(fmt::format("{} is no kind of it", static_cast<unsigned>(kind)));
}

TermRecord read(Input&, wire::TermRecord::Reader r);
PlacedRecord read(Input& in, wire::PlacedRecord::Reader r);
LeftRecord read(Input& in, wire::LeftRecord::Reader r);
StalledRecord read(Input& in, wire::StalledRecord::Reader r);
EndedRecord read(Input& in, wire::EndedRecord::Reader r);
ClosedRecord read(Input& in, wire::ClosedRecord::Reader r);
Record read(Input& in, wire::Record::Reader r);

}  // namespace pecia::runtime
