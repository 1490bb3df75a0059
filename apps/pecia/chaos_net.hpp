#pragma once
// What 'pecia chaos net' says of a trial. Thread rule: pure.

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "apps/pecia/net_trial.hpp"

namespace pecia::apps {

// Empty where the trial held: no failure, every job done, and as many faults counted as wanted.
std::string judge_links(const NetReport& report, const FaultCounts& wanted);
nlohmann::ordered_json links_to_json(const NetReport& report);
std::string links_to_text(const NetReport& report);

}  // namespace pecia::apps
