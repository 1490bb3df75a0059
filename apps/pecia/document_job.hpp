#pragma once
// One job on a node of its own, from submit to its end: the client side of `pecia write`.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "actors/node/node.hpp"
#include "apps/pecia/generate.hpp"
#include "kernels/text/document_chain.hpp"
#include "runtime/wire/messages.hpp"

namespace pecia::apps {

class DocumentJob {
 public:
  struct Reader {
    // Text of the document, as it is released; an Error ends the reading.
    std::function<kernels::Status(std::string_view text)> take;
    // Now and then, while it is written.
    std::function<void(const runtime::Viewed& view)> watch;
    // Once whenever the job begins to wait for its storage.
    std::function<void(std::string_view why)> stalled;
  };
  struct Met {
    bool known = false;  // before this process
    runtime::JobState state = runtime::JobState::opened;
  };

  // `node` outlives this.
  explicit DocumentJob(actors::Node& node) : node_(node) {}

  // A job directory holds one job, whose id says nothing. Waits for a storage that is stalled;
  // nothing where Ctrl-C came first. Error of kind refuse where the job is known as another.
  kernels::Expected<std::optional<Met>> submit(runtime::Submit submit, const Reader& reader);
  // To its end, or to Ctrl-C; a job that failed is an Error with its reason.
  kernels::Expected<Course> read(const Reader& reader);
  kernels::Expected<runtime::Viewed> view();

  const std::string& document() const { return document_; }  // as far as it was read

 private:
  kernels::Expected<std::optional<runtime::ToClient>> ask(const runtime::ToCoordinator& question);

  actors::Node& node_;
  std::string document_;
  kernels::DocumentChain chain_;
};

}  // namespace pecia::apps
