#include "runtime/gate/gate_loop.hpp"

#include <fmt/format.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace pecia::runtime {

namespace {

constexpr std::uint64_t kTickMs = 200;  // the loop wakes at least this often
constexpr std::uint64_t kUsPerMs = 1'000;
constexpr std::size_t kEventsMax = 64;  // taken from epoll at once
constexpr std::size_t kScratchBytes = 256 * 1024;
constexpr unsigned kSourceBits = 2;

std::vector<NodeName> names_of(const std::vector<GateAddress>& peers) {
  std::vector<NodeName> names;
  names.reserve(peers.size());
  for (const GateAddress& peer : peers) names.push_back(peer.name);
  return names;
}

void add(BaspFilterCounts& sum, const BaspFilterCounts& more) {
  sum.passed += more.passed;
  sum.routed += more.routed;
  sum.named += more.named;
  sum.foreign += more.foreign;
  sum.types += more.types;
}

}  // namespace

GateLoop::GateLoop(GateOptions options, GateEvents events)
    : options_(std::move(options)),
      events_(std::move(events)),
      links_core_(options_.self.name, options_.self.kind, names_of(options_.peers),
                  options_.limits.clients_max),
      scratch_(kScratchBytes) {}

GateLoop::~GateLoop() {
  is_ending_ = true;
  if (wake_) wake();
  if (thread_.joinable()) thread_.join();
}

kernels::Status GateLoop::open() {
  if (kernels::Status prepared = prepare(); !prepared) return prepared;
  thread_ = std::thread([this] { run(); });
  return {};
}

// -- any thread ----------------------------------------------------------------------------------

bool GateLoop::send(const NodeName& to, LinkNumber link, BulkTransfer transfer) {
  const BulkLimits& limits = options_.limits.bulk;
  if (transfer.bytes == nullptr || transfer.priority >= kBulkPriorities) return false;
  const std::uint64_t bytes = transfer.bytes->size();
  {
    const std::lock_guard lock(mutex_);
    const auto found = ups_.find(to);
    if (found == ups_.end() || found->second.link != link || !found->second.account) return false;
    auto& queued = found->second.account->queued;
    if (bytes > limits.transfer_bytes_max || queued + bytes > limits.queue_bytes_max) return false;
    queued += bytes;
    commands_.emplace_back(SendCommand{to, link, std::move(transfer)});
  }
  wake();
  return true;
}

void GateLoop::close(const NodeName& to, LinkNumber link, std::string why) {
  {
    const std::lock_guard lock(mutex_);
    commands_.emplace_back(CloseCommand{to, link, std::move(why)});
  }
  wake();
}

GateStats GateLoop::stats() const {
  const std::lock_guard lock(mutex_);
  return published_;
}

std::optional<BulkStats> GateLoop::bulk_stats(const NodeName& peer) const {
  const std::lock_guard lock(mutex_);
  const auto found = ups_.find(peer);
  if (found == ups_.end() || !found->second.account) return std::nullopt;
  const BulkAccount& account = *found->second.account;
  return BulkStats{account.queued, account.in_flight, account.window,
                   account.piece,  account.rate,      account.round_trip};
}

void GateLoop::wake() const {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(wake_.get(), &one, sizeof one);
}

// -- the loop ------------------------------------------------------------------------------------

void GateLoop::run() {
  std::array<epoll_event, kEventsMax> ready{};
  while (!is_ending_) {
    const int count =
        ::epoll_wait(epoll_.get(), ready.data(), static_cast<int>(ready.size()), wait_ms());
    ticks_.fetch_add(1, std::memory_order_relaxed);
    now_us_ = options_.now_us();
    for (int i = 0; i < count; ++i) {
      dispatch(ready[static_cast<std::size_t>(i)].data.u64,
               ready[static_cast<std::size_t>(i)].events);
      bury();
    }
    revisit_staged();
    if (now_us_ >= timer_us_) on_time();
    bury();
    publish();
  }
  end();
}

