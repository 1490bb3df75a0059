#include "apps/pecia/interrupt.hpp"

#include <unistd.h>

#include <atomic>
#include <cassert>
#include <climits>
#include <csignal>
#include <cstring>

namespace pecia::apps {

namespace {

constexpr std::size_t kFilesMax = 8;

// Room that a handler may look at: nothing of it is ever freed.
struct Doomed {
  std::size_t files = 0;
  char paths[kFilesMax][PATH_MAX];
  char folder[PATH_MAX];
};
Doomed doomed;
std::atomic<bool> is_doomed = false;  // `doomed` is filled in
std::atomic<int> seen = 0;
static_assert(std::atomic<bool>::is_always_lock_free && std::atomic<int>::is_always_lock_free);

// As in all of a handler: only calls that are safe there.
void remove_doomed() {
  if (!is_doomed) return;
  for (std::size_t i = 0; i < doomed.files; ++i) ::unlink(doomed.paths[i]);
  ::rmdir(doomed.folder);
}

extern "C" void remember_interrupt(int signal) {
  if (seen.fetch_add(1) == 0) return;
  remove_doomed();
  std::signal(signal, SIG_DFL);
  std::raise(signal);  // it comes when this handler returns
}

bool copy(char (&to)[PATH_MAX], const std::string& path) {
  if (path.size() >= PATH_MAX) return false;
  std::memcpy(to, path.c_str(), path.size() + 1);
  return true;
}

bool is_ignored(int signal) {
  struct sigaction now = {};
  return sigaction(signal, nullptr, &now) == 0 && now.sa_handler == SIG_IGN;
}

}  // namespace

void watch_interrupts() {
  struct sigaction action = {};
  action.sa_handler = remember_interrupt;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  if (!is_ignored(SIGHUP)) sigaction(SIGHUP, &action, nullptr);
}

bool interrupted() { return seen != 0; }

void outlive_readers() { std::signal(SIGPIPE, SIG_IGN); }

void remove_at_second_interrupt(const std::string& folder, std::span<const char* const> names) {
  assert(!is_doomed && names.size() <= kFilesMax);
  if (!copy(doomed.folder, folder)) return;
  doomed.files = 0;
  for (const char* name : names) {
    if (!copy(doomed.paths[doomed.files++], folder + "/" + name)) return;
  }
  is_doomed = true;
}

void forget_folder() { is_doomed = false; }

}  // namespace pecia::apps
