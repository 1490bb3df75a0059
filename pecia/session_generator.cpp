#include "pecia/session_generator.hpp"

#include "actors/generator/engine_generator.hpp"
#include "kernels/cpu/kernel_table.hpp"
#include "kernels/engine/numerics.hpp"

namespace pecia {

using namespace kernels;

actors::GeneratorIdentity identity_of(const Session& session) {
  return {session.model->id(),
          numerics_id(*session.pool, kernel_table(session.isa), *session.model)};
}

Expected<std::unique_ptr<actors::Generator>> make_generator(const Session& session, int threads,
                                                            EngineOptions options) {
  auto pool = start_threads(threads);
  if (!pool) return pool.error();
  return actors::make_engine_generator({session.model, session.tokenizer, std::move(*pool),
                                        session.isa, std::move(options), session.model_path});
}

}  // namespace pecia
