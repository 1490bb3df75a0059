#pragma once
// The library's front door: a node of pecia inside a host program.
//
//     #include <pecia/node.hpp>
//
//     pecia::Node node{pecia::NodeOptions{}};            // all roles, the built-in model
//     pecia::Job job;
//     job.outline = "A guide to birds.\n# The owl\n# The wren\n";
//     job.on_text = [](std::string_view text) { std::cout << text; };
//     pecia::Submission owls = node.submit(std::move(job));
//     const pecia::Document document = owls.document.get();   // throws pecia::Error
//
// A node is one of three things, as its options say: all roles in this process, with a journal of
// its own; one node of a cluster, with the roles that the config file gives its name; or a client
// of a cluster, which only submits and reads. All three submit in the same way. Several nodes may
// live in one process; each all-in-one node and each member of a cluster loads its model for
// itself.
//
// The host stays its own master: the library installs no signal handler, reads no argument, writes
// neither on stdout nor on stderr, and never ends the process. It reads the variables PECIA_* of
// the environment, as the program does: settings of a config file, and PECIA_CPU.
//
// Thread rule: constructor and destructor on one thread, which no callback is; submit(), failure()
// and drain() on any.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "pecia/error.hpp"
#include "pecia/job.hpp"

namespace pecia {

struct NodeOptions {
  // Followed at once by one Node.
  static constexpr std::size_t kJobsMax = 64;

  // The node `node` of a cluster, started as `pecia node --config CONFIG --name NODE` would.
  PECIA_API static NodeOptions from_file(std::string config, std::string node);
  // A client of a cluster. Nobody waits for its coordinator here: the futures of jobs do.
  PECIA_API static NodeOptions client_of(std::string config);

  // -- all roles in this process; of a cluster the config file says these, and they stay as they
  // are
  std::string model;  // a GGUF file; empty: the model that is installed with the library
  // Where jobs live. A node that is given the folder of an earlier one goes on with its open jobs
  // from its construction on; one process at a time has it. Empty: a temporary folder, whose jobs
  // end with the node.
  std::string data_dir;
  int threads = 0;     // of all engines together, 0 to 1,024; 0: all cores. Never changes a text
  int workers = 1;     // engines, 1 to 64. Never changes a text
  int batch_max = 64;  // slices of one engine step, 1 to 1,024. Never changes a text
  bool cache = true;   // prompts that share a beginning share its computation
  std::uint64_t cache_bytes_max = std::uint64_t{1} << 30;  // of all pages the cache holds

  // -- a cluster
  std::string config_file;  // TOML; empty: all roles in this process
  std::string node_name;    // in it; empty: a client
  // How long a job waits for an answer of whoever coordinates before its future gives up.
  std::chrono::seconds answer_within{60};

  // Lines for people, without a newline: peers that come and go, a disk that is full, the end of
  // the node. May be empty. Called on threads of the library's, one at a time, also while the
  // constructor runs; must return soon and must not call the Node. What it throws is dropped.
  std::function<void(std::string_view line)> log;
};

class PECIA_API Node {
 public:
  // Loads the model and starts the node; returns when it works. Throws Error, kind refuse where the
  // options, the config file or the model are wrong or the model is missing, elsewhere where
  // another process has the folder, retry where a thread or a port cannot be had now.
  explicit Node(NodeOptions options);
  // Ends the node. Open jobs are left: their futures throw Error of kind left, and where the
  // journal stays they go on with the next node over it. Waits for callbacks that run, and some
  // seconds for a step of an engine; must not be called from a callback.
  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  // Hands the job to whoever coordinates, and follows it. Returns at once, and throws nothing but
  // what memory does: every error comes from the future, kind refuse where the job is wrong, was
  // refused or failed, retry where nobody answered or kJobsMax jobs are followed already.
  Submission submit(Job job);

  // Lets a worker of a cluster end what it has begun and take no more, for `within` at most; the
  // coordinator places the rest elsewhere. Before the destructor this saves work; without it
  // nothing is lost but time. Returns at once where this node is no such worker.
  void drain(std::chrono::milliseconds within);

  // Why the node works no more; nothing: it works. It does not mend itself: destroy it and make
  // another.
  std::optional<Error> failure() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace pecia
