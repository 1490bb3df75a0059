#pragma once
// What 'pecia chaos write' takes and tells, apart from its work. Pure.

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "apps/pecia/kill_trial.hpp"
#include "kernels/base/expected.hpp"

namespace pecia::apps {

// Flags of `pecia write` that a trial sets itself, or that keep the document from stdout.
kernels::Status check_write_flags(const std::vector<std::string>& flags);

struct KillVerdict {
  bool held = false;
  std::string line;  // why not, for a person
};
// `wanted`: kills that should have counted.
KillVerdict judge_kills(const KillReport& report, std::uint64_t wanted);

nlohmann::ordered_json kills_to_json(const KillReport& report);
std::string kills_to_text(const KillReport& report);  // a table

}  // namespace pecia::apps
