#pragma once
// One job of a cluster under watch, on a thread of its own: submitted, looked at every few
// milliseconds, and its document read as it is released, whoever dies meanwhile.
// Thread rule: the watch has its thread, which is the one caller of the client until it is gone;
// everything else from one other thread.

#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "actors/node/node.hpp"
#include "apps/pecia/job_witness.hpp"
#include "apps/pecia/stall_meter.hpp"
#include "kernels/text/document_chain.hpp"
#include "runtime/wire/messages.hpp"

namespace pecia::apps {

class JobWatch {
 public:
  // `client` and `reference`, the document that it must become, outlive this. No reference: any
  // document will do.
  // `all_run`: as a StallMeter's.
  JobWatch(actors::Node& client, runtime::Submit submit, std::optional<std::string> reference,
           bool all_run);
  ~JobWatch();  // leaves the job
  JobWatch(const JobWatch&) = delete;
  JobWatch& operator=(const JobWatch&) = delete;

  bool is_open() const { return phase_ == Phase::open; }  // and not seen closed yet
  bool is_over() const { return phase_ == Phase::over; }  // closed and read, or given up
  // When a look was asked for that still found it open, by steady_ms(); 0: never.
  std::uint64_t open_at_ms() const { return open_at_ms_; }
  std::uint64_t opened_ms() const { return opened_ms_; }
  // Attempts that a worker held at the last look; 0 where it was not known.
  int held_by(const std::string& node) const;
  void strike(std::uint64_t strike, Struck struck, double now_ms);

  // What was seen so far.
  std::vector<Stall> stalls() const;
  runtime::Viewed view() const;
  // Why the document or the job is not as it should be, the first that was found.
  std::optional<Contradiction> contradiction() const;
  std::optional<std::string> failure() const;
  // REQUIRES is_over().
  const std::string& document() const { return document_; }

 private:
  enum class Phase : std::uint8_t { fresh, open, over };

  void run();
  bool submit();
  bool look();  // at its slices; false where it is over
  bool read();  // what is released; false where it is over
  void look_at_nodes();
  void blame(std::string what);
  void refuse_text(const runtime::Refused& refused);
  bool take(const runtime::Text& text);

  actors::Node& client_;
  const runtime::Submit submit_;
  std::optional<std::string> reference_;
  std::atomic<Phase> phase_ = Phase::fresh;
  std::atomic<bool> leaves_ = false;
  std::atomic<std::uint64_t> opened_ms_ = 0, open_at_ms_ = 0;
  // Of its thread, until it is over.
  std::string document_;
  kernels::DocumentChain chain_;
  std::optional<JobWitness> witness_;
  int looks_ = 0;

  mutable std::mutex mutex_;
  // State below is guarded by it; its thread alone writes it, but for the meter.
  StallMeter meter_;
  runtime::Viewed view_;
  std::map<std::string, int> held_;
  std::optional<Contradiction> contradiction_;
  std::optional<std::string> failure_;

  std::thread thread_;
};

}  // namespace pecia::apps
