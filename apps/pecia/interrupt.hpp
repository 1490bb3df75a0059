#pragma once
// Ctrl-C as a question that loops ask. The second one ends the process at once, so that nobody is
// held by a step that takes long.

namespace pecia::apps {

void watch_interrupts();  // from now on SIGINT and SIGTERM are remembered
bool interrupted();

}  // namespace pecia::apps