void GateLoop::dispatch(std::uint64_t tag, std::uint32_t events) {
  const auto source = static_cast<Source>(tag & ((1U << kSourceBits) - 1));
  const std::uint64_t id = tag >> kSourceBits;
  switch (source) {
    case Source::wake:
      return on_wake();
    case Source::listener:
      return on_listener();
    case Source::half: {
      const auto found = halves_.find(id);
      if (found != halves_.end()) on_half(*found->second, events);
      return;
    }
    case Source::actors: {
      const auto found = links_.find(id);
      if (found != links_.end()) on_actors(*found->second, events);
      return;
    }
  }
}

void GateLoop::on_half(Half& half, std::uint32_t events) {
  if (half.is_doomed) return;
  switch (half.state) {
    case Half::State::dialling:
      return on_connected(half);
    case Half::State::shaking:
      return shake(half);
    case Half::State::waiting:
      if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) doom(half, "closed by the peer");
      return;
    case Half::State::open:
      if (half.part == Part::control) {
        on_control(*half.link, events);
      } else {
        on_bulk(*half.link, events);
      }
      if (half.stream.has_inbound()) staged_.insert(half.id);
  }
}

// A stage may hold bytes of which the socket knows nothing.
void GateLoop::revisit_staged() {
  for (const std::uint64_t id : std::exchange(staged_, {})) {
    const auto found = halves_.find(id);
    if (found != halves_.end()) on_half(*found->second, EPOLLIN);
  }
}

void GateLoop::on_wake() {
  std::uint64_t count = 0;
  [[maybe_unused]] const ssize_t read = ::read(wake_.get(), &count, sizeof count);
  std::vector<Command> commands;
  {
    const std::lock_guard lock(mutex_);
    commands.swap(commands_);
  }
  for (Command& command : commands) {
    std::visit([this](auto& wanted) { on(wanted); }, command);
  }
}

void GateLoop::on(SendCommand& command) {
  Link* link = find(command.to);
  if (link == nullptr || link->peer.link != command.link || link->is_doomed) return;
  const std::uint64_t bytes = command.transfer.bytes->size();
  if (!link->sender.add(std::move(command.transfer))) {
    link->account->queued -= bytes;
    return;
  }
  write_bulk(*link);
}

void GateLoop::on(CloseCommand& command) {
  Link* link = find(command.to);
  if (link != nullptr && link->peer.link == command.link) doom(*link, std::move(command.why));
}

// -- time ----------------------------------------------------------------------------------------

void GateLoop::arm(std::uint64_t when_us) { timer_us_ = std::min(timer_us_, when_us); }

int GateLoop::wait_ms() const {
  if (!staged_.empty() || timer_us_ <= now_us_) return 0;
  const std::uint64_t left_ms = (timer_us_ - now_us_ + kUsPerMs - 1) / kUsPerMs;
  return static_cast<int>(std::min(left_ms, kTickMs));
}

void GateLoop::on_time() {
  timer_us_ = now_us_ + kTickMs * kUsPerMs;
  for (const auto& [id, half] : halves_) {
    if (half->state == Half::State::open || half->is_doomed) continue;
    if (half->deadline_us > now_us_) {
      arm(half->deadline_us);
      continue;
    }
    ++stats_.timed_out;
    doom(*half, half->state == Half::State::dialling ? "no answer to the dial in time"
                                                     : "its handshake was not done in time");
  }
  for (const auto& [id, link] : links_) check_outbound(*link);
  bury();
  for (Target& target : targets_) {
    if (target.is_busy) continue;
    if (target.due_us <= now_us_) {
      dial(target);
    } else {
      arm(target.due_us);
    }
  }
  if (!is_listening_ && listener_.fd && listen_again_us_ <= now_us_) {
    is_listening_ = watch(Source::listener, 0, listener_.fd.get(), EPOLLIN);
  }
}

// -- ends ----------------------------------------------------------------------------------------

void GateLoop::doom(Half& half, std::string why) {
  if (half.link != nullptr) return doom(*half.link, std::move(why));
  if (half.is_doomed) return;
  half.is_doomed = true;
  half.why = std::move(why);
  doomed_halves_.push_back(half.id);
}

