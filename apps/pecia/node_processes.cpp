#include "apps/pecia/node_processes.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <cassert>
#include <deque>
#include <optional>

#include "apps/pecia/child_process.hpp"
#include "apps/pecia/line_cutter.hpp"
#include "apps/pecia/signal_inbox.hpp"
#include "apps/pecia/stopwatch.hpp"
#include "runtime/supervision/supervisor_core.hpp"

namespace pecia::apps {

using namespace kernels;
using runtime::ChildEnded;
using runtime::ChildExit;
using runtime::ChildInstance;
using runtime::ChildState;

namespace {

constexpr std::uint64_t kShowMs = 1'000;
constexpr std::size_t kPieceBytes = 64 * 1024;
constexpr int kPiecesPerLookMax = 16;  // of one stream, so that a loud node keeps nobody waiting

struct Node {
  const NodeCommand* command = nullptr;
  std::optional<ChildProcess> process;  // alive, or not yet reaped
  std::uint64_t instance = 0;           // the number of its life
  std::uint64_t started_ms = 0;
  bool is_ready = false;
  bool was_killed = false;  // by us
  LineCutter out, err;
  std::string last_err;                // the last line of stderr in this life
  std::optional<std::uint64_t> timer;  // armed, to start again
  std::uint64_t due_ms = 0;            // of the timer
};

std::string describe(int status) {
  if (WIFSIGNALED(status)) return fmt::format("killed by signal {}", WTERMSIG(status));
  const int code = WEXITSTATUS(status);
  return fmt::format("exit code {}{}", code,
                     code == kCannotStart ? ", the program could not be started" : "");
}

runtime::SupervisorSpec spec_of(const NodesOrder& order) {
  runtime::SupervisorSpec spec;
  spec.name = "up";
  spec.limit = {order.limits.intensity, order.limits.period_ms};
  for (const NodeCommand& node : order.nodes) {
    // A node that has drained is done; any other end is an accident.
    spec.children.push_back({node.name,
                             runtime::RestartType::transient,
                             order.drain_ms,
                             {order.limits.backoff_ms, order.limits.backoff_ms_max}});
  }
  return spec;
}

class NodeProcesses {
 public:
  NodeProcesses(const NodesOrder& order, runtime::SupervisorCore core, SignalInbox inbox,
                NodesAudience& audience)
      : order_(order), core_(std::move(core)), inbox_(std::move(inbox)), audience_(audience) {
    nodes_.resize(order.nodes.size());
    for (std::size_t i = 0; i < nodes_.size(); ++i) nodes_[i].command = &order.nodes[i];
  }

  NodesStory run();

 private:
  // -- what happens ------------------------------------------------------------------------------
  void wait();
  void take_signals();
  void pass_on(Node& node);
  void read_stream(Node& node, NodeStream stream);
  void take_line(Node& node, NodeStream stream, std::string_view line);
  void reap_ended();
  void take_end(std::size_t index, int status);
  void look_at_clock();

  // -- what follows ------------------------------------------------------------------------------
  void pump();
  void obey(const runtime::StartChild& effect);
  void obey(const runtime::StopChild& effect);
  void obey(const runtime::KillChild& effect);
  void obey(const runtime::ArmRestartTimer& effect);
  void obey(const runtime::Escalate& effect);
  void obey(const runtime::ChildrenStopped& effect);
  void drain();
  void kill_all();

  std::uint64_t now_ms() const { return static_cast<std::uint64_t>(watch_.seconds() * 1e3); }
  bool is_leaving() const { return drain_until_ms_.has_value(); }
  NodeStatus status_of(std::size_t index) const;
  std::uint64_t next_ms() const;
  void show();

