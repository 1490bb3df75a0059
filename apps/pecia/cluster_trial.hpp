#pragma once
// A cluster whose nodes are killed and stopped while it writes: each job must give the bytes of the
// undisturbed one, take nothing back that a reader was shown, lose and double no token, and end.
//
//   embedded writer: document   ==   first job, undisturbed: document, tokens, duration
//   job:  open --- blow - blow -------- blow ---- end     one job after the other, on nodes that
//              '--------------- duration ----'            live on from job to job
//
// Blows fall as blow_plan.hpp deals them; at most kHarmedMax nodes are dead or stopped at once, and
// a blow that would make them more waits. A killed node is reaped before it is started again. A
// blow counts if its node was there (and went on, where it was to be stopped) and a look at the
// job, asked for after it, still found it open.
// Thread rule: one thread, beside that of the watch.

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "apps/pecia/blow_plan.hpp"
#include "kernels/base/expected.hpp"
#include "runtime/wire/job_spec.hpp"

namespace pecia::apps {

struct ClusterTrial {
  std::string program = "/proc/self/exe";
  std::string config;  // file of the cluster that is copied
  // The job, and the flags of `pecia write` that mean the same.
  runtime::JobSpec spec;
  std::uint64_t job_seed = 1;
  std::vector<std::string> write_arguments;
  BlowCounts wanted{100, 0, 0};  // that count; pauses need not
  std::uint64_t jobs = 10;       // which share them
  std::uint64_t seed = 1;        // of the blows
  std::string log;               // file to which each job's blows and stalls go; empty: none
  // A job may take this long, or kJobTimesMax times the undisturbed one where that is more; the
  // undisturbed one itself so many times the embedded writer, and this.
  std::uint64_t job_ms_max = 60'000;
};

inline constexpr std::uint64_t kJobTimesMax = 10;
inline constexpr std::size_t kHarmedMax = 2;

struct ClusterReport {
  std::uint64_t jobs = 0, jobs_done = 0;
  BlowCounts counted;      // blows
  BlowCounts not_counted;  // no job was open, or not for certain; or the node was not there
  std::map<std::string, std::uint64_t> kills_by_role;
  std::uint64_t zombies_replaced = 0;  // whose slices all went on elsewhere before they came back
  std::uint64_t lost_tokens = 0, doubled_tokens = 0;  // against the undisturbed slices
  std::uint64_t differing_documents = 0, taken_back = 0;
  std::uint64_t hung_jobs = 0, failed_jobs = 0;
  std::uint64_t failed_nodes = 0;  // ended by themselves, or would not at SIGTERM
  double undisturbed_s = 0;
  std::uint64_t document_bytes = 0, document_tokens = 0;
  std::string sha256;
  std::vector<double> kill_stall_ms, stop_stall_ms;  // of workers
  std::vector<double> alone_stall_ms;                // of kills of workers with no other blow near
  std::vector<double> coordinator_stall_ms;          // of kills
  std::optional<std::string> failure;                // the first, and the folder that is kept
  bool interrupted = false;

  bool clean() const {
    return lost_tokens + doubled_tokens + differing_documents + taken_back + hung_jobs +
               failed_jobs + failed_nodes ==
           0;
  }
};

// `show` is called now and then. Errors: refuse (the config; undisturbed, something fails already),
// elsewhere (no folder, no child).
kernels::Expected<ClusterReport> try_cluster(
    const ClusterTrial& trial, const std::function<void(const ClusterReport& so_far)>& show);

}  // namespace pecia::apps
