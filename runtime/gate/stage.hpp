#pragma once
// The seam for what will one day stand between the gate and its sockets: TLS, compression, shaping.
// Every connection passes all its bytes, from the first one on, through the stages of
// GateOptions::stages, each made anew: outbound in order, inbound in reverse. None is configured
// today, and then a connection touches no byte. Both ends must have the same.
// Thread rule: the gate's thread.

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "kernels/base/expected.hpp"

namespace pecia::runtime {

class Stage {
 public:
  virtual ~Stage() = default;

  // Append what goes on, of these bytes and of those kept before; may be nothing. After every
  // inbound() the stage's outbound() is called with no bytes, so that it can answer by itself.
  // An inbound stage bounds what it makes of its input; beyond kStageBytesMax in one call the
  // connection ends. An Error ends it too.
  virtual kernels::Status outbound(std::span<const std::byte> bytes,
                                   std::vector<std::byte>& out) = 0;
  virtual kernels::Status inbound(std::span<const std::byte> bytes,
                                  std::vector<std::byte>& out) = 0;
};

inline constexpr std::size_t kStageBytesMax = 1024 * 1024;

using MakeStage = std::function<std::unique_ptr<Stage>(bool is_dialler)>;

}  // namespace pecia::runtime
