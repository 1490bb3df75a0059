#pragma once
// Ctrl-C as a question that loops ask. The second one ends the process at once, so that nobody is
// held by a step that takes long. Thread rule: interrupted() anywhere; the rest on one thread.

#include <span>
#include <string>

namespace pecia::apps {

// From now on SIGINT, SIGTERM and SIGHUP are remembered; a SIGHUP that nohup keeps away is not.
void watch_interrupts();
bool interrupted();

// From now on a write to a pipe whose reader has gone fails, and does not end the process.
void outlive_readers();

// What the second one removes before it ends the process: these files of `folder`, and the folder,
// if it is empty then. One folder at a time, until forget_folder(). Best effort: a path that is too
// long for the system stays.
void remove_at_second_interrupt(const std::string& folder, std::span<const char* const> names);
void forget_folder();

}  // namespace pecia::apps
