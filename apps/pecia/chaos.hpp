#pragma once
// The group that the commands of 'pecia chaos' belong to.

namespace CLI {
class App;
}

namespace pecia::apps {

// Made where it is not there yet.
CLI::App& chaos_group(CLI::App& root);

}  // namespace pecia::apps
