#include "kernels/training/training_options.hpp"

#include <bit>
#include <cmath>
#include <span>
#include <string_view>

#include "kernels/training/gradient_sum.hpp"
#include "kernels/training/parameters.hpp"

namespace pecia::kernels {
namespace {

Status check_from_zero(std::string_view what, double number) {
  if (std::isfinite(number) && number >= 0) return {};
  return fail(ErrorKind::refuse, "{} of {}, expected a number from 0 on", what, number);
}

Status check_positive(std::string_view what, double number) {
  if (std::isfinite(number) && number > 0) return {};
  return fail(ErrorKind::refuse, "{} of {}, expected a number above 0", what, number);
}

Status check_beta(std::string_view what, double number) {
  if (number >= 0 && number < 1) return {};
  return fail(ErrorKind::refuse, "{} of {}, expected a number from 0 to below 1", what, number);
}

Status check_rate(const RateSchedule& rate) {
  if (Status s = check_from_zero("a learning rate", rate.peak); !s) return s;
  if (Status s = check_from_zero("a last learning rate", rate.floor); !s) return s;
  if (rate.floor <= rate.peak) return {};
  return fail(ErrorKind::refuse, "a last learning rate of {}, above the highest of {}", rate.floor,
              rate.peak);
}

Status check_adamw(const AdamwOptions& adamw) {
  if (Status s = check_beta("a beta1", adamw.beta1); !s) return s;
  if (Status s = check_beta("a beta2", adamw.beta2); !s) return s;
  if (Status s = check_positive("an epsilon of AdamW", adamw.epsilon); !s) return s;
  if (Status s = check_from_zero("a weight decay", adamw.weight_decay); !s) return s;
  return check_from_zero("a norm to clip at", adamw.clip_norm);
}

Status check_workers(int worker, int workers) {
  if (workers >= 1 && workers <= kGradientShards && std::has_single_bit(unsigned(workers)) &&
      worker >= 0 && worker < workers) {
    return {};
  }
  return fail(ErrorKind::refuse, "worker {} of {}: there are 1, 2, 4 or 8 workers, from 0 on",
              worker, workers);
}

void add_number(FieldHash& hash, double number) {
  hash.field(std::bit_cast<std::uint64_t>(number));
}

void add_shape(FieldHash& hash, const ModelParams& s) {
  for (const int number : {s.layers, s.width, s.heads, s.kv_heads, s.head_dim, s.ffn_width,
                           s.vocabulary, s.context, int(s.tied_embeddings)}) {
    hash.field(static_cast<std::uint32_t>(number));
  }
  for (const double number : {double(s.norm_epsilon), s.rope_base, s.rope_linear_scale}) {
    add_number(hash, number);
  }
}

}  // namespace

Status check_options(const TrainingOptions& options) {
  if (Status s = check_trainable(options.shape); !s) return s;
  if (Status s = check_rate(options.rate); !s) return s;
  if (Status s = check_adamw(options.adamw); !s) return s;
  if (Status s = check_from_zero("a deviation of the first weights", options.init_deviation); !s) {
    return s;
  }
  if (Status s = check_workers(options.worker, options.workers); !s) return s;
  const std::size_t floats = ParameterTable(options.shape).floats();
  if (!options.first_weights.empty() && options.first_weights.size() != floats) {
    return fail(ErrorKind::refuse, "{} first weights, the shape has {}",
                options.first_weights.size(), floats);
  }
  if (options.pass_rows_max >= 1) return {};
  return fail(ErrorKind::refuse, "passes of {} rows", options.pass_rows_max);
}

Digest run_fingerprint(const TrainingOptions& options, const SampleSource& source) {
  const RateSchedule& rate = options.rate;
  const AdamwOptions& adamw = options.adamw;
  FieldHash hash;
  hash.field("pecia training run 2").field(options.seed).field(source.fingerprint());
  hash.field(rate.warmup_steps).field(rate.steps);
  for (const double number : {options.init_deviation, rate.peak, rate.floor, adamw.beta1,
                              adamw.beta2, adamw.epsilon, adamw.weight_decay, adamw.clip_norm}) {
    add_number(hash, number);
  }
  add_shape(hash, options.shape);
  if (!options.first_weights.empty()) {
    hash.field(xxh3_128(std::as_bytes(std::span(options.first_weights))));
  }
  return hash.digest();
}

}  // namespace pecia::kernels
