#pragma once
// A resumable writer, killed again and again: it must give the same bytes as undisturbed and take
// nothing back that it has printed.
//
//   undisturbed run: document, duration
//   job:  start -- kill -- start -- kill -- ... -- start -- end -- start (prints it again)
//         '----- working time -----------------------------'
//
// A kill comes when the working time of its job, the lives of all its runs together, has reached a
// moment of the plan. It counts if the next start finds the job open.
// Thread rule: one thread.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "kernels/base/expected.hpp"

namespace pecia::apps {

struct KillTrial {
  // Started with `arguments` and --job-dir DIR; prints on stdout, and says on stderr what it found.
  std::string program = "/proc/self/exe";
  std::vector<std::string> arguments = {};
  std::uint64_t kills = 100;  // that count
  std::uint64_t jobs = 10;    // which share them
  std::uint64_t seed = 1;     // of the moments
  // A run may take this long, or kRunTimesMax times the undisturbed one where that is more.
  std::uint64_t run_ms_max = 60'000;
};

inline constexpr std::uint64_t kRunTimesMax = 10;
inline constexpr std::uint64_t kUndisturbedMsMax = 6 * 3'600'000;
inline constexpr std::size_t kDocumentBytesMax = std::size_t{256} << 20;

struct KillReport {
  std::uint64_t kills = 0;              // that counted
  std::uint64_t kills_not_counted = 0;  // moments at which no job was open, or none for certain
  std::uint64_t jobs = 0;
  double undisturbed_s = 0;
  std::uint64_t document_bytes = 0;
  std::string sha256;                     // of the undisturbed document
  std::uint64_t different_documents = 0;  // runs that printed what is not in it
  std::uint64_t taken_back = 0;           // runs that printed other than an earlier one of the job
  std::uint64_t failed_runs = 0;          // runs that ended by themselves with an error, or not
  std::vector<double> resume_s;  // from a restart to the first byte beyond what had been printed
  std::optional<std::string> failure;  // the first: job, moment, what, and the folder that is kept
  bool interrupted = false;

  bool clean() const { return different_documents + taken_back + failed_runs == 0; }
};

// A job ends at its first failure; its folder is kept if it is the first one to fail.
// `show` is called whenever a run has ended. Errors: refuse (the undisturbed run does not succeed,
// or prints nothing), elsewhere (no folder, no child).
kernels::Expected<KillReport> try_kills(const KillTrial& trial,
                                        const std::function<void(const KillReport& so_far)>& show);

}  // namespace pecia::apps
