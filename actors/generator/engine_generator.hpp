#pragma once
// Runs of a worker in a real engine. A paused run leaves the engine and comes back behind the
// tokens it has: its pages mostly lie where they were, and where they do not they are computed
// again to the same bits.

#include <memory>
#include <string>

#include "actors/generator/generator.hpp"
#include "kernels/engine/engine.hpp"

namespace pecia::actors {

struct EngineParts {
  std::shared_ptr<const kernels::Model> model;
  std::shared_ptr<const kernels::Tokenizer> tokenizer;
  std::unique_ptr<kernels::ThreadPool> pool;
  kernels::Isa isa = kernels::Isa::portable;
  kernels::EngineOptions options;
  std::string model_path;  // for people: what cannot be computed is told with it
};

std::unique_ptr<Generator> make_engine_generator(EngineParts parts);

}  // namespace pecia::actors
