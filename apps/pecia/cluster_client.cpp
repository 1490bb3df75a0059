#include "apps/pecia/cluster_client.hpp"

#include "apps/pecia/cluster_options.hpp"
#include "apps/pecia/interrupt.hpp"
#include "pecia/cluster_node.hpp"
#include "pecia/document_job.hpp"

namespace pecia::apps {

using namespace kernels;
using namespace runtime;

Expected<ClusterFile> open_cluster(const std::string& config) {
  ConfigFlags flags;
  flags.file = config;
  std::vector<std::string> mistakes;
  auto file = effective_cluster(flags, process_environment(), mistakes);
  if (file) return *std::move(file);
  const std::string last = mistakes.back();
  mistakes.pop_back();
  if (!mistakes.empty()) refuse_all(mistakes);
  return fail(ErrorKind::refuse, "{}", last);
}

Expected<std::unique_ptr<actors::Node>> join_as_client(const std::string& config) {
  const auto file = open_cluster(config);
  if (!file) return file.error();
  auto parts = client_parts(file->cluster);
  if (!parts) return parts.error();
  return actors::Node::start(*std::move(parts));
}

Expected<ToClient> ask_cluster(actors::Node& client, const ToCoordinator& question) {
  auto answer = ask_until(client, question, kCoordinatorWithin, interrupted);
  if (!answer && answer.error().kind == ErrorKind::retry) {
    return fail(ErrorKind::retry,
                "no coordinator answers for {} s; start the cluster ('pecia up'), or look at the "
                "address of its coordinator",
                kCoordinatorWithin.count());
  }
  if (!answer) return answer.error();
  if (!*answer) return fail(ErrorKind::retry, "interrupted");
  if (const auto* refused = std::get_if<Refused>(&**answer))
    return fail(ErrorKind::refuse, "{}", refused->why);
  return **std::move(answer);
}

}  // namespace pecia::apps
