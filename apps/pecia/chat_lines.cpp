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

bool ChatLines::take_line(std::string& line) {
  const std::size_t newline = pending_.find('\n');
  std::size_t end = newline;
  if (newline == pending_.npos) {
    if (pending_.size() < kChatLineBytesMax && (!ended_ || pending_.empty())) return false;
    end = pending_.size();
  }
  line = pending_.substr(0, end);
  pending_.erase(0, std::min(end + (newline == pending_.npos ? 0 : 1), pending_.size()));
  return true;
}

Expected<ChatLines::Event> ChatLines::wait(std::string& line) {
  while (!take_line(line)) {
    if (ended_) return Event::end;
    std::array<struct pollfd, 2> ready = {
        {{STDIN_FILENO, POLLIN, 0}, {interrupts_.number(), POLLIN, 0}}};
    if (::poll(ready.data(), ready.size(), -1) < 0 && errno != EINTR)
      return fail(ErrorKind::elsewhere, "standard input: cannot wait: {}", std::strerror(errno));
    if (take_interrupt()) {
      pending_.clear();
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
  return Event::line;
}

}  // namespace pecia::apps
