#include "apps/pecia/interrupt.hpp"

#include <csignal>

namespace pecia::apps {

namespace {
volatile std::sig_atomic_t seen = 0;
extern "C" void remember_interrupt(int) { seen = 1; }
}  // namespace

void watch_interrupts() {
  struct sigaction action = {};
  action.sa_handler = remember_interrupt;
  action.sa_flags = static_cast<int>(SA_RESETHAND);  // the next one has its default meaning
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

bool interrupted() { return seen != 0; }

}  // namespace pecia::apps
