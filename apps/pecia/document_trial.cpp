#include "apps/pecia/document_trial.hpp"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <thread>

#include "actors/clock_and_chance.hpp"
#include "apps/pecia/child.hpp"
#include "apps/pecia/interrupt.hpp"
#include "apps/pecia/kill_trial.hpp"
#include "apps/pecia/output.hpp"
#include "kernels/base/hash.hpp"
#include "pecia/job_id.hpp"
#include "runtime/wire/codec.hpp"

namespace pecia::apps {

using namespace kernels;
using namespace runtime;

namespace {

constexpr std::uint64_t kEndMsMax = 20'000;  // SIGTERM lets a node end what it has begun
constexpr std::uint64_t kReadyMsMax = 60'000;
constexpr std::chrono::milliseconds kLookAgain(20);
constexpr std::chrono::milliseconds kAskFor(500);
constexpr std::chrono::milliseconds kTick(2);

double now_ms() { return static_cast<double>(actors::steady_us()) / 1e3; }

}  // namespace

bool DocumentTrial::all_run() const {
  const int slots = cluster_.config().limits.protocol.slots;
  return plan_.spec.context == ContextMode::none &&
         tokens_.size() <= static_cast<std::size_t>(slots);
}

std::uint64_t DocumentTrial::job_ms_max() const {
  return std::max(plan_.job_ms_max,
                  kJobTimesMax * static_cast<std::uint64_t>(report_.undisturbed_s * 1e3));
}

Submit DocumentTrial::make_submit() const {
  Submit submit;
  submit.job = random_job_id();
  submit.spec = encode(plan_.spec);
  submit.seed = plan_.job_seed;
  submit.unix_ms = actors::unix_ms();
  return submit;
}

void DocumentTrial::blame(const std::string& what) {
  cluster_.keep_folder();
  if (!report_.failure) report_.failure = fmt::format("job {}: {}", report_.jobs, what);
}

// -- undisturbed ---------------------------------------------------------------------------------

Status DocumentTrial::write_embedded() {
  std::vector<std::string> arguments = plan_.write_arguments;
  const std::string& model = coordinator_of(cluster_.config()).model;
  if (!model.empty()) arguments.insert(arguments.end(), {"-m", model});
  auto story = run_child({.program = plan_.program,
                          .arguments = std::move(arguments),
                          .kill_s = {},
                          .limit_ms = kUndisturbedMsMax,
                          .out_bytes_max = kDocumentBytesMax,
                          .known_bytes = 0});
  if (!story) return story.error();
  if (story->end == ChildEnd::interrupted) return {};
  if (story->end != ChildEnd::exited || story->code != 0 || story->out.empty()) {
    return fail(ErrorKind::refuse, "'pecia write' without a cluster fails already: {}",
                printable(story->err));
  }
  document_ = std::move(story->out);
  embedded_ms_ = static_cast<std::uint64_t>(story->seconds * 1e3);
  return {};
}

// So that the undisturbed job meets the cluster as the others do.
Status DocumentTrial::wait_for_workers() {
  const auto wanted = static_cast<std::size_t>(
      std::count_if(cluster_.config().nodes.begin(), cluster_.config().nodes.end(),
                    [](const NodeConfig& node) { return node.roles.worker; }));
  const std::uint64_t until_ms = actors::steady_ms() + kReadyMsMax;
  while (!interrupted()) {
    for (NodeProcess& process : cluster_.processes()) {
      if (const auto code = process.look()) {
        return fail(ErrorKind::refuse, "node {} ends with exit code {}: {}", process.name(), *code,
                    process.last_words());
      }
    }
    const auto answer = client_->ask(Overview{UINT64_MAX}, kAskFor);
    if (answer && std::holds_alternative<Overviewed>(*answer) &&
        std::get<Overviewed>(*answer).nodes.size() >= wanted)
      return {};
    if (!answer && answer.error().kind != ErrorKind::retry) return answer.error();
    if (actors::steady_ms() > until_ms) {
      return fail(ErrorKind::refuse, "the {} workers are not there within {} s", wanted,
                  kReadyMsMax / 1'000);
    }
    client_->pause(kLookAgain);
  }
  return {};
}

Status DocumentTrial::write_undisturbed() {
  if (Status written = write_embedded(); !written) return written;
  if (Status started = cluster_.start(); !started) return started;
  if (Status there = wait_for_workers(); !there) return there;
  if (!interrupted()) {
    if (Status written = write_on_cluster(); !written) return written;
  }
  report_.interrupted = interrupted();
  return {};
}

Status DocumentTrial::write_on_cluster() {
  JobWatch watch(*client_, make_submit(), document_, false);
  const auto end = follow(watch, nullptr, plan_.job_ms_max + kJobTimesMax * embedded_ms_);
  if (!end) return end.error();
  if (*end == JobEnd::hung)
    return fail(ErrorKind::refuse, "undisturbed, the cluster is far slower than 'pecia write'");
  if (*end == JobEnd::interrupted) return {};
  if (const auto failure = watch.failure())
    return fail(ErrorKind::refuse, "undisturbed, the job fails already: {}", *failure);
  if (report_.failure) return fail(ErrorKind::refuse, "undisturbed: {}", *report_.failure);
  if (const auto found = watch.contradiction()) {
    return fail(ErrorKind::refuse, "undisturbed, the cluster differs from 'pecia write': {}",
                found->what);
  }
  report_.undisturbed_s = static_cast<double>(actors::steady_ms() - watch.opened_ms()) / 1e3;
  for (const SliceView& slice : watch.view().slices) tokens_.push_back(slice.tokens);
  report_.document_tokens = tokens_of(watch.view());
  report_.document_bytes = document_.size();
  Sha256 hash;
  hash.update(document_);
  report_.sha256 = hex(hash.finish());
  return {};
}

// -- one that something befalls ------------------------------------------------------------------

Expected<DocumentTrial::JobEnd> DocumentTrial::follow(JobWatch& watch, Ordeal* ordeal,
                                                      std::uint64_t limit_ms) {
  const double began_ms = now_ms();
  JobEnd end = JobEnd::over;
  while (!watch.is_over()) {
    const double now = now_ms();
    if (interrupted()) end = JobEnd::interrupted;
    if (now - began_ms > static_cast<double>(limit_ms)) end = JobEnd::hung;
    if (end != JobEnd::over) break;
    if (const Status looked = look_at_nodes(); !looked) return looked.error();
    if (ordeal != nullptr) {
      if (const Status gone_on = ordeal->go_on(now); !gone_on) return gone_on.error();
    }
    std::this_thread::sleep_for(kTick);
  }
  if (ordeal != nullptr) {
    if (const Status ended = ordeal->end(now_ms()); !ended) return ended.error();
  }
  return end;
}

// One that has ended by itself is a failure, and is started again.
Status DocumentTrial::look_at_nodes() {
  for (NodeProcess& process : cluster_.processes()) {
    const auto code = process.look();
    if (!code) continue;
    ++report_.failed_nodes;
    if (!report_.failure) {
      report_.failure = fmt::format("job {}: node {} ended by itself with exit code {}: {}",
                                    report_.jobs, process.name(), *code, process.last_words());
    }
    if (Status started = process.start(); !started) return started;
  }
  return {};
}

void DocumentTrial::compare_tokens(const Viewed& view) {
  std::uint64_t lost = 0, doubled = 0;
  for (std::size_t i = 0; i < tokens_.size(); ++i) {
    const std::uint64_t tokens = i < view.slices.size() ? view.slices[i].tokens : 0;
    lost += tokens_[i] - std::min(tokens_[i], tokens);
    doubled += tokens - std::min(tokens_[i], tokens);
  }
  report_.lost_tokens += lost;
  report_.doubled_tokens += doubled;
  if (lost + doubled > 0) blame(fmt::format("{} tokens lost, {} doubled", lost, doubled));
}

void DocumentTrial::judge(JobWatch& watch, const Ordeal& ordeal, JobEnd end,
                          std::uint64_t limit_ms) {
  const auto found = watch.contradiction();
  if (found) {
    ++report_.differing_documents;
    if (found->taken_back) ++report_.taken_back;
    blame(found->what);
  }
  if (end == JobEnd::hung) {
    ++report_.hung_jobs;
    const Viewed view = watch.view();
    blame(fmt::format("not done within {} ms; {}, {} tokens, {} of {} slices ended", limit_ms,
                      name_of(view.state), tokens_of(view), slices_ended(view),
                      view.slices.size()));
  } else if (const auto failure = watch.failure()) {
    ++report_.failed_jobs;
    blame(*failure);
  } else {
    if (!found) ++report_.jobs_done;
    compare_tokens(watch.view());
  }
  if (!report_.clean()) keep(watch, ordeal);
}

// What a person wants to see of the first failure.
void DocumentTrial::keep(const JobWatch& watch, const Ordeal& ordeal) {
  cluster_.keep_folder();
  const auto write = [this](const char* name, const std::string& text) {
    std::ofstream(cluster_.folder() + "/" + name, std::ios::binary) << text;
  };
  write("undisturbed", document_);
  if (watch.is_over()) write("read", watch.document());
  write("ordeal", ordeal.story());
  report_.failure =
      fmt::format("{}; kept: {}", report_.failure.value_or("a node failed"), cluster_.folder());
}

Status DocumentTrial::undergo(const MakeOrdeal& make, std::uint64_t more_ms) {
  ++report_.jobs;
  const std::uint64_t limit_ms = job_ms_max() + more_ms;
  JobWatch watch(*client_, make_submit(), document_, all_run());
  const std::unique_ptr<Ordeal> ordeal = make(watch);
  const auto end = follow(watch, ordeal.get(), limit_ms);
  if (!end) return end.error();
  if (*end == JobEnd::interrupted) {
    report_.interrupted = true;
    return {};
  }
  ordeal->count();
  if (!plan_.log.empty()) std::ofstream(plan_.log, std::ios::app) << ordeal->story();
  judge(watch, *ordeal, *end, limit_ms);
  return {};
}

void DocumentTrial::end_nodes() {
  client_.reset();
  for (NodeProcess& process : cluster_.processes()) {
    if (process.end(kEndMsMax)) continue;
    ++report_.failed_nodes;
    blame(fmt::format("node {} did not end within {} ms of SIGTERM; kept: {}", process.name(),
                      kEndMsMax, cluster_.folder()));
  }
}

}  // namespace pecia::apps
