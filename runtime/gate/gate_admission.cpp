// Listening, dialling, handshakes, and the pairing of two halves into a link.

#include <fmt/format.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "runtime/gate/gate_loop.hpp"

namespace pecia::runtime {

using kernels::ErrorKind;
using kernels::Expected;
using kernels::fail;
using kernels::Status;

namespace {
constexpr std::uint64_t kUsPerMs = 1'000;
constexpr int kAcceptsMax = 16;                    // before other sockets get their turn
constexpr std::uint64_t kListenPauseUs = 100'000;  // where the process has no file descriptor left
}  // namespace

// -- start ---------------------------------------------------------------------------------------

Status GateLoop::check_options() const {
  const GateSelf& self = options_.self;
  const bool is_client = self.kind == PeerKind::client;
  const auto is_name = [](const NodeName& name) {
    return !name.empty() && name.size() <= handshake::kNameBytesMax &&
           handshake::printable(name) == name;
  };
  if (!is_name(self.name) || is_client_name(self.name) != is_client) {
    return fail(ErrorKind::refuse, "gate: '{}' is no name of a {}", self.name,
                is_client ? "client: client-<16 hex digits> would be right" : "node");
  }
  if (is_client && !options_.listen_host.empty()) {
    return fail(ErrorKind::refuse, "gate: a client dials and never listens");
  }
  if (self.capabilities.size() > handshake::kCapabilitiesBytesMax) {
    return fail(ErrorKind::refuse, "gate: {} bytes of capabilities; {} are the most",
                self.capabilities.size(), handshake::kCapabilitiesBytesMax);
  }
  for (const GateAddress& peer : options_.peers) {
    if (!is_name(peer.name) || is_client_name(peer.name) || peer.name == self.name) {
      return fail(ErrorKind::refuse, "gate: '{}' is no name of another node", peer.name);
    }
  }
  return {};
}

Expected<SocketAddress> GateLoop::resolve_allowed(const std::string& host, std::uint16_t port,
                                                  const char* verb) const {
  Expected<SocketAddress> address = resolve(host, port);
  if (!address) return fail(ErrorKind::refuse, "gate: {}", address.error().message);
  if (!address->is_loopback && options_.self.secret.empty()) {
    return fail(ErrorKind::refuse,
                "gate: it would {} {}, which is no loopback address, without proof of who is "
                "there: set a secret_file, the same on all nodes",
                verb, address->text);
  }
  return address;
}

Status GateLoop::prepare() {
  if (Status checked = check_options(); !checked) return checked;
  epoll_ = Fd(::epoll_create1(EPOLL_CLOEXEC));
  wake_ = Fd(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (!epoll_ || !wake_ || !watch(Source::wake, 0, wake_.get(), EPOLLIN)) {
    return fail(ErrorKind::retry, "gate: no epoll: {}", text_of_errno(errno));
  }
  if (!options_.listen_host.empty()) {
    const auto address = resolve_allowed(options_.listen_host, options_.listen_port, "listen on");
    if (!address) return address.error();
    auto listener = listen_on(*address);
    if (!listener) return fail(ErrorKind::retry, "gate: {}", listener.error().message);
    listener_ = std::move(*listener);
    is_listening_ = watch(Source::listener, 0, listener_.fd.get(), EPOLLIN);
  }
  for (const GateAddress& peer : options_.peers) {
    if (!links_core_.dials(peer.name) || peer.host.empty()) continue;
    const auto address = resolve_allowed(peer.host, peer.port, "dial");
    if (!address) return address.error();
    targets_.push_back({peer.name, *address, false, 0, 0, options_.limits.redial_ms, {}});
  }
  return {};
}

// -- accepting -----------------------------------------------------------------------------------

void GateLoop::on_listener() {
  for (int i = 0; i < kAcceptsMax; ++i) {
    Accepted accepted = accept_from(listener_.fd.get(), options_.limits.user_timeout_ms);
    if (accepted.error != 0) {
      // The connection stays in the backlog, and epoll would tell of it without end.
      ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, listener_.fd.get(), nullptr);
      is_listening_ = false;
      listen_again_us_ = now_us_ + kListenPauseUs;
      arm(listen_again_us_);
      log(fmt::format("cannot accept a connection: {}", text_of_errno(accepted.error)));
      return;
    }
    if (!accepted.fd) return;
    on_accepted(std::move(accepted));
    bury();
  }
}

void GateLoop::on_accepted(Accepted accepted) {
  ++stats_.accepted;
  if (!make_room()) {
    ++stats_.over_cap;
    log(fmt::format("connection from {} closed: {} connections are open, the most this node takes",
                    accepted.from, options_.limits.connections_max));
    return;
  }
  Half* half = add_half(std::move(accepted.fd), Part::control, std::move(accepted.from));
  if (half == nullptr) return;
  half->handshake.emplace(HandshakeCore::accept(options_.self, nonce(),
                                                [this, half](const PeerIdentity& peer) -> Status {
                                                  Status claimed = links_core_.claim_accepted(peer);
                                                  half->part = peer.part;
                                                  half->peer = peer;
                                                  half->is_claimed = claimed.ok();
                                                  return claimed;
                                                }));
}

// Also where strangers fill the room: among those that have not said who they are the oldest goes.
bool GateLoop::make_room() {
  const GateLimits& limits = options_.limits;
  Half* oldest = nullptr;
  std::size_t shaking = 0;
  for (const auto& [id, half] : halves_) {
    if (half->target != nullptr || half->state != Half::State::shaking) continue;
    ++shaking;
    if (oldest == nullptr) oldest = half.get();  // ids grow
  }
  const bool is_full = accepted_now_ >= limits.connections_max;
  if (!is_full && shaking < limits.handshakes_max) return true;
  if (oldest == nullptr) return false;
  ++stats_.evicted;
  doom(*oldest, "it was silent while others knocked");
  bury();
  return true;
}

Half* GateLoop::add_half(Fd fd, Part part, std::string where) {
  auto half = std::make_unique<Half>();
  half->id = ++ids_;
  half->stream = Stream(std::move(fd));
  half->part = part;
  half->where = std::move(where);
  half->deadline_us = now_us_ + options_.limits.handshake_ms * kUsPerMs;
  half->interest = EPOLLIN;
  arm(half->deadline_us);
  if (!watch(Source::half, half->id, half->stream.fd(), half->interest)) return nullptr;
  Half* added = half.get();
  halves_.emplace(added->id, std::move(half));
  ++accepted_now_;
  std::vector<std::unique_ptr<Stage>> stages;
  for (const MakeStage& make : options_.stages) stages.push_back(make(false));
  added->stream.set_stages(std::move(stages));
  return added;
}

// -- dialling ------------------------------------------------------------------------------------

void GateLoop::dial(Target& target) {
  target.is_busy = true;
  target.link = links_core_.next_link(target.name);
  dial_half(target, Part::control);
}

Half* GateLoop::dial_half(Target& target, Part part) {
  ++stats_.dialled;
  Expected<Fd> fd = start_dial(target.address, options_.limits.user_timeout_ms);
  if (!fd) {
    retry_later(target, fd.error().message);
    return nullptr;
  }
  auto half = std::make_unique<Half>();
  half->id = ++ids_;
  half->stream = Stream(std::move(*fd));
  half->part = part;
  half->state = Half::State::dialling;
  half->where = target.address.text;
  half->target = &target;
  half->deadline_us = now_us_ + options_.limits.dial_ms * kUsPerMs;
  half->interest = EPOLLOUT;
  arm(half->deadline_us);
  std::vector<std::unique_ptr<Stage>> stages;
  for (const MakeStage& make : options_.stages) stages.push_back(make(true));
  half->stream.set_stages(std::move(stages));
  Half* added = half.get();
  halves_.emplace(added->id, std::move(half));
  if (!watch(Source::half, added->id, added->stream.fd(), added->interest)) {
    doom(*added, "epoll does not take its socket");
  }
  return added;
}

void GateLoop::on_connected(Half& half) {
  if (const int error = error_of(half.stream.fd()); error != 0) {
    return doom(half, text_of_errno(error));
  }
  half.state = Half::State::shaking;
  half.deadline_us = now_us_ + options_.limits.handshake_ms * kUsPerMs;
  const HandshakeCore::Dial wanted{half.target->name, half.target->link, half.part};
  half.handshake.emplace(HandshakeCore::dial(options_.self, wanted, nonce(),
                                             [this, &half](const PeerIdentity& peer) -> Status {
                                               Status claimed = links_core_.claim_dialled(peer);
                                               half.peer = peer;
                                               half.is_claimed = claimed.ok();
                                               return claimed;
                                             }));
  shake(half);
}

void GateLoop::retry_later(Target& target, const std::string& why) {
  target.is_busy = false;
  target.due_us = now_us_ + target.wait_ms * kUsPerMs;
  target.wait_ms = std::min(2 * target.wait_ms, options_.limits.redial_ms_max);
  arm(target.due_us);
  if (target.last_failure == why) return;
  target.last_failure = why;
  log(fmt::format("no link to '{}' at {}: {}; it is dialled again until it answers", target.name,
                  target.address.text, why));
}

// -- handshakes ----------------------------------------------------------------------------------

void GateLoop::shake(Half& half) {
  flush_handshake(half);
  std::array<std::byte, handshake::kMessageBytesMax> bytes;
  while (!half.is_doomed && half.handshake->wanted() > 0) {
    const std::size_t wanted = std::min(bytes.size(), half.handshake->wanted());
    const Stream::Result read = half.stream.receive(std::span(bytes).first(wanted));
    if (read.io == Stream::Io::ended) return doom(half, read.why + " in its handshake");
    if (read.io == Stream::Io::again) return;
    half.handshake->take(std::span(bytes).first(read.bytes));
    flush_handshake(half);
  }
  if (half.is_doomed) return;
  const HandshakeCore::Outcome outcome = half.handshake->outcome();
  if (const auto* rejected = std::get_if<Rejected>(&outcome)) return on_rejected(half, *rejected);
  if (!half.output.empty() || half.stream.has_outbound()) return;  // the last words first
  half.capabilities = std::get<Admitted>(outcome).capabilities;
  on_admitted(half);
}

void GateLoop::flush_handshake(Half& half) {
  half.output.push(half.handshake->take_output());
  if (half.stream.has_outbound() && half.stream.flush().io == Stream::Io::ended) {
    return doom(half, "closed by the peer in its handshake");
  }
  while (!half.output.empty()) {
    const Stream::Result sent = half.stream.send(half.output.front());
    if (sent.io == Stream::Io::ended) return doom(half, sent.why + " in its handshake");
    if (sent.io == Stream::Io::again) break;
    half.output.pop(sent.bytes);
  }
  const bool has_more = !half.output.empty() || half.stream.has_outbound();
  rewatch(Source::half, half.id, half.stream.fd(), half.interest,
          has_more ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

void GateLoop::on_rejected(Half& half, const Rejected& rejected) {
  ++stats_.rejected[static_cast<std::size_t>(rejected.refusal)];
  doom(half, rejected.refusal == Refusal::refused
                 ? fmt::format("it refuses: {}", rejected.why)
                 : fmt::format("refused, {}: {}", name_of(rejected.refusal), rejected.why));
}

void GateLoop::on_admitted(Half& half) {
  half.state = Half::State::waiting;
  half.handshake.reset();
  half.deadline_us = now_us_ + (options_.limits.handshake_ms + options_.limits.dial_ms) * kUsPerMs;
  arm(half.deadline_us);
  rewatch(Source::half, half.id, half.stream.fd(), half.interest, EPOLLRDHUP);
  if (half.part == Part::control) replace_older(half);
  const bool is_pair = half.peer.kind == PeerKind::node && options_.self.kind == PeerKind::node;
  if (!is_pair) return open_link(half, nullptr);
  if (half.target != nullptr && half.part == Part::control) {
    if (dial_half(*half.target, Part::bulk) == nullptr) doom(half, "its bulk half fails");
    return;
  }
  pair_up(half);
}

// Everything of that name goes before the new link comes, be it an older link or an older boot's.
void GateLoop::replace_older(const Half& control) {
  const PeerIdentity& peer = control.peer;
  if (Link* link = find(peer.name)) {
    doom(*link, link->peer.boot == peer.boot
                    ? fmt::format("followed by link {}", peer.link)
                    : fmt::format("followed by boot {:016x} of its name", peer.boot));
  }
  for (const auto& [id, half] : halves_) {
    const bool is_older = half->is_claimed && half->link == nullptr &&
                          half->peer.name == peer.name &&
                          (half->peer.boot != peer.boot || half->peer.link != peer.link);
    if (is_older) doom(*half, "followed by another link");
  }
  bury();
}

void GateLoop::pair_up(Half& half) {
  const auto found = std::ranges::find_if(halves_, [&](const auto& entry) {
    const Half& other = *entry.second;
    return other.state == Half::State::waiting && !other.is_doomed && other.part != half.part &&
           other.peer.name == half.peer.name && other.peer.boot == half.peer.boot &&
           other.peer.link == half.peer.link;
  });
  if (found == halves_.end()) return;  // until the other half comes, or the deadline
  Half& other = *found->second;
  if (half.part == Part::control) {
    open_link(half, &other);
  } else {
    open_link(other, &half);
  }
}

void GateLoop::open_link(Half& control, Half* bulk) {
  auto ends = local_pair();
  if (!ends) return doom(control, ends.error().message);
  const GateLimits& limits = options_.limits;
  const bool is_client = control.peer.kind == PeerKind::client;
  BaspFilterOptions filtering;
  filtering.is_from_dialler = control.target == nullptr;
  filtering.payload_bytes_max =
      is_client ? limits.client_payload_bytes_max : limits.control_payload_bytes_max;
  filtering.message_types_allowed = options_.message_types_allowed;
  auto link = std::make_unique<Link>(std::move(filtering), limits.bulk);
  link->id = ++ids_;
  link->peer = {control.peer.name, control.peer.boot, control.peer.link, is_client,
                std::move(control.capabilities)};
  link->target = control.target;
  link->control = &control;
  link->bulk = bulk;
  link->actors = Stream(std::move(ends->first));
  link->progress_us = now_us_;
  if (link->target != nullptr) link->target->last_failure.clear();
  for (Half* half : {&control, bulk}) {
    if (half == nullptr) continue;
    half->state = Half::State::open;
    half->link = link.get();
    if (half->stream.has_inbound()) staged_.insert(half->id);
  }
  Link& opened = *link;
  links_.emplace(opened.id, std::move(link));
  {
    const std::lock_guard lock(mutex_);
    ups_[opened.peer.name] = {opened.peer.link, bulk != nullptr ? opened.account : nullptr};
  }
  ++stats_.ups;
  publish();
  const int fd = ends->second.release();
  if (events_.up) {
    events_.up(opened.peer, fd, opened.target != nullptr);
  } else {
    Fd unwanted(fd);
  }
  if (!watch(Source::actors, opened.id, opened.actors.fd(), opened.interest)) {
    return doom(opened, "epoll does not take its socket");
  }
  if (bulk != nullptr) write_bulk(opened);
  update_interest(opened);
}

handshake::Nonce GateLoop::nonce() const {
  handshake::Nonce nonce{};
  for (std::size_t at = 0; at < nonce.size(); at += sizeof(std::uint64_t)) {
    const std::uint64_t drawn = options_.chance();
    std::memcpy(nonce.data() + at, &drawn, sizeof drawn);
  }
  return nonce;
}

}  // namespace pecia::runtime