  // -- constant ----------------------------------------------------------------------------------
  const NodesOrder& order_;
  const Stopwatch watch_;
  // -- volatile ----------------------------------------------------------------------------------
  runtime::SupervisorCore core_;
  std::deque<runtime::SupervisorEvent> events_;
  std::vector<Node> nodes_;  // as in the order
  SignalInbox inbox_;
  NodesAudience& audience_;
  std::size_t ended_ = 0;  // the node whose end the core is told of
  int requests_ = 0;       // signals that ask to end
  std::optional<std::uint64_t> drain_until_ms_;
  bool all_were_ready_ = false;
  bool is_gone_ = false;
  NodesStory story_;
};

NodesStory NodeProcesses::run() {
  events_.emplace_back(runtime::StartChildren{});
  pump();
  while (!is_gone_) {
    show();
    wait();
    take_signals();
    for (Node& node : nodes_) pass_on(node);
    reap_ended();
    look_at_clock();
    pump();
  }
  show();
  return std::move(story_);
}

// -- what happens --------------------------------------------------------------------------------

void NodeProcesses::wait() {
  std::vector<pollfd> watched = {{inbox_.descriptor(), POLLIN, 0}};
  for (Node& node : nodes_) {
    if (!node.process) continue;
    watched.push_back({node.process->out().number(), POLLIN, 0});  // poll() skips a closed one
    watched.push_back({node.process->err().number(), POLLIN, 0});
  }
  const std::uint64_t now = now_ms();
  const std::uint64_t wait_ms = std::max(next_ms(), now) - now;
  ::poll(watched.data(), watched.size(), static_cast<int>(std::min(wait_ms, kShowMs)));
}

void NodeProcesses::take_signals() {
  for (int left = inbox_.take_requests(); left > 0; --left) {
    if (++requests_ == 1 && !is_leaving()) {
      audience_.happened("asked to end");
      drain();
      events_.emplace_back(runtime::StopChildren{});
    } else {
      // Why they were ended in the first place is the better story.
      if (story_.end == NodesEnd::drained) story_ = {NodesEnd::killed, "asked twice: all killed"};
      kill_all();
    }
  }
}

void NodeProcesses::pass_on(Node& node) {
  if (!node.process) return;
  read_stream(node, NodeStream::out);
  read_stream(node, NodeStream::err);
}

void NodeProcesses::read_stream(Node& node, NodeStream stream) {
  const bool is_out = stream == NodeStream::out;
  Descriptor& pipe = is_out ? node.process->out() : node.process->err();
  LineCutter& lines = is_out ? node.out : node.err;
  for (int pieces = 0; pieces < kPiecesPerLookMax; ++pieces) {
    const std::string piece = ChildProcess::read_some(pipe, kPieceBytes);
    if (piece.empty()) return;
    lines.add(piece, [&](std::string_view line) { take_line(node, stream, line); });
  }
}

void NodeProcesses::take_line(Node& node, NodeStream stream, std::string_view line) {
  audience_.said(node.command->name, stream, line);
  if (stream == NodeStream::err) {
    node.last_err = line;
  } else if (line.starts_with(fmt::format("pecia node {}: ready", node.command->name))) {
    node.is_ready = true;
  }
}

void NodeProcesses::reap_ended() {
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    Node& node = nodes_[i];
    if (!node.process) continue;
    const auto status = node.process->reap(false);
    if (!status) continue;
    pass_on(node);  // what it said last
    for (const auto stream : {NodeStream::out, NodeStream::err}) {
      LineCutter& lines = stream == NodeStream::out ? node.out : node.err;
      lines.finish([&](std::string_view line) { take_line(node, stream, line); });
    }
    node.process.reset();
    node.is_ready = false;
    take_end(i, *status);
  }
}

void NodeProcesses::take_end(std::size_t index, int status) {
  Node& node = nodes_[index];
  const bool has_drained = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  const bool has_refused = WIFEXITED(status) && WEXITSTATUS(status) == kNodeRefused;
  const std::string why = describe(status);
  audience_.happened(fmt::format("{}: {}", node.command->name, has_drained ? "has ended" : why));
  const bool stays_down = has_drained || has_refused;
  events_.emplace_back(ChildEnded{
      {index, node.instance}, stays_down ? ChildExit::normal : ChildExit::abnormal, why});
  if (is_leaving()) return;
  if (has_refused) {
    story_ = {NodesEnd::refused, fmt::format("node '{}' refused its config, and all were ended: {}",
                                             node.command->name, node.last_err)};
    events_.emplace_back(runtime::StopChildren{});
  }
  pump();
  const auto is_down = [this](std::size_t i) { return core_.state(i) == ChildState::down; };
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (!is_down(i)) return;
  }
  events_.emplace_back(runtime::StopChildren{});  // all have ended by themselves
}

void NodeProcesses::look_at_clock() {
  const std::uint64_t now = now_ms();
  for (Node& node : nodes_) {
    if (!node.timer || node.due_ms > now) continue;
    events_.emplace_back(runtime::RestartTimerFired{*std::exchange(node.timer, std::nullopt)});
  }
  if (!drain_until_ms_ || *drain_until_ms_ > now) return;
  std::string late;
  for (const Node& node : nodes_) {
    if (!node.process || node.was_killed) continue;
    late += (late.empty() ? "" : ", ") + node.command->name;
  }
  if (late.empty()) return;
  const std::string why =
      fmt::format("killed, not drained within {} ms: {}", order_.drain_ms, late);
  audience_.happened(why);
  if (story_.end == NodesEnd::drained) story_ = {NodesEnd::overdue, why};
  kill_all();
}

// -- what follows --------------------------------------------------------------------------------

