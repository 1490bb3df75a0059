#pragma once
// One job, from submit to its end: the client side of `pecia write` and of host programs, whether
// the node is all there is or a client of a cluster.
// Thread rule: one thread; several jobs of one node may each have their own.

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "actors/node/node.hpp"
#include "kernels/text/document_chain.hpp"
#include "pecia/course.hpp"
#include "runtime/wire/messages.hpp"

namespace pecia {

// Whether the one who waits has had enough; asked several times a second.
using Leaving = std::function<bool()>;

// Asks until somebody answers, or nobody has for so long: then the last Error. Nothing where the
// asker left first.
kernels::Expected<std::optional<runtime::ToClient>> ask_until(
    actors::Node& node, const runtime::ToCoordinator& question, std::chrono::seconds within,
    const Leaving& leaves);

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

  // `node` outlives this. Where nobody answers for `answer_within`, the node counts as lost.
  DocumentJob(actors::Node& node, Leaving leaves, const runtime::JobId& job = job_of_folder(),
              std::chrono::seconds answer_within = std::chrono::seconds(60))
      : node_(node), leaves_(std::move(leaves)), job_(job), answer_within_(answer_within) {}

  // A job directory holds one job, whose id says nothing.
  static runtime::JobId job_of_folder();

  // Waits for a storage that is stalled; nothing where the client left first. Error of kind refuse
  // where the job is known as another.
  kernels::Expected<std::optional<Met>> submit(runtime::Submit submit, const Reader& reader);
  // To its end, or until the client leaves; a job that failed is an Error with its reason.
  kernels::Expected<Course> read(const Reader& reader);
  kernels::Expected<runtime::Viewed> view();

  const std::string& document() const { return document_; }  // as far as it was read

 private:
  kernels::Expected<std::optional<runtime::ToClient>> ask(const runtime::ToCoordinator& question) {
    return ask_until(node_, question, answer_within_, leaves_);
  }

  actors::Node& node_;
  const Leaving leaves_;
  const runtime::JobId job_;
  const std::chrono::seconds answer_within_;
  std::string document_;
  kernels::DocumentChain chain_;
};

}  // namespace pecia
