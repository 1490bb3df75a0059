#include "pecia/session.hpp"

#include <algorithm>
#include <cstdlib>
#include <system_error>
#include <thread>

namespace pecia {

using namespace kernels;

namespace {

int default_threads() {
  return std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, kThreadsMax);
}

}  // namespace

Expected<std::unique_ptr<ThreadPool>> start_threads(int asked) {
  const int threads = asked > 0 ? asked : default_threads();
  try {
    return std::make_unique<ThreadPool>(threads);
  } catch (const std::system_error& error) {
    return fail(ErrorKind::retry, "-t {}: cannot start so many threads: {}; give fewer", threads,
                error.what());
  }
}

Expected<Isa> isa_from_environment() {
  const char* name = std::getenv("PECIA_CPU");
  return choose_isa(name == nullptr ? "" : name);
}

Expected<std::shared_ptr<const Tokenizer>> load_tokenizer(const ModelFile& file) {
  Expected<Tokenizer> tokenizer = Tokenizer::load(file);
  if (!tokenizer) return tokenizer.error();
  return std::make_shared<const Tokenizer>(std::move(*tokenizer));
}

Expected<Session> open_session(const ComputeOptions& options) {
  const Expected<Isa> isa = isa_from_environment();
  if (!isa) return isa.error();
  const Expected<ModelFile> file = ModelFile::open(options.model);
  if (!file) return file.error();
  auto tokenizer = load_tokenizer(*file);
  if (!tokenizer) return tokenizer.error();
  auto pool = start_threads(options.threads);
  if (!pool) return pool.error();
  auto model = Model::load(*file, **pool, {}, options.context_max);
  if (!model) return model.error();
  return Session{options.model, *isa, std::move(*pool), std::move(*tokenizer), std::move(*model)};
}

EngineOptions engine_options(int context, int sequences, int chunk) {
  EngineOptions options;
  options.context_max = context;
  options.sequences_max = sequences;
  options.chunk_tokens = chunk;
  return options;
}

}  // namespace pecia
