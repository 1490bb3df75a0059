#pragma once
// The one place of actors/ that reads clocks and draws lots; cores are told both. Shells read the
// clock of their actor system, which is the machine's own but where a test holds the time.
// Thread rule: any thread.

#include <chrono>
#include <cstdint>
#include <random>

namespace pecia::actors {

template <class Unit, class Clock>
std::uint64_t since_epoch() {
  const auto since = Clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(std::chrono::duration_cast<Unit>(since).count());
}
inline std::uint64_t steady_us() {
  return since_epoch<std::chrono::microseconds, std::chrono::steady_clock>();
}
inline std::uint64_t steady_ms() { return steady_us() / 1'000; }
template <class Actor>
std::uint64_t steady_ms(const Actor& self) {
  const auto since = self.clock().now().time_since_epoch();
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(since).count());
}
inline std::uint64_t unix_ms() {
  return since_epoch<std::chrono::milliseconds, std::chrono::system_clock>();
}

// For a process, or what stands for one, that starts.
inline std::uint64_t random_boot() {
  std::random_device device;
  return (std::uint64_t{device()} << 32) | device();
}
// Nobody can foresee it: of names and proofs.
inline std::uint64_t random_number() { return random_boot(); }

}  // namespace pecia::actors
