#pragma once
// A client in the world: submits until it is answered, reads from where it stands, may cancel.

#include <functional>

#include "apps/world/shared.hpp"

namespace pecia::world {

class Client {
 public:
  using Send = std::function<void(runtime::ToCoordinator)>;
  Client(Shared& shared, runtime::JobId job, const JobPlan& plan, Send send);

  void start();
  void deliver(const runtime::ToClient& message);
  bool satisfied() const { return closed_ && (failed_ || offset_ == end_offset_); }
  const runtime::JobId& job() const { return job_; }

 private:
  void submit();
  void read();
  void cancel();

  Shared& shared_;
  runtime::JobId job_;
  JobPlan plan_;
  Send send_;
  bool accepted_ = false, closed_ = false, failed_ = false;
  std::uint64_t offset_ = 0, end_offset_ = 0;
};

}  // namespace pecia::world
