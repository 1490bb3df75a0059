#pragma once
// What a coordinator wants done. Its shell carries effects out in their order; a crash may come
// between any two of them.

#include <cstdint>
#include <variant>
#include <vector>

#include "runtime/wire/messages.hpp"

namespace pecia::actors {

using ClientKey = std::uint64_t;  // of the shell: whom to answer

struct ToNode {
  runtime::NodeBoot node;
  runtime::ToWorker message;
};
struct Answer {
  ClientKey client = 0;
  runtime::ToClient message;
};
// To the journal, as one transaction. Numbered 1, 2, ... by the core, in the order of appending,
// repeated appends included; Journal::append() counts the same way.
struct Append {
  std::uint64_t transaction = 0;
  std::vector<runtime::Record> records;
};
struct RetryStorage {};  // Journal::retry(), before the appends that follow
// The slicer is asked for the steps of a job, given what has ended; on_expanded() brings them.
struct Expand {
  runtime::JobId job{};
  std::size_t steps_ended = 0;
};
// These records are durable: merger, slicer and summarizer follow them.
struct Follow {
  std::vector<runtime::Record> records;
};
// Another coordinator has taken over: this process ends at once, whatever it was doing.
struct Exit {
  std::string why;
};

using Effect = std::variant<ToNode, Answer, Append, RetryStorage, Expand, Follow, Exit>;
using Effects = std::vector<Effect>;

// One moment by two clocks. Safety reads neither.
struct Now {
  std::uint64_t mono_ms = 0;  // since some start, never back
  std::uint64_t unix_ms = 0;  // wall clock, for the deadline of a job
};

}  // namespace pecia::actors
