#pragma once
// The connection of two stepped nodes: what BASP writes at one end arrives at the other, frame by
// frame, as the test wants it. Each direction can be held, and each message of ours that crosses
// can be lost or repeated.
// Thread rule: one thread.

#include <caf/io/connection_handle.hpp>
#include <deque>
#include <functional>
#include <optional>
#include <vector>

#include "runtime/wire/messages.hpp"
#include "tests/unit/actors/stepped_node.hpp"

namespace pecia::test {

enum class Fate { passes, is_lost, comes_twice };

class SteppedLink {
 public:
  // `head` publishes, `worker` connects. Both outlive it.
  SteppedLink(SteppedNode& head, SteppedNode& worker);
  ~SteppedLink() { cut(); }
  SteppedLink(const SteppedLink&) = delete;
  SteppedLink& operator=(const SteppedLink&) = delete;

  bool step();  // moves bytes, as far as they may go
  void cut();   // what is under way is lost, and both ends hear of it

  // Held: nothing arrives, and all of it once it is let go.
  void hold_to_head(bool hold) { to_head_.held = hold; }
  void hold_to_worker(bool hold) { to_worker_.held = hold; }

  // Asked for the first message of each batch between coordinator and worker, and the fate of all
  // in it; none: all pass.
  std::function<Fate(const runtime::ToCoordinator&)> fate_to_head;
  std::function<Fate(const runtime::ToWorker&)> fate_to_worker;

 private:
  using Bytes = std::vector<char>;
  struct Direction {
    std::deque<Bytes> frames;  // of BASP, under way
    bool held = false;
  };

  bool move(Direction& direction, Bytes& from, SteppedNode& to, caf::io::connection_handle handle);
  Fate fate_of(const Direction& direction, const Bytes& frame) const;

  SteppedNode &head_, &worker_;
  const caf::io::connection_handle at_head_, at_worker_;
  Direction to_head_, to_worker_;
  bool is_cut_ = false;
};

}  // namespace pecia::test
