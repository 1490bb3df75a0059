#pragma once
// Where the tensors of a Hugging Face model go in GGUF, and what changes on the way.
// Names: transformers modeling_<name>.py on one side, the GGUF convention on the other.
// Thread rule: pure.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pecia::kernels {

enum class HfChange : std::uint8_t {
  none,
  halves,     // rows of a head lie in halves, where GGUF puts rotated pairs next to each other
  plus_one,   // GGUF keeps a norm weight with the 1 that the model adds
  transpose,  // stored as (inputs, outputs)
};

struct HfPlace {
  std::string name;  // in GGUF; empty: the tensor is no weight of the text model, left out
  HfChange change = HfChange::none;
};

// `architecture` as GGUF names it; nullopt where the model has no such tensor.
std::optional<HfPlace> hf_place(std::string_view architecture, std::string_view name);

}  // namespace pecia::kernels
