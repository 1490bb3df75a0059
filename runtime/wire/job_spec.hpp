#pragma once
// What a client asks for. With the model and the seed it decides every byte of the document.

#include <cstdint>
#include <string>
#include <vector>

namespace pecia::runtime {

enum class ContextMode : std::uint8_t {
  none,     // a slice knows preamble, outline and its heading
  direct,   // and the text of the slice before it: a chain
  summary,  // and a summary of the text before it, in rolling waves
};

// Added to the logit of one token.
struct LogitBias {
  std::int32_t id = 0;
  float value = 0.0f;
  bool operator==(const LogitBias&) const = default;
};

// As kernels::SamplingParams, whose header says what each one does.
struct JobSampling {
  float temperature = 0.8f;
  int top_k = 40;
  float top_p = 0.95f;
  float min_p = 0.05f;
  float repeat_penalty = 1.0f;
  float frequency_penalty = 0.0f;
  float presence_penalty = 0.0f;
  int penalty_window = 64;
  std::vector<LogitBias> logit_bias{};
  bool operator==(const JobSampling&) const = default;
};

struct JobSpec {
  std::string outline;  // Markdown, as the client gave it
  int tokens = -1;      // of the whole document; 0: headings alone; -1: the default share a slice
  ContextMode context = ContextMode::none;
  bool one_stream = false;
  bool chat_template = true;
  bool ignore_eos = false;
  JobSampling sampling;
  std::vector<std::string> stop;

  bool in_template() const { return chat_template && !one_stream; }
  bool operator==(const JobSpec&) const = default;
};

}  // namespace pecia::runtime
