#pragma once
// The schema as the compiler of Cap'n Proto gives it, for encode.cpp and decode.cpp alone: the one
// include of generated code. What it shares with the plain structs, numbers of enums and limits, is
// held equal here.

#include <capnp/message.h>
#include <runtime/wire/pecia.capnp.h>

#include "runtime/wire/limits.hpp"

namespace pecia::runtime::schema_agrees {

static_assert(wire::ENCODED_BYTES_MAX == kEncodedBytesMax);
static_assert(wire::SPEC_BYTES_MAX == kSpecBytesMax);
static_assert(wire::OUTLINE_BYTES_MAX == kOutlineBytesMax);
static_assert(wire::STOP_TEXTS_MAX == kStopTextsMax);
static_assert(wire::STOP_TEXT_BYTES_MAX == kStopTextBytesMax);
static_assert(wire::LOGIT_BIAS_MAX == kLogitBiasMax);
static_assert(wire::PROMPT_TOKENS_MAX == kPromptTokensMax);
static_assert(wire::EXPLAIN_ROWS_MAX == kExplainRowsMax);
static_assert(wire::OFFER_TOKENS_MAX == kOfferTokensMax);
static_assert(wire::JOB_ROWS_MAX == kJobRowsMax);
static_assert(wire::NODE_ROWS_MAX == kNodeRowsMax);
static_assert(wire::PLANNED_STEPS_MAX == kPlannedStepsMax);
static_assert(wire::INPUTS_MAX == kInputsMax);
static_assert(wire::HELD_MAX == kHeldMax);
static_assert(wire::PATH_BYTES_MAX == kPathBytesMax);
static_assert(wire::NODE_NAME_BYTES_MAX == kNodeNameBytesMax);
static_assert(wire::NUMERICS_BYTES_MAX == kNumericsBytesMax);
static_assert(wire::WHY_BYTES_MAX == kWhyBytesMax);
static_assert(wire::TEXT_BYTES_MAX == kTextBytesMax);
static_assert(wire::POSITION_MAX == kPositionMax);
static_assert(wire::TEXT_OFFSET_MAX == kTextOffsetMax);
static_assert(wire::TIME_MS_MAX == kTimeMsMax);

template <class A, class B>
constexpr bool same(A a, B b) {
  return static_cast<int>(a) == static_cast<int>(b);
}
static_assert(same(ContextMode::none, wire::ContextMode::NONE));
static_assert(same(ContextMode::direct, wire::ContextMode::DIRECT));
static_assert(same(ContextMode::summary, wire::ContextMode::SUMMARY));
static_assert(same(StepEnd::length, wire::StepEnd::LENGTH));
static_assert(same(StepEnd::eos, wire::StepEnd::EOS));
static_assert(same(StepEnd::stop_text, wire::StepEnd::STOP_TEXT));
static_assert(same(StepEnd::context_full, wire::StepEnd::CONTEXT_FULL));
static_assert(same(JobEnd::done, wire::JobEnd::DONE));
static_assert(same(JobEnd::failed, wire::JobEnd::FAILED));
static_assert(same(JobEnd::cancelled, wire::JobEnd::CANCELLED));
static_assert(same(PlacedHow::ordered, wire::PlacedHow::ORDERED));
static_assert(same(PlacedHow::alone, wire::PlacedHow::ALONE));
static_assert(same(PlacedHow::hedge, wire::PlacedHow::HEDGE));
static_assert(same(PlacedHow::adopted, wire::PlacedHow::ADOPTED));
static_assert(same(LeftReason::silent, wire::LeftReason::SILENT));
static_assert(same(LeftReason::down, wire::LeftReason::DOWN));
static_assert(same(LeftReason::reborn, wire::LeftReason::REBORN));
static_assert(same(LeftReason::broke, wire::LeftReason::BROKE));
static_assert(same(LeftReason::unheld, wire::LeftReason::UNHELD));
static_assert(same(LeftReason::stalled, wire::LeftReason::STALLED));
static_assert(same(LeftReason::diverged, wire::LeftReason::DIVERGED));
static_assert(same(LeftReason::drained, wire::LeftReason::DRAINED));
static_assert(same(JobState::opened, wire::JobState::OPENED));
static_assert(same(JobState::running, wire::JobState::RUNNING));
static_assert(same(JobState::stalled, wire::JobState::STALLED));
static_assert(same(JobState::done, wire::JobState::DONE));
static_assert(same(JobState::failed, wire::JobState::FAILED));
static_assert(same(JobState::cancelled, wire::JobState::CANCELLED));
static_assert(same(RefusalKind::conflict, wire::RefusalKind::CONFLICT));
static_assert(same(RefusalKind::refused, wire::RefusalKind::REFUSED));
static_assert(same(RefusalKind::unknown, wire::RefusalKind::UNKNOWN));
static_assert(same(RefusalKind::diverged, wire::RefusalKind::DIVERGED));
static_assert(same(BrokeKind::elsewhere, wire::BrokeKind::ELSEWHERE));
static_assert(same(BrokeKind::content, wire::BrokeKind::CONTENT));

// Room of a struct with the pointer to it and two ids, where it has so many pointers.
template <class... Structs>
constexpr bool fit = ((capnp::sizeInWords<Structs>() + 1 + 2 * 2 <= kStructWordsMax) && ...);
static_assert(
    fit<wire::OpenedRecord, wire::PlannedStep, wire::TokensRecord, wire::EndedRecord, wire::Submit,
        wire::Read, wire::HeldAttempt, wire::Report, wire::Offer, wire::Order, wire::DocumentText,
        wire::JobSpec, wire::JobSampling, wire::LogitBias, wire::DrainNode, wire::SliceView,
        wire::Viewed, wire::JobRow, wire::NodeRow, wire::Overviewed, wire::PlacedRecord,
        wire::LeftRecord, wire::StalledRecord, wire::PlannedRow, wire::GrewRow, wire::ExplainRow,
        wire::Explained>);

}  // namespace pecia::runtime::schema_agrees
