#pragma once
// What a worker computes with, over the model of a session. The session outlives it.

#include <memory>

#include "actors/generator/generator.hpp"
#include "pecia/session.hpp"

namespace pecia {

// Model and arithmetic, to which a job is pinned.
actors::GeneratorIdentity identity_of(const Session& session);

// An engine with threads of its own.
kernels::Expected<std::unique_ptr<actors::Generator>> make_generator(
    const Session& session, int threads, kernels::EngineOptions options);

}  // namespace pecia
