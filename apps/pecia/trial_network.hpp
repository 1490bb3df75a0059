#pragma once
// Ends of a network that exists in this process alone. Each end is a network namespace with one TUN
// device, whose descriptor is here: whatever its processes send is read from it, and reaches
// another end only if it is written to that one's. No rule of the machine is touched, no program
// needed; all of it is gone with the process and its children.
//
//   namespace of end 0                      this process                  namespace of end 1
//     processes - pecia0 (10.99.0.1/24) = tun <--- wire ---> tun = pecia0 (10.99.0.2/24) -
//     processes
//
// Needs CAP_SYS_ADMIN and CAP_NET_ADMIN, or a system that lets its users make user namespaces.
// Thread rule: the making from the one thread of a process.

#include <cstddef>
#include <vector>

#include "apps/pecia/child_process.hpp"
#include "kernels/base/expected.hpp"

namespace pecia::apps {

constexpr int kEndMtuBytes = 1'500;

struct TrialEnd {
  Descriptor tun;      // a packet of IPv4 each read and write; never waits
  Descriptor network;  // the namespace, for setns()
};

// So many ends with the addresses of address_of_end(). From now on this thread, and those that it
// starts, live at the last one. Errors: elsewhere (the machine or the rights lack something, and
// what), retry. REQUIRES 1 <= count <= kEndsMax, one thread.
kernels::Expected<std::vector<TrialEnd>> make_trial_network(std::size_t count);

}  // namespace pecia::apps
