#include "apps/pecia/trial_report.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace pecia::apps {

std::string judge_jobs(const TrialReport& report) {
  if (!report.clean()) return report.failure.value_or("a job failed");
  return report.jobs_done < report.jobs ? "a job is not done" : "";
}

void add_outcome(nlohmann::ordered_json& object, const TrialReport& report) {
  object["lost_tokens"] = report.lost_tokens;
  object["doubled_tokens"] = report.doubled_tokens;
  object["differing_documents"] = report.differing_documents;
  object["taken_back"] = report.taken_back;
  object["hung_jobs"] = report.hung_jobs;
  object["failed_jobs"] = report.failed_jobs;
  object["failed_nodes"] = report.failed_nodes;
  object["undisturbed_s"] = report.undisturbed_s;
  object["tokens"] = report.document_tokens;
  object["bytes"] = report.document_bytes;
  object["sha256"] = report.sha256;
}

std::string document_to_text(const TrialReport& report) {
  std::string table =
      fmt::format("document             {} tokens, {} bytes, {:.1f} s undisturbed\n",
                  report.document_tokens, report.document_bytes, report.undisturbed_s);
  table += fmt::format("sha256               {}\n", report.sha256);
  table += fmt::format("jobs                 {} of {} done, {} hung, {} failed\n", report.jobs_done,
                       report.jobs, report.hung_jobs, report.failed_jobs);
  return table;
}

std::string outcome_to_text(const TrialReport& report) {
  std::string table = fmt::format("tokens               {} lost, {} doubled\n", report.lost_tokens,
                                  report.doubled_tokens);
  table += fmt::format("differing documents  {}, of them {} taken back\n",
                       report.differing_documents, report.taken_back);
  table += fmt::format("failed nodes         {}\n", report.failed_nodes);
  return table;
}

}  // namespace pecia::apps
