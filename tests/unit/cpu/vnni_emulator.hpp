#pragma once
// Lets the VNNI kernels run, slowly, on an AVX-512 CPU without VNNI, so that their bits are checked
// wherever tests run: the one instruction they add, vpdpbusd on three zmm registers, is carried out
// by a SIGILL handler on the saved registers. Source: Intel SDM volume 2, "VPDPBUSD", and volume 1,
// chapter 13, for the layout of the saved state.

#if defined(__x86_64__)

#include <csignal>

namespace pecia::kernels::testing {

class VnniEmulator {
 public:
  VnniEmulator();   // installs the handler
  ~VnniEmulator();  // restores the previous one
  VnniEmulator(const VnniEmulator&) = delete;
  VnniEmulator& operator=(const VnniEmulator&) = delete;

  static long emulated();  // instructions carried out so far

 private:
  struct sigaction previous_ {};
};

}  // namespace pecia::kernels::testing

#endif
