#pragma once
// What the gate tells of a peer. Thread rule: values.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "kernels/base/raw_bytes.hpp"
#include "runtime/membership/membership_core.hpp"

namespace pecia::actors {

// A socket that is closed with its last owner, unless somebody took it.
class SharedSocket {
 public:
  explicit SharedSocket(int fd) : fd_(std::make_shared<Owner>(fd)) {}
  int take() const { return std::exchange(fd_->fd, -1); }  // -1: it was taken before

 private:
  struct Owner {
    explicit Owner(int taken) : fd(taken) {}
    Owner(const Owner&) = delete;
    Owner& operator=(const Owner&) = delete;
    ~Owner();
    int fd;
  };
  std::shared_ptr<Owner> fd_;
};

struct PeerUp {
  runtime::NodeBoot peer;
  runtime::LinkNumber link = 0;
  SharedSocket socket;   // non-blocking: the peer's actors are behind it
  bool dialled = false;  // by us
  bool is_client = false;
};
struct PeerDown {
  runtime::NodeBoot peer;
  runtime::LinkNumber link = 0;
  std::string why;
};
// A bulk transfer, which is of caches.
struct PeerTransfer {
  runtime::NodeBoot peer;
  std::uint16_t kind = 0;
  std::shared_ptr<const kernels::RawBytes> bytes;
};

}  // namespace pecia::actors
