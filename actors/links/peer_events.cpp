#include "actors/links/peer_events.hpp"

#include <unistd.h>

namespace pecia::actors {

SharedSocket::Owner::~Owner() {
  if (fd >= 0) ::close(fd);
}

}  // namespace pecia::actors
