#include "kernels/training/trainer.hpp"

#include <algorithm>
#include <cmath>

#include "kernels/base/float_mode.hpp"
#include "kernels/training/export_model.hpp"
#include "kernels/training/ordered_sums.hpp"
#include "kernels/training/training_flop.hpp"

namespace pecia::kernels {
namespace {

// The run's name for the exchange, so that workers of different runs cannot mix.
Id exchange_id(const Digest& run) {
  Id id;
  std::copy_n(run.begin(), id.size(), id.begin());
  return id;
}

}  // namespace

Expected<std::unique_ptr<Trainer>> Trainer::create(const TrainingOptions& options, ThreadPool& pool,
                                                   const KernelTable& kernels,
                                                   const SampleSource& source,
                                                   GradientExchange* exchange) {
  if (Status checked = check_options(options); !checked) return checked.error();
  if (options.workers > 1 && exchange == nullptr) {
    return fail(ErrorKind::bug, "{} workers and no exchange between them", options.workers);
  }
  const FloatModeGuard mode;
  return std::unique_ptr<Trainer>(new Trainer(options, pool, kernels, source, exchange));
}

Trainer::Trainer(const TrainingOptions& options, ThreadPool& pool, const KernelTable& kernels,
                 const SampleSource& source, GradientExchange* exchange)
    : options_(options),
      pool_(pool),
      kernels_(kernels),
      source_(source),
      exchange_(exchange),
      table_(options.shape),
      state_(table_.floats()),
      transposed_(view_of(table_, options.shape, state_.optimiser.weights.data())),
      pass_(pool, kernels, options.shape),
      sums_(table_.floats()) {
  state_.run = run_fingerprint(options, source);
  if (options.first_weights.empty()) {
    initialise(table_, options.shape, options.seed, options.init_deviation,
               state_.optimiser.weights.data());
  } else {
    std::ranges::copy(options.first_weights, state_.optimiser.weights.data());
    options_.first_weights = {};
  }
  if (options.shape.tied_embeddings) {
    lookup_gradient_ = FloatArray(table_.entries().front().floats());
  }
  refresh();
}

Trainer::~Trainer() = default;

void Trainer::refresh() {
  transposed_.refresh(pool_, kernels_,
                      view_of(table_, options_.shape, state_.optimiser.weights.data()));
  begun_.reset();
}

// -- one step

// Where a tied embedding is both table and head, a pass of several units would mix the order of its
// two gradients; so a shard sums them apart and joins them at its end.
ModelView Trainer::gradient_view(GradientSum& sum) {
  ModelView view = view_of(table_, options_.shape, sum.gradient.data());
  if (options_.shape.tied_embeddings) view.embedding.data = lookup_gradient_.data();
  return view;
}

Status Trainer::run_pass(const PassInput& input, GradientSum& sum) {
  const ModelView weights = view_of(table_, options_.shape, state_.optimiser.weights.data());
  pass_.forward(input, weights, transposed_);
  for (const RowRange& unit : input.rows.units) {
    const auto part = [&unit](std::span<const float> all) {
      return all.subspan(static_cast<std::size_t>(unit.first), static_cast<std::size_t>(unit.rows));
    };
    sum.loss += ordered_sum(kernels_, part(pass_.losses()));
    sum.loss_weight += ordered_sum(kernels_, part(input.weights));
  }
  sum.rows += static_cast<std::uint64_t>(input.rows.rows);
  if (!std::isfinite(sum.loss)) {
    return fail(ErrorKind::refuse, "step {}: the loss is not finite; a lower rate may help",
                state_.steps);
  }
  pass_.backward(input, weights, gradient_view(sum));
  flop_ += training_flop(options_.shape, input.rows);
  return {};
}

Status Trainer::sum_shard(int shard, GradientSum& sum) {
  sum.clear();
  std::ranges::fill(lookup_gradient_.floats(), 0.0f);
  const SampleRange range = shard_samples(source_.batch(state_.steps), shard);
  PassInput input;
  for (int index = range.first; index < range.end; ++index) {
    const Expected<Sample> sample = source_.sample(state_.steps, index);
    if (!sample) return sample.error();
    if (Status added = append_sample(*sample, options_.shape, input); !added) return added;
    if (index + 1 < range.end && input.rows.rows < options_.pass_rows_max) continue;
    if (Status ran = run_pass(input, sum); !ran) return ran;
    input = {};
  }
  kernels_.add(sum.gradient.data(), lookup_gradient_.data(), lookup_gradient_.size());
  return {};
}

GradientKey Trainer::key_of(int worker) const {
  return {exchange_id(state_.run), state_.steps, worker * own_shards(), own_shards()};
}

Status Trainer::begin_step() {
  const FloatModeGuard mode;
  begun_.reset();
  sums_.clear();
  const int first = options_.worker * own_shards();
  for (int shard = first; shard < first + own_shards(); ++shard) {
    if (Status summed = sum_shard(shard, sums_.next()); !summed) return summed;
    sums_.join_next(pool_, kernels_);
  }
  if (options_.workers > 1) {
    Status published = exchange_->publish(key_of(options_.worker), encode(sums_.whole()));
    if (!published) return published;
    sums_.set_aside();
  }
  begun_ = state_.steps;
  return {};
}

// Every worker completes the whole tree by itself, so all take the same step. Called again after an
// Error, it goes on with the worker whose sum was not there.
Status Trainer::join_workers() {
  while (sums_.leaves() < options_.workers) {
    const int worker = sums_.leaves();
    if (worker == options_.worker) {
      sums_.join_aside(pool_, kernels_);
      continue;
    }
    const GradientKey key = key_of(worker);
    const Expected<std::vector<std::byte>> bytes = exchange_->fetch(key);
    if (!bytes) return bytes.error();
    const std::string origin = fmt::format("step {}: gradient of shards {} to {}", key.step,
                                           key.first_shard, key.first_shard + key.shards - 1);
    if (Status decoded = decode(*bytes, origin, sums_.next()); !decoded) return decoded;
    sums_.join_next(pool_, kernels_);
  }
  return {};
}

Expected<StepReport> Trainer::finish_step() {
  const FloatModeGuard mode;
  if (begun_ != state_.steps) {
    return fail(ErrorKind::bug, "step {} was not begun", state_.steps);
  }
  if (options_.workers > 1) {
    if (Status joined = join_workers(); !joined) return joined.error();
  }
  const GradientSum& sum = sums_.whole();
  if (!(sum.loss_weight > 0)) {
    return fail(ErrorKind::refuse, "step {}: no target of the batch has a loss weight",
                state_.steps);
  }
  const double rate = rate_at(options_.rate, state_.steps);
  const double norm = adamw_step(pool_, kernels_, table_, options_.adamw, rate,
                                 sum.gradient.floats(), sum.loss_weight, state_.optimiser);
  if (!std::isfinite(norm)) {
    return fail(ErrorKind::refuse, "step {}: the gradient is not finite; a lower rate may help",
                state_.steps);
  }
  const StepReport report{state_.steps, sum.loss / sum.loss_weight, norm, rate, sum.rows};
  ++state_.steps;
  state_.rows += sum.rows;
  refresh();
  return report;
}

Expected<StepReport> Trainer::step() {
  if (Status begun = begin_step(); !begun) return begun.error();
  return finish_step();
}

// -- around the steps

Expected<double> Trainer::evaluate(std::span<const Sample> samples) {
  const FloatModeGuard mode;
  const ModelView weights = view_of(table_, options_.shape, state_.optimiser.weights.data());
  double loss = 0;
  double weight = 0;
  for (const Sample& sample : samples) {
    PassInput input;
    if (Status added = append_sample(sample, options_.shape, input); !added) return added.error();
    pass_.forward(input, weights, transposed_);
    loss += ordered_sum(kernels_, pass_.losses());
    weight += ordered_sum(kernels_, input.weights);
  }
  if (weight > 0) return loss / weight;
  return fail(ErrorKind::refuse, "no target of {} samples has a loss weight", samples.size());
}

Rows Trainer::logits(const PassInput& input) {
  const FloatModeGuard mode;
  return pass_.logits(input, view_of(table_, options_.shape, state_.optimiser.weights.data()),
                      transposed_);
}

Status Trainer::save(const std::string& path) const {
  return write_checkpoint(path, options_.shape, state_);
}

Status Trainer::resume(const std::string& path) {
  const FloatModeGuard mode;
  if (Status read = read_checkpoint(path, options_.shape, state_); !read) return read;
  refresh();
  return {};
}

Status Trainer::export_gguf(const std::string& path, const std::string& name,
                            const ModelFile& tokenizer) const {
  return export_model(path, name, options_.shape, table_, weights(), tokenizer);
}

}  // namespace pecia::kernels
