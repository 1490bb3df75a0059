#include "apps/pecia/patient_output.hpp"

#include <fmt/format.h>
#include <limits.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace pecia::apps {

namespace {

constexpr int kReaderMsMax = 100;  // for a reader who took the last text

}  // namespace

bool PatientOutput::is_terminal() const { return ::isatty(descriptor_) == 1; }

void PatientOutput::write(std::string_view text) {
  if (dropped_ > 0 && !try_write(fmt::format("{}pecia: lines dropped that nobody read: {}\n",
                                             is_torn_ ? "\n" : "", dropped_))) {
    ++dropped_;
    return;
  }
  // From here on the reader keeps up, or is found not to.
  dropped_ = 0;
  if (!try_write(text)) dropped_ = 1;
}

// A pipe that is ready takes PIPE_BUF bytes at once.
bool PatientOutput::try_write(std::string_view text) {
  while (!text.empty()) {
    pollfd ready = {descriptor_, POLLOUT, 0};
    const int count = ::poll(&ready, 1, dropped_ > 0 ? 0 : kReaderMsMax);
    if (count < 0 && errno == EINTR) continue;
    if ((ready.revents & POLLOUT) == 0) return false;
    const std::size_t piece = std::min(text.size(), std::size_t{PIPE_BUF});
    const ssize_t written = ::write(descriptor_, text.data(), piece);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
    is_torn_ = !text.empty();
  }
  return true;
}

}  // namespace pecia::apps
