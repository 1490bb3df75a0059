#pragma once
// What the journal holds: everything that has happened to jobs, in order. The state of a
// coordinator is a fold over these. "Synced" records survive power loss before anybody hears of
// them; the others survive a kill, and what a power loss takes of them is generated again.

#include <cstddef>
#include <cstdint>
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
  bool operator==(const PlannedRecord&) const = default;
};

// Tokens [from, from + ids.size()) of a step. Not synced.
struct TokensRecord {
  StepName step;
  std::uint64_t from = 0;
  TokenIds ids;
  Chain chain{};  // after the last of them
  AttemptId attempt;
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
  bool operator==(const EndedRecord&) const = default;
};

enum class JobEnd : std::uint8_t { done, failed, cancelled };

// The first one of a job is final. Synced.
struct ClosedRecord {
  JobId job{};
  JobEnd end = JobEnd::done;
  std::string why;  // of a failure: "poison", "deadline", or what the engine said
  bool operator==(const ClosedRecord&) const = default;
};

using Record =
    std::variant<TermRecord, OpenedRecord, PlannedRecord, TokensRecord, EndedRecord, ClosedRecord>;

bool is_synced(const Record& record);

}  // namespace pecia::runtime
