#pragma once
// What every node and every computing command opens first: a model file, its tokenizer, packed
// weights, a pool of threads and the instruction set. Wired here, once, and handed on by reference.

#include <memory>
#include <string>

#include "kernels/base/expected.hpp"
#include "kernels/cpu/isa.hpp"
#include "kernels/cpu/thread_pool.hpp"
#include "kernels/engine/engine.hpp"
#include "kernels/engine/model.hpp"
#include "kernels/text/tokenizer.hpp"
#include "kernels/weights/model_file.hpp"

namespace pecia {

constexpr int kThreadsMax = 1'024;
constexpr int kChunkTokensMax = 512;

struct ComputeOptions {
  std::string model;
  int threads = 0;      // 0: all cores this process may use
  int context_max = 0;  // as kernels::read_model_params() has it
};

kernels::Expected<std::unique_ptr<kernels::ThreadPool>> start_threads(int asked);  // 0: all cores
kernels::Expected<kernels::Isa> isa_from_environment();                            // PECIA_CPU

struct Session {
  std::string model_path;
  kernels::Isa isa = kernels::Isa::portable;
  std::unique_ptr<kernels::ThreadPool> pool;
  std::shared_ptr<const kernels::Tokenizer> tokenizer;
  std::shared_ptr<const kernels::Model> model;
};

// PECIA_CPU decides the instruction set; a name this CPU lacks is refused before anything is read.
kernels::Expected<Session> open_session(const ComputeOptions& options);

kernels::Expected<std::shared_ptr<const kernels::Tokenizer>> load_tokenizer(
    const kernels::ModelFile& file);

// An engine for `sequences` of at most `context` tokens each.
kernels::EngineOptions engine_options(int context, int sequences, int chunk);

}  // namespace pecia
