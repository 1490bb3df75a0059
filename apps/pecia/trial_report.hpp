#pragma once
// What became of the jobs of a trial, whatever befell them. Thread rule: values, pure.

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

namespace pecia::apps {

struct TrialReport {
  std::uint64_t jobs = 0, jobs_done = 0;
  std::uint64_t lost_tokens = 0, doubled_tokens = 0;  // against the undisturbed slices
  std::uint64_t differing_documents = 0, taken_back = 0;
  std::uint64_t hung_jobs = 0, failed_jobs = 0;
  std::uint64_t failed_nodes = 0;  // ended by themselves, or would not at SIGTERM
  double undisturbed_s = 0;
  std::uint64_t document_bytes = 0, document_tokens = 0;
  std::string sha256;
  std::optional<std::string> failure;  // the first, and the folder that is kept
  bool interrupted = false;

  bool clean() const {
    return lost_tokens + doubled_tokens + differing_documents + taken_back + hung_jobs +
               failed_jobs + failed_nodes ==
           0;
  }
};

// Empty where no job or node failed and every job is done.
std::string judge_jobs(const TrialReport& report);

// In the middle of a JSON object or of a table: outcomes and the document, behind what befell it.
void add_outcome(nlohmann::ordered_json& object, const TrialReport& report);
std::string document_to_text(const TrialReport& report);
std::string outcome_to_text(const TrialReport& report);

}  // namespace pecia::apps
