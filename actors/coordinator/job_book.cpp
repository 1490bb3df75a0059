#include "actors/coordinator/job_book.hpp"

#include <cassert>
#include <charconv>

#include "actors/mutants.hpp"

namespace pecia::actors {

using namespace runtime;

namespace {

std::uint64_t take_number(std::string_view& path) {
  std::uint64_t number = 0;
  const char* end = path.data() + path.size();
  const auto [rest, error] = std::from_chars(path.data(), end, number);
  path.remove_prefix(static_cast<std::size_t>(rest - path.data()));
  if (!path.empty()) path.remove_prefix(1);  // the dot
  return error == std::errc() ? number : ~std::uint64_t{0};
}

template <class... Fs>
struct Overloaded : Fs... {
  using Fs::operator()...;
};
template <class... Fs>
Overloaded(Fs...) -> Overloaded<Fs...>;

// Terms are the coordinator's own, and notes decide nothing.
struct NoJobsBusiness {
  void operator()(const TermRecord&) const {}
  void operator()(const PlacedRecord&) const {}
  void operator()(const LeftRecord&) const {}
  void operator()(const StalledRecord&) const {}
};

}  // namespace

bool PathOrder::operator()(std::string_view a, std::string_view b) const {
  while (!a.empty() && !b.empty()) {
    const std::uint64_t x = take_number(a), y = take_number(b);
    if (x != y) return x < y;
  }
  return a.empty() && !b.empty();
}

Id input_of(const OpenedRecord& opened, const PlannedStep& plan) {
  kernels::FieldHash hash;
  hash.field(std::as_bytes(std::span(plan.prompt)));
  hash.field(static_cast<std::uint64_t>(plan.tokens_max));
  hash.field(std::span(opened.spec)).field(opened.seed).field(opened.model).field(opened.numerics);
  for (const Path& read : plan.inputs) hash.field(read);
  return hash.id();
}

Job* JobBook::find(const JobId& job) {
  const auto found = jobs_.find(job);
  return found == jobs_.end() ? nullptr : &found->second;
}

const Job* JobBook::find(const JobId& job) const {
  const auto found = jobs_.find(job);
  return found == jobs_.end() ? nullptr : &found->second;
}

Step* JobBook::find(const StepName& name) {
  Job* job = find(name.job);
  if (job == nullptr) return nullptr;
  const auto found = job->steps.find(name.path);
  return found == job->steps.end() ? nullptr : &found->second;
}

bool JobBook::takes_tokens(const StepName& name) {
  const Job* job = find(name.job);
  const Step* step = find(name);
  return job != nullptr && step != nullptr && job->runs() && !step->end_recorded;
}

void JobBook::record(const Record& record) {
  std::visit(Overloaded{NoJobsBusiness(),
                        [&](const OpenedRecord& opened) {
                          jobs_[opened.job].opened = opened;
                          order_.push_back(opened.job);
                          ++open_jobs_;
                        },
                        [&](const PlannedRecord& planned) {
                          Job& job = *find(planned.job);
                          for (const PlannedStep& plan : planned.steps) {
                            Step& step = job.steps[plan.path];
                            step.plan = plan;
                            step.input = input_of(job.opened, plan);
                            step.chains = {chain_start({planned.job, plan.path}, step.input)};
                          }
                        },
                        [&](const TokensRecord& tokens) {
                          Step& step = *find(tokens.step);
                          assert(step.recorded() == tokens.from && !step.end_recorded);
                          for (const std::int32_t id : tokens.ids) {
                            step.chains.push_back(chain_after(step.chains.back(), {&id, 1}));
                            step.ids.push_back(id);
                          }
                        },
                        [&](const EndedRecord& ended) { find(ended.step)->end_recorded = true; },
                        [&](const ClosedRecord& closed) { find(closed.job)->closing = closed; }},
             record);
}

void JobBook::confirm(const Record& record) {
  std::visit(Overloaded{NoJobsBusiness(),
                        [&](const OpenedRecord& opened) { find(opened.job)->accepted = true; },
                        [&](const PlannedRecord& planned) {
                          for (const PlannedStep& plan : planned.steps)
                            find({planned.job, plan.path})->planned = true;
                        },
                        [&](const TokensRecord& tokens) {
                          Step& step = *find(tokens.step);
                          step.durable = tokens.from + tokens.ids.size();
                          if (!mutant(Mutant::innocent_deaths_counted))
                            step.crashes = step.crashes_alone = 0;
                        },
                        [&](const EndedRecord& ended) {
                          find(ended.step)->ended = true;
                          ++find(ended.step.job)->steps_ended;
                        },
                        [&](const ClosedRecord& closed) {
                          Job& job = *find(closed.job);
                          job.closed = true;
                          --open_jobs_;
                        }},
             record);
}

}  // namespace pecia::actors
