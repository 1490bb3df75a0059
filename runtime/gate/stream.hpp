#pragma once
// A connected, non-blocking socket behind its stages. Without stages every call is one system call.
// Thread rule: one thread.

#include <array>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "runtime/gate/byte_queue.hpp"
#include "runtime/gate/sockets.hpp"
#include "runtime/gate/stage.hpp"

namespace pecia::runtime {

class Stream {
 public:
  enum class Io : std::uint8_t { some, again, ended };
  struct Result {
    Io io = Io::again;
    std::size_t bytes = 0;
    std::string why;  // of ended: "closed by the peer", or the system's word
  };
  static constexpr std::size_t kPartsMax = 8;

  Stream() = default;
  explicit Stream(Fd fd) : fd_(std::move(fd)) {}
  void set_stages(std::vector<std::unique_ptr<Stage>> stages) { stages_ = std::move(stages); }

  int fd() const { return fd_.get(); }
  // Fills the parts in order. At most kPartsMax of them are looked at.
  Result receive(std::span<const std::span<std::byte>> parts);
  Result receive(std::span<std::byte> into) { return receive(std::span(&into, 1)); }
  // Of the parts, in order; `bytes` were taken. At most kPartsMax of them are looked at.
  Result send(std::span<const std::span<const std::byte>> parts);
  Result send(std::span<const std::byte> bytes) { return send(std::span(&bytes, 1)); }

  // Bytes that passed the stages and wait: for receive(), whatever the socket says; for the socket.
  bool has_inbound() const { return !inbound_.empty(); }
  bool has_outbound() const { return !outbound_.empty(); }
  Result flush();

 private:
  Result receive_staged(std::span<const std::span<std::byte>> parts);
  kernels::Status push_outbound(std::span<const std::byte> bytes);
  kernels::Status push_inbound(std::span<const std::byte> bytes);

  Fd fd_;
  std::vector<std::unique_ptr<Stage>> stages_;
  ByteQueue inbound_;
  ByteQueue outbound_;
};

}  // namespace pecia::runtime
