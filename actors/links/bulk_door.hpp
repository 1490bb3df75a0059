#pragma once
// The way of bulk transfers out of this node, which outlives the gate behind it: actors end later.
// Thread rule: any thread.

#include <memory>
#include <mutex>

#include "runtime/gate/gate.hpp"

namespace pecia::actors {

class BulkDoor {
 public:
  // From now on transfers go through this gate; null: nowhere.
  void lead_to(runtime::Gate* gate) {
    const std::lock_guard lock(mutex_);
    gate_ = gate;
  }
  // False: it did not go.
  bool send(const runtime::NodeName& to, runtime::LinkNumber link, runtime::BulkTransfer transfer) {
    const std::lock_guard lock(mutex_);
    return gate_ != nullptr && gate_->send(to, link, std::move(transfer));
  }

 private:
  std::mutex mutex_;
  runtime::Gate* gate_ = nullptr;
};

}  // namespace pecia::actors
