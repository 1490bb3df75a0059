#pragma once
// What clients, coordinator and workers say to each other (PROTOCOL.md "Messages"). Every message
// may be lost, doubled, delayed or overtaken; all are idempotent. Limits (limits.hpp) are checked
// where bytes become these structs (codec.hpp), so a core never sees more than they allow.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "runtime/wire/job_spec.hpp"
#include "runtime/wire/names.hpp"
#include "runtime/wire/records.hpp"

namespace pecia::runtime {

// -- client -> coordinator, and the answers ------------------------------------------------------

struct Submit {
  JobId job{};
  std::vector<std::byte> spec;  // an encoded JobSpec
  std::uint64_t seed = 0;
  Id model{};
  std::string numerics;
  std::uint64_t unix_ms = 0;  // now, by the clock of the node that accepts
  bool operator==(const Submit&) const = default;
};
struct Read {
  JobId job{};
  std::uint64_t offset = 0;  // bytes the reader has
  Chain chain{};             // document_chain() of those; all zero where offset is 0
  bool operator==(const Read&) const = default;
};
struct Cancel {
  JobId job{};
  bool operator==(const Cancel&) const = default;
};

struct View {
  JobId job{};
  bool operator==(const View&) const = default;
};
struct Overview {
  std::uint64_t from = 0;  // jobs before this one, as opened, are left out
  bool operator==(const Overview&) const = default;
};
struct DrainNode {
  NodeName node;
  std::uint64_t deadline_ms = 0;  // from receipt
  bool operator==(const DrainNode&) const = default;
};

struct Explain {
  JobId job{};
  std::uint64_t from = 0;  // rows before this one are left out
  bool operator==(const Explain&) const = default;
};

enum class JobState : std::uint8_t { opened, running, stalled, done, failed, cancelled };

std::string_view name_of(JobState state);  // "running"

inline JobState state_of(JobEnd end) {
  constexpr JobState kOfEnd[] = {JobState::done, JobState::failed, JobState::cancelled};
  return kOfEnd[static_cast<std::size_t>(end)];
}
inline bool is_end(JobState state) { return state >= JobState::done; }

struct Submitted {
  JobId job{};
  JobState state = JobState::opened;
  bool operator==(const Submitted&) const = default;
};
enum class RefusalKind : std::uint8_t {
  conflict,  // the id is known with another spec
  refused,   // not now: the storage is stalled
  unknown,   // no such job
  diverged,  // what the reader has is not what the job wrote
};
struct Refused {
  JobId job{};
  RefusalKind kind = RefusalKind::refused;
  std::string why;
  bool operator==(const Refused&) const = default;
};
struct Text {
  JobId job{};
  std::uint64_t offset = 0;
  std::string bytes;  // of the document from offset on; empty: nothing new
  JobState state = JobState::running;
  std::string why;  // of stalled and failed
  bool operator==(const Text&) const = default;
};

struct SliceView {
  std::uint64_t tokens = 0;    // durable
  std::optional<StepEnd> end;  // none: it has not ended
  bool operator==(const SliceView&) const = default;
};
struct Viewed {
  JobId job{};
  JobState state = JobState::opened;
  std::string why;                // of stalled and failed
  std::vector<SliceView> slices;  // none where the spec makes no document
  std::uint64_t bytes_released = 0;
  bool operator==(const Viewed&) const = default;
};
std::uint64_t tokens_of(const Viewed& viewed);  // of all slices
std::size_t slices_ended(const Viewed& viewed);
struct JobRow {
  JobId job{};
  JobState state = JobState::opened;
  std::uint64_t unix_ms = 0;  // when it was opened
  std::uint64_t tokens = 0;   // durable
  std::uint64_t steps = 0, steps_ended = 0;
  bool operator==(const JobRow&) const = default;
};
struct NodeRow {
  NodeBoot node;
  int slots = 0, held = 0;  // attempts
  bool draining = false;
  std::uint64_t silent_ms = 0;
  bool operator==(const NodeRow&) const = default;
};
struct Overviewed {
  std::uint64_t from = 0;
  std::uint64_t jobs_in_all = 0;
  std::vector<JobRow> jobs;    // from that one on, as opened; kJobRowsMax at most
  std::vector<NodeRow> nodes;  // workers, by name
  Term term = 0;
  bool operator==(const Overviewed&) const = default;
};

// Steps were planned.
struct PlannedRow {
  std::uint64_t steps = 0;
  std::uint64_t tokens = 0;  // that they may have at most, all together
  std::uint64_t unix_ms = 0;
  bool operator==(const PlannedRow&) const = default;
};
// Tokens [from, to) of one attempt became durable, one offer behind the other.
struct GrewRow {
  Path path;
  AttemptId attempt;
  std::uint64_t from = 0, to = 0;
  std::uint64_t offers = 0;
  std::uint64_t unix_ms = 0, last_ms = 0;  // of the first and of the last
  bool operator==(const GrewRow&) const = default;
};
// One thing that happened to a job. What happened to all, a new term or a storage that failed, is
// told of every job that was open then.
using ExplainRow = std::variant<TermRecord, PlannedRow, PlacedRecord, GrewRow, LeftRecord,
                                StalledRecord, EndedRecord, ClosedRecord>;
struct Explained {
  JobId job{};
  JobState state = JobState::opened;
  std::string why;            // of stalled and failed
  std::uint64_t unix_ms = 0;  // when it was opened
  Id model{};
  std::string numerics;
  ContextMode context = ContextMode::none;  // of its spec, as the next two
  int tokens = 0;
  bool one_stream = false;
  std::uint64_t from = 0;
  std::uint64_t rows_in_all = 0;
  std::vector<ExplainRow> rows;  // from that one on; kExplainRowsMax at most
  bool operator==(const Explained&) const = default;
};

// -- coordinator -> worker -----------------------------------------------------------------------

struct Order {
  Term term = 0;
  AttemptId attempt;
  StepName step;
  std::vector<std::byte> spec;  // of the job
  std::uint64_t seed = 0;
  Id model{};  // of the job, as its numerics: a worker of another refuses the order
  std::string numerics;
  TokenIds prompt;
  int tokens_max = 0;
  Id input{};          // hash of all that decides the step's tokens
  TokenIds committed;  // the durable ones; the worker goes on behind them
  bool alone = false;  // in its batch, for it is suspected of killing workers
  bool operator==(const Order&) const = default;
};
struct Committed {
  Term term = 0;
  AttemptId attempt;
  std::uint64_t to = 0;  // tokens durable
  bool operator==(const Committed&) const = default;
};
struct Drop {
  Term term = 0;
  AttemptId attempt;
  bool operator==(const Drop&) const = default;
};
struct Drain {
  Term term = 0;
  std::uint64_t deadline_ms = 0;  // from receipt
  bool operator==(const Drain&) const = default;
};

// -- worker -> coordinator -----------------------------------------------------------------------

struct HeldAttempt {
  AttemptId attempt;
  StepName step;
  std::uint64_t have = 0;       // tokens generated, committed ones included
  std::uint64_t committed = 0;  // as far as the worker knows
  Chain chain{};                // at committed
  std::uint64_t prefilled = 0;  // prompt tokens done, the progress before the first token
  bool operator==(const HeldAttempt&) const = default;
};
struct Report {
  Term term_seen = 0;
  NodeBoot from;
  int free_slots = 0;
  bool draining = false;
  std::vector<HeldAttempt> held;
  bool operator==(const Report&) const = default;
};
struct OfferEnd {
  StepEnd reason = StepEnd::length;
  std::uint64_t bytes = 0;  // as in EndedRecord
  Id hash{};
  bool operator==(const OfferEnd&) const = default;
};
struct Offer {
  Term term_seen = 0;
  NodeBoot from_node;
  AttemptId attempt;
  StepName step;
  std::uint64_t from = 0;  // position of ids[0]
  Chain chain{};           // at from
  TokenIds ids;
  std::optional<OfferEnd> end;  // these are the last
  bool operator==(const Offer&) const = default;
};
enum class BrokeKind : std::uint8_t {
  elsewhere,  // this worker cannot; another may
  content,    // the same input fails everywhere
};
struct Broke {
  Term term_seen = 0;
  NodeBoot from;
  AttemptId attempt;
  BrokeKind kind = BrokeKind::elsewhere;
  std::string why;
  bool operator==(const Broke&) const = default;
};

using ToCoordinator =
    std::variant<Submit, Read, Cancel, Report, Offer, Broke, View, Overview, DrainNode, Explain>;
using ToWorker = std::variant<Order, Committed, Drop, Drain>;
using ToClient = std::variant<Submitted, Refused, Text, Viewed, Overviewed, Explained>;

}  // namespace pecia::runtime