void GateLoop::doom(Link& link, std::string why) {
  if (link.is_doomed) return;
  link.is_doomed = true;
  link.why = std::move(why);
  doomed_links_.push_back(link.id);
}

void GateLoop::bury() {
  while (!doomed_links_.empty() || !doomed_halves_.empty()) {
    for (const std::uint64_t id : std::exchange(doomed_links_, {})) bury(*links_.at(id));
    for (const std::uint64_t id : std::exchange(doomed_halves_, {})) bury(*halves_.at(id));
  }
}

void GateLoop::bury(Half& half) {
  const bool had_link = half.link != nullptr;
  if (!had_link) {
    // The other half of the same link, waiting or under way, ends with it.
    const auto is_sibling = [&](const Half& other) {
      if (&other == &half || other.link != nullptr) return false;
      if (half.target != nullptr) return other.target == half.target;
      return half.is_claimed && other.is_claimed && other.peer.name == half.peer.name &&
             other.peer.boot == half.peer.boot && other.peer.link == half.peer.link;
    };
    for (const auto& [id, other] : halves_) {
      if (is_sibling(*other)) doom(*other, half.why);
    }
    if (half.is_claimed && half.part == Part::control) {
      links_core_.close(half.peer.name, half.peer.link);
    }
    if (half.target != nullptr && half.target->is_busy) {
      retry_later(*half.target, half.why);
    } else if (half.target == nullptr) {
      log(fmt::format("connection from {} closed: {}", half.where, half.why));
    }
  }
  if (half.target == nullptr) --accepted_now_;
  staged_.erase(half.id);
  halves_.erase(half.id);
}

void GateLoop::bury(Link& link) {
  ++stats_.downs;
  add(stats_.frames, link.filter.counts());
  {
    const std::lock_guard lock(mutex_);
    ups_.erase(link.peer.name);
  }
  links_core_.close(link.peer.name, link.peer.link);
  if (link.target != nullptr) {
    link.target->is_busy = false;
    link.target->due_us = now_us_ + options_.limits.redial_ms * kUsPerMs;
    link.target->wait_ms = options_.limits.redial_ms;
    arm(link.target->due_us);
  }
  if (link.bulk != nullptr) bury(*link.bulk);
  bury(*link.control);
  const GatePeer peer = std::move(link.peer);
  const std::string why = std::move(link.why);
  links_.erase(link.id);  // before anybody hears of it: its sockets are closed
  publish();
  if (events_.down) events_.down(peer, why);
}

void GateLoop::end() {
  for (const auto& [id, link] : links_) doom(*link, "the gate ends");
  for (const auto& [id, half] : halves_) {
    if (half->link == nullptr) half->is_doomed = true;
  }
  for (Target& target : targets_) target.is_busy = false;
  bury();
  halves_.clear();
  publish();
}

// -- small things --------------------------------------------------------------------------------

Link* GateLoop::find(const NodeName& name) {
  const auto found = std::ranges::find_if(
      links_, [&](const auto& link) { return link.second->peer.name == name; });
  return found == links_.end() ? nullptr : found->second.get();
}

void GateLoop::log(std::string line) {
  if (!events_.log) return;
  if (const auto allowed = budget_.take(std::move(line), now_us_)) events_.log(*allowed);
}

void GateLoop::publish() {
  stats_.connections = halves_.size();
  const std::lock_guard lock(mutex_);
  published_ = stats_;
}

bool GateLoop::watch(Source source, std::uint64_t id, int fd, std::uint32_t events) const {
  epoll_event event{};
  event.events = events;
  event.data.u64 = id << kSourceBits | static_cast<std::uint64_t>(source);
  return ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) == 0;
}

void GateLoop::rewatch(Source source, std::uint64_t id, int fd, std::uint32_t& now,
                       std::uint32_t wanted) const {
  if (now == wanted) return;
  epoll_event event{};
  event.events = wanted;
  event.data.u64 = id << kSourceBits | static_cast<std::uint64_t>(source);
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event) == 0) now = wanted;
}

}  // namespace pecia::runtime
