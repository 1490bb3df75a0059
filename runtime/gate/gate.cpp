#include "runtime/gate/gate.hpp"

#include <utility>

#include "runtime/gate/gate_loop.hpp"

namespace pecia::runtime {

Gate::Gate(std::unique_ptr<GateLoop> loop) : loop_(std::move(loop)) {}
Gate::~Gate() = default;

kernels::Expected<std::unique_ptr<Gate>> Gate::start(GateOptions options, GateEvents events) {
  auto loop = std::make_unique<GateLoop>(std::move(options), std::move(events));
  if (const kernels::Status opened = loop->open(); !opened) return opened.error();
  return std::unique_ptr<Gate>(new Gate(std::move(loop)));
}

std::uint16_t Gate::port() const { return loop_->port(); }

bool Gate::send(const NodeName& to, LinkNumber link, BulkTransfer transfer) {
  return loop_->send(to, link, std::move(transfer));
}

void Gate::close(const NodeName& to, LinkNumber link, std::string why) {
  loop_->close(to, link, std::move(why));
}

GateStats Gate::stats() const { return loop_->stats(); }

std::optional<BulkStats> Gate::bulk_stats(const NodeName& peer) const {
  return loop_->bulk_stats(peer);
}

std::uint64_t Gate::ticks() const { return loop_->ticks(); }

}  // namespace pecia::runtime
