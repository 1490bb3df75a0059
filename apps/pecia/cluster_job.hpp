#pragma once
// A job of a cluster as a command follows it: `pecia write --cluster` and `pecia attach`.

#include <optional>
#include <string>

#include "apps/pecia/output.hpp"
#include "kernels/base/expected.hpp"
#include "runtime/wire/messages.hpp"

namespace pecia::apps {

struct ClusterJob {
  std::string cluster;  // its config file
  runtime::JobId job{};
  std::string output;        // file; empty: stdout, as the text is released
  bool json = false;         // one object on stdout instead
  std::uint64_t offset = 0;  // bytes of the document that are not wanted again
};

// Reads the job to its end; with a `submit`, submits it first. Ctrl-C leaves it, and it goes on.
// Gives the exit code.
kernels::Expected<int> follow_cluster_job(const ClusterJob& wanted,
                                          std::optional<runtime::Submit> submit, Output& out);

}  // namespace pecia::apps
