#pragma once
// The numbers of PROTOCOL.md. None decides what a document says or whether it is safe: they decide
// how soon something is noticed, how much is in flight and when a job is given up.

#include <cstdint>

namespace pecia::runtime {

struct ProtocolLimits {
  // A worker says what it holds this often. Shorter notices losses sooner and costs messages.
  std::uint64_t report_ms = 250;
  // A node without a report for so long is taken as gone and its steps are placed again. Must be
  // some reports long; shorter recovers sooner from a hang, longer forgives a starved machine.
  std::uint64_t silent_ms = 900;
  // Attempts a worker holds at once. More fill its batch, and each costs it memory for keys.
  int slots = 16;
  // After a start of the coordinator workers keep what they hold; only then new orders go out.
  std::uint64_t adopt_ms = 2'000;
  // An ordered attempt that its worker does not report for so long was lost on the way.
  std::uint64_t order_ms = 1'000;
  // An attempt without a durable token or prefill progress for so long is given to another worker;
  // or for stall_factor times its expected next progress, where that is longer.
  std::uint64_t stall_ms = 2'000;
  std::uint64_t stall_factor = 8;
  // A worker without a coordinator for so long drops what it holds. Long, for what it holds is what
  // a coordinator that comes back can adopt.
  std::uint64_t orphan_ms = 600'000;
  // Tokens a worker may be ahead of the durable ones. More ride out a slow disk, and are lost with
  // the worker.
  std::uint64_t window_tokens = 256;
  // A step that has killed so many workers, two of them alone, is poison and ends its job.
  int crashes_max = 3;
  // Second attempts at slow steps, as a share of all open attempts.
  int hedge_percent = 10;
  // An attempt is slow, and may be hedged, after this share of its stall time.
  int hedge_after_percent = 50;
  // From opened.unix_ms on, over restarts; a job that is not done by then is failed(deadline).
  std::uint64_t job_deadline_ms = 86'400'000;
  // A full or broken storage is tried again after the first, then after twice as long, up to the
  // second.
  std::uint64_t storage_retry_ms = 100;
  std::uint64_t storage_retry_ms_max = 5'000;
  // Tokens recorded and not yet durable, of all jobs; beyond it offers wait at their workers.
  std::uint64_t pending_tokens_max = 65'536;
  // Jobs that are not closed; a submit beyond it is refused.
  int jobs_max = 1'024;
};

}  // namespace pecia::runtime
