#pragma once
// A node without threads, sockets or time of its own: CAF's test coordinator runs its actors one
// message after the other, CAF's test multiplexer is its network, and time passes when a test says
// so. The shells are those of the program, and so is BASP between two of them; only the generator
// is a fake and the journal lies in memory. What has a thread elsewhere (executor, slicer,
// summarizer, journal) runs here in turn (actors/own_thread.hpp).
// Thread rule: one thread for all nodes of a test.

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/io/connection_handle.hpp>
#include <caf/io/network/test_multiplexer.hpp>
#include <caf/io/scribe.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <memory>
#include <string>
#include <vector>

#include "actors/messages.hpp"
#include "runtime/config/protocol_limits.hpp"
#include "runtime/journal/memory_journal.hpp"

namespace pecia::test {

class SteppedNode {
 public:
  explicit SteppedNode(std::string name);
  ~SteppedNode();  // REQUIRES stop(), and links that are cut
  SteppedNode(const SteppedNode&) = delete;
  SteppedNode& operator=(const SteppedNode&) = delete;

  // -- roles; each may be started again after its end
  // `disk` outlives the node. Expects workers of these names to report.
  void coordinate(runtime::JournalDisk& disk, const runtime::ProtocolLimits& limits,
                  std::vector<runtime::NodeName> expected);
  void stop_coordinating();  // its actors end; what the disk has stays
  void work(runtime::Boot boot, const runtime::ProtocolLimits& limits);
  void stop_working();
  void stop();  // all actors of it

  bool step();           // the next message, if there is one
  void advance(int ms);  // virtual time; timers that are due send their messages
  const std::string& name() const { return name_; }
  const std::string& deposed() const { return deposed_; }  // why its coordinator was; "": it is not
  bool coordinates() const { return coordinator_ != nullptr; }

  // Asks whoever coordinates, as far as this node's directory knows. The answer comes by stepping.
  struct Answer {
    bool there = false;
    std::string error;
    runtime::Frame frame;
  };
  std::shared_ptr<const Answer> ask(const runtime::Frame& question);

  // -- the network
  caf::io::network::test_multiplexer& network() { return network_; }
  caf::io::scribe_ptr new_connection(caf::io::connection_handle handle);
  void publish_links(const caf::io::scribe_ptr& connection);
  void connect_links(const caf::io::scribe_ptr& connection);
  void close(caf::io::connection_handle handle);  // and CAF ends the proxies behind it
  void peer_down(const std::string& peer);        // as the gate tells it

 private:
  struct Config : caf::actor_system_config {
    Config();
  };
  class PumpedJournal;

  const std::string name_;
  Config config_;
  caf::actor_system system_;
  caf::scheduler::test_coordinator& scheduler_;
  caf::io::network::test_multiplexer& network_;
  std::vector<PumpedJournal*> journals_;  // that are open
  std::string deposed_;
  actors::DirectoryHandle directory_;
  actors::LinksHandle links_;
  actors::SummarizerHandle summarizer_;
  actors::MergerHandle merger_;
  actors::SlicerHandle slicer_;
  actors::CoordinatorHandle coordinator_;
  actors::WorkerHandle worker_;
};

}  // namespace pecia::test
