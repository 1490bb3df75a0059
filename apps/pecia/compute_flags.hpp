#pragma once
// Flags of the commands that compute, and what only a person has to be told about their values.
// Thread rule: one thread.

#include <string>

#include "kernels/base/expected.hpp"
#include "pecia/session.hpp"

namespace CLI {
class App;
class Validator;
}  // namespace CLI

namespace pecia::apps {

CLI::Validator resolved_model();  // names and folders become the path of what they mean
void add_model_flag(CLI::App& parser, std::string& model);
void add_compute_flags(CLI::App& parser, ComputeOptions& options);
void add_threads_flag(CLI::App& parser, int& threads);

// One line on stderr where `context` tokens are more than the model was trained on, or few for the
// way in which it turns positions: it goes on, but what it then writes may make no sense. Refuses
// more than its positions can be told apart.
kernels::Status check_context(const Session& session, int context);

}  // namespace pecia::apps
