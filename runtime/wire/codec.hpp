#pragma once
// Plain structs to bytes and back, by the schema pecia.capnp. The one place that knows Cap'n Proto.
//
// Bytes are one Cap'n Proto segment: whole words of 8 bytes, no segment table. The same struct
// gives the same bytes, always; those of a JobSpec are canonical too (no trailing zeros), so a spec
// keeps its bytes when the schema grows a field whose default is zero.
//
// Bytes come from a disk or a network: decoding is strict and bounded, never throws, allocates no
// more than a small multiple of what it is given, and refuses with the name of the field what is
// beyond a limit (limits.hpp), out of its set of values, or not there. It reads word-aligned bytes
// where they lie and copies others once.
// Thread rule: pure functions.

#include <cstddef>
#include <span>
#include <vector>

#include "kernels/base/expected.hpp"
#include "runtime/wire/limits.hpp"

namespace pecia::runtime {

using Bytes = std::vector<std::byte>;

// Of the messages between nodes; those of another version are strangers. Counted up with every
// change that an older program would not understand.
inline constexpr std::uint32_t kSchemaVersion = 2;

// REQUIRES measure(value). Frame(encode(value)) sends the bytes without a copy.
Bytes encode(const Record& record);
Bytes encode(const ToCoordinator& message);
Bytes encode(const ToWorker& message);
Bytes encode(const ToClient& message);
Bytes encode(const JobSpec& spec);

kernels::Expected<Record> decode_record(std::span<const std::byte> bytes);
kernels::Expected<ToCoordinator> decode_to_coordinator(std::span<const std::byte> bytes);
kernels::Expected<ToWorker> decode_to_worker(std::span<const std::byte> bytes);
kernels::Expected<ToClient> decode_to_client(std::span<const std::byte> bytes);
kernels::Expected<JobSpec> decode_job_spec(std::span<const std::byte> bytes);

}  // namespace pecia::runtime
