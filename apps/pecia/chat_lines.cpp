#include "apps/pecia/chat_lines.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace pecia::apps {

using namespace kernels;

Expected<ChatLines> ChatLines::open() {
  sigset_t wanted;
  ::sigemptyset(&wanted);
  ::sigaddset(&wanted, SIGINT);
  ::sigprocmask(SIG_BLOCK, &wanted, nullptr);
  Descriptor interrupts(::signalfd(-1, &wanted, SFD_NONBLOCK | SFD_CLOEXEC));
  if (interrupts.number() < 0) {
    const int why = errno;
    ::sigprocmask(SIG_UNBLOCK, &wanted, nullptr);
    return fail(ErrorKind::elsewhere, "cannot open an inbox for Ctrl-C: {}", std::strerror(why));
  }
  return ChatLines(std::move(interrupts), ::isatty(STDIN_FILENO) == 1);
}

bool ChatLines::take_interrupt() {
  signalfd_siginfo word = {};
  bool came = false;
  while (::read(interrupts_.number(), &word, sizeof word) == static_cast<ssize_t>(sizeof word))
    came = true;
  return came;
}

std::optional<ChatLines::Event> ChatLines::take_line(std::string& line) {
  if (passing_over_) {
    const std::size_t newline = pending_.find('\n');
    pending_.erase(0, newline == pending_.npos ? newline : newline + 1);
    passing_over_ = newline == pending_.npos;
    if (passing_over_) return std::nullopt;
  }
  const std::size_t newline = pending_.find('\n');
  const bool whole = newline != pending_.npos || (ended_ && !pending_.empty());
  const std::size_t end = std::min(newline, pending_.size());
  if (!whole && end <= kChatLineBytesMax) return std::nullopt;
  const bool fits = end <= kChatLineBytesMax;
  if (fits) line = pending_.substr(0, end);
  pending_.erase(0, whole ? end + 1 : end);
  passing_over_ = !whole;
  return fits ? Event::line : Event::too_long;
}

Expected<ChatLines::Event> ChatLines::wait(std::string& line) {
  while (true) {
    if (const auto taken = take_line(line)) return *taken;
    if (ended_) return Event::end;
    std::array<struct pollfd, 2> ready = {
        {{STDIN_FILENO, POLLIN, 0}, {interrupts_.number(), POLLIN, 0}}};
    if (::poll(ready.data(), ready.size(), -1) < 0 && errno != EINTR)
      return fail(ErrorKind::elsewhere, "standard input: cannot wait: {}", std::strerror(errno));
    if (take_interrupt()) {
      pending_.clear();
      passing_over_ = false;
      return Event::interrupt;
    }
    if (ready[0].revents == 0) continue;
    std::array<char, 65'536> piece{};
    const ssize_t count = ::read(STDIN_FILENO, piece.data(), piece.size());
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (count < 0)
      return fail(ErrorKind::refuse, "standard input: cannot read: {}", std::strerror(errno));
    if (count == 0) ended_ = true;
    pending_.append(piece.data(), static_cast<std::size_t>(count));
  }
}

}  // namespace pecia::apps
