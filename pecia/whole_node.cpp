#include "pecia/whole_node.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "pecia/cluster_node.hpp"
#include "pecia/page_check.hpp"
#include "pecia/session_generator.hpp"
#include "pecia/temporary_job.hpp"

namespace pecia {

using namespace kernels;
namespace fs = std::filesystem;

Expected<std::unique_ptr<NodeFolder>> NodeFolder::open(const std::string& path) {
  if (path.empty()) {
    auto made = make_temporary_job();
    if (!made) return fail(made.error().kind, "{}, or give data_dir", made.error().message);
    return std::unique_ptr<NodeFolder>(new NodeFolder(*std::move(made), true));
  }
  std::error_code error;
  fs::create_directories(path, error);
  if (error || !fs::is_directory(path, error)) {
    return fail(ErrorKind::refuse, "data_dir {}: cannot make this folder: {}", path,
                error ? error.message() : "there is something else of that name");
  }
  return std::unique_ptr<NodeFolder>(new NodeFolder(path, false));
}

NodeFolder::~NodeFolder() {
  std::error_code ignored;  // a later one finds it
  if (temporary_) fs::remove_all(path_, ignored);
}

actors::NodeParts whole_node_parts(const runtime::Config& config, const std::string& journal,
                                   const std::shared_ptr<const Session>& session) {
  const int threads = std::max(1, session->pool->threads() / config.write.workers);
  const EngineOptions engine =
      node_engine(session->model->params(), config.write.batch_max, config.write.cache);
  actors::NodeParts parts{config};
  parts.documents = actors::DocumentsPart{journal, session->tokenizer, identity_of(*session)};
  parts.compute = actors::ComputePart{
      [session, threads, engine](int) { return make_generator(*session, threads, engine); },
      is_page_of};
  return parts;
}

}  // namespace pecia
