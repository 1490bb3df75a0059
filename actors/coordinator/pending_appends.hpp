#pragma once
// What is recorded and not yet durable, in order. A full or broken storage keeps nothing and
// forgets nothing: everything pending is appended again, as it was, until it is durable, but that
// what holds notes alone goes behind the rest.
//
//   flowing -full, broken-> draining (its other answers come in) -> stalled -retry_ms-> flowing
//
// Pure; thread rule: one owner.

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "actors/coordinator/effects.hpp"
#include "runtime/config/protocol_limits.hpp"
#include "runtime/journal/journal.hpp"

namespace pecia::actors {

class PendingAppends {
 public:
  explicit PendingAppends(const runtime::ProtocolLimits& limits) : limits_(limits) {}

  void append(std::vector<runtime::Record> records, Effects& effects);
  // Records that are durable now. REQUIRES an answer that is not `deposed`, in order.
  std::vector<runtime::Record> answered(const runtime::AppendAnswer& answer, std::uint64_t now_ms);
  void tick(std::uint64_t now_ms, Effects& effects);  // retries when it is time

  // From the first refused append to the first durable one: nothing may be ordered.
  bool stalled() const { return stalled_; }
  const std::string& why() const { return why_; }
  std::uint64_t tokens() const { return tokens_; }

 private:
  struct Pending {
    std::uint64_t transaction = 0;  // 0: not with the journal
    std::vector<runtime::Record> records;
  };
  void send(Pending& pending, Effects& effects);

  const runtime::ProtocolLimits& limits_;
  std::deque<Pending> pending_;
  std::uint64_t transactions_ = 0;  // appended so far
  std::uint64_t tokens_ = 0;        // pending
  std::size_t asked_ = 0;           // pending ones that the journal has
  bool stalled_ = false;
  bool refused_ = false;  // since the last retry
  std::uint64_t backoff_ms_ = 0;
  std::optional<std::uint64_t> retry_at_ms_;
  std::string why_;
};

}  // namespace pecia::actors
