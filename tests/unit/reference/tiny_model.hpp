#pragma once
// Tiny random models made inside a test, and whole runs of the engine over them.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "kernels/engine/engine.hpp"
#include "kernels/weights/gguf.hpp"
#include "kernels/weights/synth.hpp"

namespace pecia::kernels::testing {

// A file that disappears with the object.
class ScratchFile {
 public:
  explicit ScratchFile(const std::string& name);
  ~ScratchFile();
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

// 2 layers, grouped heads, rows that divide by 32; below 4 MB in every format.
SynthShape tiny_shape();

// A loaded GGUF with its packed weights.
struct LoadedModel {
  Gguf file;
  std::shared_ptr<const Model> model;
};
LoadedModel load_model(const std::string& path);
LoadedModel tiny_model(TensorType type);  // of tiny_shape(); the file is gone, the map stays

// `count` token ids that look random and repeat nothing.
std::vector<TokenId> random_tokens(int count, int vocabulary, std::uint64_t seed);

using LogitRows = std::vector<std::vector<float>>;

struct RunKnobs {
  int threads = 1;
  int batch = 1;  // sequences together; the one measured stands in the middle
  int chunk = 256;
  Isa isa = best_isa();
};

// Logits of positions >= from, in order, of a sequence evaluated among others.
LogitRows scored_logits(const LoadedModel& loaded, const std::vector<TokenId>& tokens, int from,
                        const RunKnobs& knobs);
LogitRows scored_logits(Engine& engine, const std::vector<TokenId>& tokens, int from);

std::string digest_of(const LogitRows& rows);  // SHA-256 of the f32 little-endian values

}  // namespace pecia::kernels::testing
