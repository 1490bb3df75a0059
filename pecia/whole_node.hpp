#pragma once
// A node that is all there is: coordinator, workers and a cache in one process, over a journal in a
// folder. Thread rule: one thread.

#include <memory>
#include <string>

#include "actors/node/node.hpp"
#include "kernels/base/expected.hpp"
#include "pecia/session.hpp"
#include "runtime/config/config.hpp"

namespace pecia {

// Where its jobs live; a temporary one goes with this, and with all that is in it.
class NodeFolder {
 public:
  // Made where it is missing; `path` empty: a temporary one.
  static kernels::Expected<std::unique_ptr<NodeFolder>> open(const std::string& path);
  ~NodeFolder();
  NodeFolder(const NodeFolder&) = delete;
  NodeFolder& operator=(const NodeFolder&) = delete;

  std::string journal() const { return path_ + "/journal.sqlite"; }

 private:
  NodeFolder(std::string path, bool temporary) : path_(std::move(path)), temporary_(temporary) {}

  const std::string path_;
  const bool temporary_;
};

// Its workers share the threads of the session, each at least one.
actors::NodeParts whole_node_parts(const runtime::Config& config, const std::string& journal,
                                   const std::shared_ptr<const Session>& session);

}  // namespace pecia
