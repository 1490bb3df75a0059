#pragma once
// What a person wants to know of a model before using it. Thread rule: functions are pure but for
// the files they read.

#include <cstdint>
#include <optional>
#include <string>

#include "kernels/base/expected.hpp"
#include "kernels/weights/model_file.hpp"

namespace pecia::apps {

struct ModelFacts {
  std::uint64_t bytes = 0;     // of its tensors
  std::string format;          // "Q4_K_M", "BF16 safetensors"
  std::string architecture;    // as the file says it
  int context = 0;             // tokens it was trained on; 0: unknown
  std::uint64_t kv_bytes = 0;  // keys and values of that context
  std::string problem;         // why it cannot be used; empty: it can
  bool has_chat = false;       // a chat template that is known

  std::uint64_t needs_bytes() const { return bytes + kv_bytes; }
};

// Of a file or folder that may be anything.
ModelFacts facts_of_model(const std::string& path);

// "Q4_K_M" by the number of llama.cpp's llama_ftype; nullopt for one that is not known.
std::optional<std::string> file_type_name(std::uint64_t number);

// What /proc/meminfo says is available; nullopt where it does not.
std::optional<std::uint64_t> available_memory_bytes(const std::string& meminfo);

}  // namespace pecia::apps
