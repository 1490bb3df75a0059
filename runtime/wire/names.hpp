#pragma once
// The names of PROTOCOL.md, as values. Names are made from content or from a counter of the
// journal, never from the order in which something arrived. Thread rule: values.

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/base/hash.hpp"

namespace pecia::runtime {

using kernels::Id;

using JobId = Id;              // made by the client; submitting it twice is one job
using Path = std::string;      // of a step in the plan: "2", "2.5"; structural, see is_path()
using Term = std::uint64_t;    // +1 whenever a coordinator opens the journal; 0: none yet
using Boot = std::uint64_t;    // random, one a process start
using NodeName = std::string;  // as in the cluster config
using TokenIds = std::vector<std::int32_t>;

inline constexpr std::size_t kPathBytesMax = 64;

// Numbers from 1 on without a leading zero, joined by dots: "3", "2.5".
bool is_path(std::string_view text);

// The step that writes a slice of the document, counted from 0, has the path "1", "2", ...; and
// back: nullopt where a path is not spelt so, for two steps must not write one slice.
Path path_of_slice(std::size_t slice);
std::optional<std::size_t> slice_of_path(std::string_view path);

struct StepName {
  JobId job{};
  Path path;
  auto operator<=>(const StepName&) const = default;
};

// One try at one step; never reused, for the term is the coordinator's own.
struct AttemptId {
  Term term = 0;
  std::uint64_t n = 0;  // counted from 1 within the term
  auto operator<=>(const AttemptId&) const = default;
};

// A worker's identity: a process that came back under its name is another.
struct NodeBoot {
  NodeName node;
  Boot boot = 0;
  auto operator<=>(const NodeBoot&) const = default;
};

// Names a text prefix of a step: c0 = H(job, path, input), c(i + 1) = H(c(i), token i). Two equal
// chains at one position mean the same input and the same tokens before it.
using Chain = Id;
Chain chain_start(const StepName& step, const Id& input);
Chain chain_after(const Chain& before, std::span<const std::int32_t> tokens);

}  // namespace pecia::runtime
