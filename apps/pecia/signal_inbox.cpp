#include "apps/pecia/signal_inbox.hpp"

#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace pecia::apps {

using namespace kernels;

Expected<SignalInbox> SignalInbox::open() {
  sigset_t wanted, before;
  ::sigemptyset(&wanted);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGCHLD}) ::sigaddset(&wanted, signal);
  // Blocked ones that are ignored are dropped by the kernel, as nohup wants it.
  ::sigprocmask(SIG_BLOCK, &wanted, &before);
  Descriptor inbox(::signalfd(-1, &wanted, SFD_NONBLOCK | SFD_CLOEXEC));
  if (inbox.number() < 0) {
    const int why = errno;
    ::sigprocmask(SIG_SETMASK, &before, nullptr);
    return fail(ErrorKind::elsewhere, "cannot open an inbox for signals: {}", std::strerror(why));
  }
  return SignalInbox(std::move(inbox), before);
}

SignalInbox::SignalInbox(SignalInbox&& other) noexcept
    : inbox_(std::move(other.inbox_)), before_(other.before_) {}

SignalInbox::~SignalInbox() {
  if (inbox_.number() >= 0) ::sigprocmask(SIG_SETMASK, &before_, nullptr);
}

int SignalInbox::take_requests() {
  int requests = 0;
  signalfd_siginfo word = {};
  while (true) {
    const ssize_t count = ::read(inbox_.number(), &word, sizeof word);
    if (count < 0 && errno == EINTR) continue;
    if (count != static_cast<ssize_t>(sizeof word)) return requests;
    if (word.ssi_signo != static_cast<std::uint32_t>(SIGCHLD)) ++requests;
  }
}

}  // namespace pecia::apps
