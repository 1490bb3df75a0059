#pragma once
// Every number and choice of the program that is no part of a job, as one tree: a struct a table of
// the config file, a member a key. Ranges and help for people are in fields.cpp, one row a member.
// Thread rule: values.

#include <cstdint>

#include "runtime/config/journal_limits.hpp"
#include "runtime/config/link_limits.hpp"
#include "runtime/config/protocol_limits.hpp"
#include "runtime/wire/job_spec.hpp"

namespace pecia::runtime {

enum class CacheMode : std::uint8_t {
  off,      // every prompt is computed
  local,    // pages of keys and values met before are found in this process
  cluster,  // and in the other nodes of its cluster
};

enum class BalancerKind : std::uint8_t {
  static_order,  // "static": a step's place in the plan names its worker
  least_loaded,  // the worker with the most free slots
};

// `pecia write` with all roles in one process. Only `context` changes what a document says.
struct WriteOptions {
  // Engines at work. More use more cores and memory; on one machine one is usually fastest, for its
  // batch shares the reading of the weights.
  int workers = 1;
  // Sequences of one engine step. More share the reading of the weights, and each takes memory for
  // its keys and values.
  int batch_max = 64;
  CacheMode cache = CacheMode::local;
  // Of all pages the cache holds. More finds more prefixes again.
  std::uint64_t cache_bytes_max = std::uint64_t{1} << 30;
  // static needs no reports to be fair; least_loaded evens out workers of different speed.
  BalancerKind balancer = BalancerKind::static_order;
  // What a slice is told of those before it. Beyond `none` slices wait for each other.
  ContextMode context = ContextMode::none;
};

// As OTP: more than `intensity` restarts within `period_ms` are no accident, and the supervisor
// gives up and lets its own decide. Before each restart it waits, twice as long as the last time.
struct SupervisionLimits {
  // More forgives a flapping child longer; 0: the first death is passed on. A step that is poison
  // takes crashes_max workers and one more before its job is ended; fewer restarts end the node.
  int intensity = 10;
  // Longer remembers restarts longer.
  std::uint64_t period_ms = 30'000;
  // Before the first restart. Longer spares what the child fell over, shorter recovers sooner.
  std::uint64_t backoff_ms = 100;
  // Where doubling ends. Much beyond period_ms / intensity no child is ever given up.
  std::uint64_t backoff_ms_max = 1'000;
  // A loop of a cluster's node that stands still for so long ends its process, to be started again.
  // Longer forgives a starved machine, shorter recovers sooner.
  std::uint64_t loop_ms = 15'000;
};

struct Config {
  ProtocolLimits protocol;
  JournalLimits journal;
  WriteOptions write;
  SupervisionLimits supervision;
  LinkLimits link;
};

}  // namespace pecia::runtime
