#pragma once
// Where a worker computes: a thread of its own that steps a generator while there is something to
// do, and takes orders between two steps.
//
//   idle -run-> stepping <-ack- waiting     (kStepsUnacked steps that the worker has not seen)
//     ^____________|  '----------^
//
// With a cache, a run first asks for the pages of its prompt and waits for the answer, a while at
// most; once it gives tokens, pages that the cache lacks go there.

#include <memory>

#include "actors/generator/generator.hpp"
#include "actors/messages.hpp"

namespace pecia::actors {

inline constexpr int kStepsUnacked = 2;

// `cache` may be none.
ExecutorHandle spawn_executor(WorkerHandle::base& worker, std::unique_ptr<Generator> generator,
                              CacheHandle cache);

}  // namespace pecia::actors
