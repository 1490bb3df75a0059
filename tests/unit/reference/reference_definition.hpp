#pragma once
// What a file's architecture computes, told once more from its published definition and read from
// the metadata without the project's table of architectures: a mistake there must show.

#include <string>
#include <vector>

#include "kernels/weights/model_file.hpp"

namespace pecia::kernels::testing {

struct Definition {
  std::string architecture;
  int layers = 0, width = 0, heads = 0, kv_heads = 0, head_dim = 0, ffn_width = 0;
  double epsilon = 0;
  double query_divisor = 0;  // scores are divided by it
  int window = 0;            // keys of a local layer, the query's own included; 0: no local layers
  int period = 0;            // every period-th layer is global; 0: none is
  int rotated = 0;           // elements of a head; 0: learned positions
  double base = 0, local_base = 0, linear_scale = 1, magnitude = 1;
  std::vector<double> divisors;

  bool is_gpt2() const { return architecture == "gpt2"; }
  bool is_gemma() const { return architecture == "gemma3"; }
  bool is_phi() const { return architecture == "phi3"; }
  bool pairs_are_adjacent() const { return architecture == "llama"; }
  bool is_local(int layer) const {
    return window > 0 && (period == 0 || layer % period != period - 1);
  }
};

Definition read_definition(const ModelFile& file);

}  // namespace pecia::kernels::testing
