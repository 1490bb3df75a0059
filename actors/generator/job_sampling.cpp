#include "actors/generator/job_sampling.hpp"

namespace pecia::actors {

kernels::SamplingParams sampling_params(const runtime::JobSampling& sampling) {
  kernels::SamplingParams params;
  params.temperature = sampling.temperature;
  params.top_k = sampling.top_k;
  params.top_p = sampling.top_p;
  params.min_p = sampling.min_p;
  params.repeat_penalty = sampling.repeat_penalty;
  params.frequency_penalty = sampling.frequency_penalty;
  params.presence_penalty = sampling.presence_penalty;
  params.penalty_window = sampling.penalty_window;
  for (const runtime::LogitBias& bias : sampling.logit_bias)
    params.logit_bias.emplace_back(bias.id, bias.value);
  return params;
}

runtime::JobSampling job_sampling(const kernels::SamplingParams& params) {
  runtime::JobSampling sampling;
  sampling.temperature = params.temperature;
  sampling.top_k = params.top_k;
  sampling.top_p = params.top_p;
  sampling.min_p = params.min_p;
  sampling.repeat_penalty = params.repeat_penalty;
  sampling.frequency_penalty = params.frequency_penalty;
  sampling.presence_penalty = params.presence_penalty;
  sampling.penalty_window = params.penalty_window;
  for (const auto& [id, value] : params.logit_bias) sampling.logit_bias.push_back({id, value});
  return sampling;
}

}  // namespace pecia::actors
