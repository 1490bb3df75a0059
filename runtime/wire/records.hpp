#pragma once
// What the journal holds: everything that has happened to jobs, in order. The state of a
// coordinator is a fold over these. "Synced" records survive power loss before anybody hears of
// them; the others survive a kill, and what a power loss takes of them is generated again. *Notes*
// tell people what was done and decide nothing: no fold of a coordinator looks at them, and they
// may be missing.
//
// unix_ms of every record: when the coordinator made it, by its node's clock, for people alone (but
// for the deadline of a job). 0: written by a program that did not say.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "runtime/wire/names.hpp"

namespace pecia::runtime {

// A coordinator opened the journal. Synced.
struct TermRecord {
  Term term = 0;  // the one before, plus 1
  Boot boot = 0;
  std::uint64_t unix_ms = 0;
  bool operator==(const TermRecord&) const = default;
};

// A job was accepted. Synced.
struct OpenedRecord {
  JobId job{};
  std::vector<std::byte> spec;  // an encoded JobSpec; a second submit is compared with it
  std::uint64_t seed = 0;
  Id model{};
  std::string numerics;
  std::uint64_t unix_ms = 0;  // the job's deadline counts from here, over restarts
  bool operator==(const OpenedRecord&) const = default;
};

// A step as expand() made it: all that a worker needs to write it.
struct PlannedStep {
  Path path;
  std::vector<Path> inputs;  // starts when all of these have ended
  TokenIds prompt;
  int tokens_max = 0;  // to generate
  bool operator==(const PlannedStep&) const = default;
};

// Steps that follow from the job's spec (parent empty) or from the end of a step. Synced.
struct PlannedRecord {
  JobId job{};
  Path parent;  // "": the job itself
  std::vector<PlannedStep> steps;
  std::uint64_t unix_ms = 0;
  bool operator==(const PlannedRecord&) const = default;
};

// Tokens [from, from + ids.size()) of a step. Not synced.
struct TokensRecord {
  StepName step;
  std::uint64_t from = 0;
  TokenIds ids;
  Chain chain{};  // after the last of them
  AttemptId attempt;
  std::uint64_t unix_ms = 0;
  bool operator==(const TokensRecord&) const = default;
};

enum class StepEnd : std::uint8_t { length, eos, stop_text, context_full };
std::string_view name_of(StepEnd end);

// A step has all its tokens. Synced.
struct EndedRecord {
  StepName step;
  StepEnd reason = StepEnd::length;
  std::uint64_t tokens = 0;  // recorded ones
  std::uint64_t bytes = 0;   // of its visible text
  Id hash{};                 // first 128 bits of the SHA-256 of that text
  std::uint64_t unix_ms = 0;
  bool operator==(const EndedRecord&) const = default;
};

enum class JobEnd : std::uint8_t { done, failed, cancelled };

// The first one of a job is final. Synced.
struct ClosedRecord {
  JobId job{};
  JobEnd end = JobEnd::done;
  std::string why;  // of a failure: "poison", "deadline", or what the engine said
  std::uint64_t unix_ms = 0;
  bool operator==(const ClosedRecord&) const = default;
};

enum class PlacedHow : std::uint8_t {
  ordered,
  alone,    // its step is suspected of killing workers
  hedge,    // beside one that is slow
  adopted,  // it had it already, from a coordinator before
};
std::string_view name_of(PlacedHow how);

// A worker was given an attempt. A note.
struct PlacedRecord {
  StepName step;
  AttemptId attempt;
  NodeBoot node;
  PlacedHow how = PlacedHow::ordered;
  std::uint64_t from = 0;  // durable tokens of the step, behind which it goes on
  std::uint64_t unix_ms = 0;
  bool operator==(const PlacedRecord&) const = default;
};

enum class LeftReason : std::uint8_t {
  silent,    // no report for silent_ms
  down,      // its link is down
  reborn,    // it speaks under another boot: the process before has died
  broke,     // it said that it cannot go on
  unheld,    // it does not hold what it was ordered
  stalled,   // no progress for stall_ms
  diverged,  // other tokens than the recorded ones
  drained,
};
std::string_view name_of(LeftReason reason);

// A worker has an attempt no more, and its step has not ended. A note.
struct LeftRecord {
  StepName step;
  AttemptId attempt;
  NodeBoot node;
  LeftReason reason = LeftReason::silent;
  std::string why;          // of one that broke
  std::uint64_t ahead = 0;  // tokens beyond the durable ones, by its last report
  std::uint64_t unix_ms = 0;
  bool operator==(const LeftRecord&) const = default;
};

// The storage kept nothing for a while. A note.
struct StalledRecord {
  std::uint64_t for_ms = 0;
  std::string why;            // what it said last
  std::uint64_t unix_ms = 0;  // when it worked again
  bool operator==(const StalledRecord&) const = default;
};

using Record = std::variant<TermRecord, OpenedRecord, PlannedRecord, TokensRecord, EndedRecord,
                            ClosedRecord, PlacedRecord, LeftRecord, StalledRecord>;

bool is_synced(const Record& record);
bool is_note(const Record& record);
bool only_notes(std::span<const Record> records);  // of one or more

}  // namespace pecia::runtime
