#include "runtime/gate/stream.hpp"

#include <sys/uio.h>

#include <algorithm>
#include <cerrno>

namespace pecia::runtime {

using kernels::ErrorKind;
using kernels::fail;
using kernels::Status;

namespace {

constexpr std::size_t kStagedBytesMax = 256 * 1024;  // waiting for the socket

Stream::Result failed(int error) {
  if (error == EAGAIN || error == EINTR) return {};
  return {Stream::Io::ended, 0, text_of_errno(error)};
}

// Byte is const where the system only reads it; iovec knows no such thing.
template <typename Byte>
msghdr message_of(std::span<const std::span<Byte>> parts,
                  std::array<iovec, Stream::kPartsMax>& vectors) {
  msghdr message{};
  message.msg_iov = vectors.data();
  for (const auto part : parts.first(std::min(parts.size(), vectors.size()))) {
    if (part.empty()) continue;
    vectors[message.msg_iovlen++] = {const_cast<std::byte*>(part.data()), part.size()};
  }
  return message;
}

Stream::Result receive_raw(int fd, std::span<const std::span<std::byte>> parts) {
  std::array<iovec, Stream::kPartsMax> vectors{};
  msghdr message = message_of(parts, vectors);
  const ssize_t count = ::recvmsg(fd, &message, 0);
  if (count < 0) return failed(errno);
  if (count == 0) return {Stream::Io::ended, 0, "closed by the peer"};
  return {Stream::Io::some, static_cast<std::size_t>(count), {}};
}

Stream::Result send_raw(int fd, std::span<const std::span<const std::byte>> parts) {
  std::array<iovec, Stream::kPartsMax> vectors{};
  const msghdr message = message_of(parts, vectors);
  const ssize_t count = ::sendmsg(fd, &message, MSG_NOSIGNAL);
  if (count < 0) return failed(errno);
  return {Stream::Io::some, static_cast<std::size_t>(count), {}};
}

}  // namespace

Stream::Result Stream::receive(std::span<const std::span<std::byte>> parts) {
  return stages_.empty() ? receive_raw(fd_.get(), parts) : receive_staged(parts);
}

Stream::Result Stream::send(std::span<const std::span<const std::byte>> parts) {
  if (stages_.empty()) return send_raw(fd_.get(), parts);
  std::size_t taken = 0;
  for (const auto part : parts) {
    if (outbound_.size() >= kStagedBytesMax) break;
    if (const Status pushed = push_outbound(part); !pushed) {
      return {Io::ended, 0, pushed.error().message};
    }
    taken += part.size();
  }
  Result flushed = flush();
  if (flushed.io == Io::ended) return flushed;
  return {taken > 0 ? Io::some : Io::again, taken, {}};
}

Stream::Result Stream::flush() {
  while (!outbound_.empty()) {
    const auto front = outbound_.front();
    Result sent = send_raw(fd_.get(), std::span(&front, 1));
    if (sent.io != Io::some) return sent;
    outbound_.pop(sent.bytes);
  }
  return {Io::some, 0, {}};
}

Stream::Result Stream::receive_staged(std::span<const std::span<std::byte>> parts) {
  while (inbound_.empty()) {
    std::array<std::byte, 16 * 1024> raw;
    const std::span<std::byte> whole(raw);
    Result read = receive_raw(fd_.get(), std::span(&whole, 1));
    if (read.io != Io::some) return read;
    if (const Status pushed = push_inbound(whole.first(read.bytes)); !pushed) {
      return {Io::ended, 0, pushed.error().message};
    }
    if (Result flushed = flush(); flushed.io == Io::ended) return flushed;
  }
  std::size_t taken = 0;
  for (const auto part : parts.first(std::min(parts.size(), kPartsMax))) {
    const auto front = inbound_.front();
    const std::size_t count = std::min(front.size(), part.size());
    std::copy_n(front.begin(), count, part.begin());
    inbound_.pop(count);
    taken += count;
  }
  return {Io::some, taken, {}};
}

Status Stream::push_outbound(std::span<const std::byte> bytes) {
  std::vector<std::byte> now(bytes.begin(), bytes.end());
  for (const auto& stage : stages_) {
    std::vector<std::byte> next;
    if (Status status = stage->outbound(now, next); !status) return status;
    now = std::move(next);
  }
  outbound_.push(now);
  return {};
}

Status Stream::push_inbound(std::span<const std::byte> bytes) {
  std::vector<std::byte> now(bytes.begin(), bytes.end());
  for (auto stage = stages_.rbegin(); stage != stages_.rend(); ++stage) {
    std::vector<std::byte> next;
    if (Status status = (*stage)->inbound(now, next); !status) return status;
    if (next.size() > kStageBytesMax) {
      return fail(ErrorKind::refuse, "a stage made {} bytes of {}; {} are the most", next.size(),
                  now.size(), kStageBytesMax);
    }
    now = std::move(next);
  }
  inbound_.push(now);
  return push_outbound({});
}

}  // namespace pecia::runtime
