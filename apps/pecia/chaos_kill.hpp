#pragma once
// What 'pecia chaos kill' says of a trial. Thread rule: pure.

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "apps/pecia/cluster_trial.hpp"

namespace pecia::apps {

// Empty where the trial held: no failure, every job done, and as many blows counted as wanted.
std::string judge_cluster(const ClusterReport& report, const BlowCounts& wanted);
nlohmann::ordered_json cluster_to_json(const ClusterReport& report);
std::string cluster_to_text(const ClusterReport& report);

}  // namespace pecia::apps
