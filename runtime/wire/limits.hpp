#pragma once
// What one record, message or spec may be (pecia.capnp "Limits"), and the check of a value against
// it: encode() takes what passes here, decode gives nothing else. Whoever makes one of these from
// what a person or a model wrote (an outline, a plan, a reason) asks here first.
// Thread rule: pure functions.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "kernels/base/expected.hpp"
#include "runtime/wire/job_spec.hpp"
#include "runtime/wire/messages.hpp"
#include "runtime/wire/records.hpp"

namespace pecia::runtime {

inline constexpr std::size_t kEncodedBytesMax = 64 * 1024 * 1024;  // of one record or message
inline constexpr std::size_t kSpecBytesMax = 16 * 1024 * 1024;     // of an encoded JobSpec
inline constexpr std::size_t kOutlineBytesMax = 8 * 1024 * 1024;
inline constexpr std::size_t kStopTextsMax = 64;
inline constexpr std::size_t kStopTextBytesMax = 4'096;  // of all of them together
inline constexpr std::size_t kLogitBiasMax = 1'024;      // tokens of one spec
inline constexpr std::size_t kPromptTokensMax = 1 << 20;
inline constexpr std::size_t kOfferTokensMax = 4'096;
inline constexpr std::size_t kJobRowsMax = 256;  // of one overview
inline constexpr std::size_t kExplainRowsMax = 256;
inline constexpr std::size_t kNodeRowsMax = 1'024;
inline constexpr std::size_t kPlannedStepsMax = 4'096;
inline constexpr std::size_t kInputsMax = 4'096;  // of one planned step
inline constexpr std::size_t kHeldMax = 1'024;    // attempts of one report
inline constexpr std::size_t kNodeNameBytesMax = 64;
inline constexpr std::size_t kNumericsBytesMax = 256;
inline constexpr std::size_t kWhyBytesMax = 4'096;
inline constexpr std::size_t kTextBytesMax = 1024 * 1024;                // of one Text
inline constexpr std::uint64_t kPositionMax = std::uint64_t{1} << 31;    // tokens of a step
inline constexpr std::uint64_t kTextOffsetMax = std::uint64_t{1} << 40;  // bytes of a document
inline constexpr std::uint64_t kTimeMsMax = std::uint64_t{1} << 48;  // so that sums never overflow

// The bytes that encode() takes at most; or an Error of kind refuse that names the first field
// beyond its limit and what would be right.
kernels::Expected<std::size_t> measure(const Record& record);
kernels::Expected<std::size_t> measure(const ToCoordinator& message);
kernels::Expected<std::size_t> measure(const ToWorker& message);
kernels::Expected<std::size_t> measure(const ToClient& message);
kernels::Expected<std::size_t> measure(const JobSpec& spec);

// What a message or a record takes of a reason, whoever wrote it: one line of whole characters.
std::string clean_why(std::string_view why);

// Words that any struct takes in a message, with the pointer to it and the ids in it.
inline constexpr std::size_t kStructWordsMax = 24;

}  // namespace pecia::runtime
