#pragma once
// The roles of one process. All of them is what `pecia write` runs on and what a host program
// embeds; some of them, with links to other nodes, is a node of a cluster; none is a client.
//
//   documents (one_for_all)   summarizer, merger, slicer, coordinator with its journal
//   compute   (rest_for_one)  cache, then                       once there is work for them
//     workers (one_for_one)   worker-1, worker-2, ...
//   links                     to other nodes, whose coordinator is then ours
//
// The one who starts it is its client: submits a job, reads its text as it is released, and may
// leave at any moment. The journal keeps everything; another Node over the same journal, in this
// process or the next, goes on with it. A supervisor that gives up ends the node: what a restart of
// its children did not mend, a restart of the same from further up does not either.
//
// Thread rule: ask(), pause() and failure() on any thread, several at once; the rest on one.

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "actors/cache/named_bytes_core.hpp"
#include "actors/generator/generator.hpp"
#include "kernels/base/expected.hpp"
#include "kernels/text/tokenizer.hpp"
#include "runtime/config/config.hpp"
#include "runtime/gate/gate.hpp"
#include "runtime/journal/journal.hpp"
#include "runtime/wire/messages.hpp"

namespace pecia::actors {

struct DocumentsPart {
  std::string journal_path;  // made where there is none
  std::shared_ptr<const kernels::Tokenizer> tokenizer;
  GeneratorIdentity computes;  // what a job is pinned to whose client leaves that open
  // Workers of other nodes: once all have reported a coordinator that starts waits no longer for
  // what they may hold.
  std::vector<runtime::NodeName> expected{};
  // None: SQLite, as the config says, at journal_path. For a coordinator that starts, or starts
  // again, once the one before is gone; called on a thread of the node's.
  std::function<kernels::Expected<std::unique_ptr<runtime::Journal>>()> open_journal{};
};

struct ComputePart {
  // For a worker that starts, or starts again; called on a thread of the node's. None: no workers,
  // a cache alone.
  std::function<kernels::Expected<std::unique_ptr<Generator>>(int worker)> make_generator;
  NameCheck page_check;  // of the cache, where the config asks for one
};

struct LinksPart {
  std::string name;  // of this node, or of a client
  // The node whose cache says who computes what several are about to; empty: none does.
  std::string arbiter{};
  // Opens this node's sockets, whose events are told from then on; called once.
  std::function<kernels::Expected<std::unique_ptr<runtime::Gate>>(runtime::GateEvents)> open_gate;
  // Called on a thread of the node's once the loop of that name has stood still for
  // supervision.loop_ms, once: ends the process, for the node cannot end itself, or tells the host
  // whose process it is. None: nobody watches.
  std::function<void(const std::string& loop)> stands_still{};
};

struct NodeParts {
  runtime::Config config;
  std::optional<DocumentsPart> documents{};  // none: another node coordinates
  std::optional<ComputePart> compute{};      // none: this node has neither workers nor a cache
  std::optional<LinksPart> links{};          // none: there are no other nodes
};

class Node {
 public:
  // Without workers. Where the journal cannot be opened: why. Kind elsewhere: another process has
  // it.
  static kernels::Expected<std::unique_ptr<Node>> start(NodeParts parts);
  // From now on open jobs are worked at, once a node's life. A generator that cannot be made ends
  // the node, which the next ask() tells. REQUIRES a compute part.
  void start_workers();
  // Ends all actors; what is not durable is generated again by whoever goes on. One that does not
  // end within some seconds is left behind with its threads.
  ~Node();

  // What the coordinator or the merger answers. Submitted or Refused for a Submit and a Cancel,
  // Text or Refused for a Read, which comes back with an empty Text after a fraction of a second,
  // Viewed or Refused for a View, Overviewed or Refused for the rest.
  // Error of kind retry where none answers within the deadline, of another where the node has given
  // up.
  kernels::Expected<runtime::ToClient> ask(const runtime::ToCoordinator& message,
                                           std::chrono::milliseconds deadline);
  void pause(std::chrono::milliseconds span);  // until one may ask again
  // Why the node has given up; nothing: it works.
  std::optional<kernels::Error> failure() const;

 private:
  struct Actors;
  explicit Node(std::unique_ptr<Actors> actors);

  std::unique_ptr<Actors> actors_;
};

}  // namespace pecia::actors