void NodeProcesses::pump() {
  while (!events_.empty()) {
    const runtime::SupervisorEvent event = std::move(events_.front());
    events_.pop_front();
    if (const auto* ended = std::get_if<ChildEnded>(&event)) ended_ = ended->instance.child;
    for (const runtime::SupervisorEffect& effect : core_.take(event, now_ms())) {
      std::visit([this](const auto& one) { obey(one); }, effect);
    }
  }
}

void NodeProcesses::obey(const runtime::StartChild& effect) {
  Node& node = nodes_[effect.instance.child];
  assert(!node.process);
  node.instance = effect.instance.n;
  node.started_ms = now_ms();
  node.was_killed = false;
  node.last_err.clear();
  node.out = node.err = LineCutter();
  auto process =
      ChildProcess::start({order_.program, node.command->arguments, order_.listed_as, true});
  if (!process) {
    audience_.happened(fmt::format("{}: {}", node.command->name, process.error().message));
    events_.emplace_back(ChildEnded{effect.instance, ChildExit::abnormal, process.error().message});
    return;
  }
  node.process.emplace(std::move(*process));
  audience_.happened(
      fmt::format("{}: started, process {}", node.command->name, node.process->pid()));
  // Nodes find each other by themselves, so none waits until another is ready.
  events_.emplace_back(runtime::ChildStarted{effect.instance});
}

// One that is to stop means that all are.
void NodeProcesses::obey(const runtime::StopChild&) { drain(); }

void NodeProcesses::obey(const runtime::KillChild& effect) {
  Node& node = nodes_[effect.instance.child];
  if (!node.process) return;
  node.was_killed = true;
  node.process->kill();
}

void NodeProcesses::obey(const runtime::ArmRestartTimer& effect) {
  Node& node = nodes_[ended_];  // one_for_one: the one that has just ended
  node.timer = effect.timer;
  node.due_ms = effect.at_ms;
  const std::uint64_t now = now_ms();
  audience_.happened(fmt::format("{}: starts again in {} ms", node.command->name,
                                 std::max(effect.at_ms, now) - now));
}

void NodeProcesses::obey(const runtime::Escalate& effect) {
  story_ = {NodesEnd::gave_up, effect.why};
  is_gone_ = true;
}

void NodeProcesses::obey(const runtime::ChildrenStopped&) { is_gone_ = true; }

// Together and each once: to a node a second SIGTERM may mean haste.
void NodeProcesses::drain() {
  if (is_leaving()) return;
  drain_until_ms_ = now_ms() + order_.drain_ms;
  for (Node& node : nodes_) {
    node.timer.reset();
    if (node.process) node.process->send(SIGTERM);
  }
}

void NodeProcesses::kill_all() {
  for (Node& node : nodes_) {
    if (!node.process) continue;
    node.was_killed = true;
    node.process->kill();
  }
}

// -- what is shown -------------------------------------------------------------------------------

NodeStatus NodeProcesses::status_of(std::size_t index) const {
  const Node& node = nodes_[index];
  const std::uint64_t now = now_ms();
  NodeStatus status;
  status.name = node.command->name;
  status.roles = node.command->roles;
  status.restarts = node.instance > 0 ? node.instance - 1 : 0;
  if (node.process) {
    status.pid = node.process->pid();
    status.uptime_ms = now - node.started_ms;
    status.phase = is_leaving()    ? NodePhase::draining
                   : node.is_ready ? NodePhase::ready
                                   : NodePhase::starting;
  } else if (node.timer) {
    status.phase = NodePhase::waiting;
    status.wait_ms = std::max(node.due_ms, now) - now;
  }
  return status;
}

std::uint64_t NodeProcesses::next_ms() const {
  std::uint64_t next = now_ms() + kShowMs;
  for (const Node& node : nodes_) {
    if (node.timer) next = std::min(next, node.due_ms);
  }
  return drain_until_ms_ && *drain_until_ms_ > now_ms() ? std::min(next, *drain_until_ms_) : next;
}

void NodeProcesses::show() {
  std::vector<NodeStatus> all;
  all.reserve(nodes_.size());
  for (std::size_t i = 0; i < nodes_.size(); ++i) all.push_back(status_of(i));
  const bool all_are_ready = std::ranges::all_of(
      all, [](const NodeStatus& node) { return node.phase == NodePhase::ready; });
  if (all_are_ready && !all_were_ready_) {
    audience_.happened(fmt::format("all {} nodes are ready", all.size()));
  }
  all_were_ready_ = all_are_ready;
  audience_.show(all);
}

}  // namespace

Expected<NodesStory> run_nodes(const NodesOrder& order, NodesAudience& audience) {
  assert(!order.nodes.empty());
  auto core = runtime::SupervisorCore::create(spec_of(order));
  if (!core) return core.error();
  auto inbox = SignalInbox::open();
  if (!inbox) return inbox.error();
  return NodeProcesses(order, std::move(*core), std::move(*inbox), audience).run();
}

}  // namespace pecia::apps
