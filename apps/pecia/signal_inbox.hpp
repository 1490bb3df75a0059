#pragma once
// Signals as words that are read from a descriptor, for a command that waits in poll(): no handler,
// so nothing can come between. As long as the object lives SIGINT, SIGTERM, SIGHUP and SIGCHLD come
// here; a SIGHUP that nohup keeps away stays away.
// Thread rule: one thread, in a program that has no other.

#include <signal.h>

#include "apps/pecia/child_process.hpp"
#include "kernels/base/expected.hpp"

namespace pecia::apps {

class SignalInbox {
 public:
  // Errors: elsewhere (no descriptor left).
  static kernels::Expected<SignalInbox> open();
  ~SignalInbox();
  SignalInbox(SignalInbox&& other) noexcept;
  SignalInbox& operator=(SignalInbox&&) = delete;

  int descriptor() const { return inbox_.number(); }
  // Requests to end (all but SIGCHLD) that have come since the last call.
  int take_requests();

 private:
  SignalInbox(Descriptor inbox, const sigset_t& before)
      : inbox_(std::move(inbox)), before_(before) {}

  Descriptor inbox_;  // -1: moved from
  sigset_t before_;   // the mask that was in force
};

}  // namespace pecia::apps
