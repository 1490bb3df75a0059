#pragma once
// Who coordinates, and who wants to know. Handles die with the actor behind them; nobody keeps one
// beyond that, and here is where the next one is found.

#include "actors/messages.hpp"

namespace caf {
class actor_system;
}

namespace pecia::actors {

DirectoryHandle spawn_directory(caf::actor_system& system);

}  // namespace pecia::actors
