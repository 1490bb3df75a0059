#pragma once
// Where the actors of other nodes are found. The gate has admitted a peer and hands over a socket;
// here it becomes a connection of CAF's own, whose first words are said and understood:
//
//   peer up -the one who dialled: connect; the other: publish-> linked -hello both ways-> known
//   known -its coordinator's handle-> the directory      peer down -> unknown
//
// A handle dies with its link, and whoever holds it is told so by CAF; the next link brings the
// next one. Nobody here dials, waits or tries again: that is the gate's.

#include <functional>
#include <string>
#include <vector>

#include "actors/messages.hpp"

namespace caf {
class actor_system;
}

namespace pecia::actors {

struct LinksParts {
  std::string name;           // of this node
  DirectoryHandle directory;  // is told who coordinates
  // CAF's own broker is gone: this node hears nobody any more and must end. On an actor's thread.
  std::function<void(const std::string& why)> deaf;
};

// All that may come from another node, as CAF spells the types of a message: what nodes ask, tell
// and answer, and what their links say to each other. The gate lets nothing else through.
std::vector<std::string> message_types();

// REQUIRES a system with CAF's middleman, for which prepare_links() was called on its config;
// called once a system.
LinksHandle spawn_links(caf::actor_system& system, LinksParts parts);

}  // namespace pecia::actors
