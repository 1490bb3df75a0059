#pragma once
// A question to an actor from a thread that is none. Thread rule: any thread, which waits.

#include <caf/actor_system.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/sec.hpp>
#include <chrono>

#include "actors/exceptions.hpp"
#include "kernels/base/expected.hpp"

namespace pecia::actors {

// By an asker of its own each time: CAF keeps answers and time-outs that come too late in the
// asker's mailbox, where a long life would gather them without end.
// Error of kind retry: no answer within the deadline, or one that says why not.
template <class Answer, class Handle, class... Arguments>
kernels::Expected<Answer> ask_once(caf::actor_system& system, const Handle& whom,
                                   std::chrono::milliseconds deadline,
                                   const Arguments&... arguments) {
  kernels::Expected<Answer> answered = kernels::fail(kernels::ErrorKind::retry, "no answer");
  caf::scoped_actor asker(system);
  asker->request(whom, deadline, arguments...)
      .receive([&](const Answer& given) { answered = given; },
               [&](const caf::error& error) {
                 answered = kernels::fail(kernels::ErrorKind::retry, "{}", words_of(error));
               });
  return answered;
}

}  // namespace pecia::actors
