#pragma once
// How often each rule of a core was used: for reports, metrics, and the coverage of the simulator.
// An enum, its names, and a number each. Thread rule: as the core that counts.

#include <array>
#include <cstdint>
#include <string_view>

namespace pecia::actors {

// REQUIRES an enum that counts from 0 and ends with `count_`.
template <class Event>
class Counts {
 public:
  static constexpr std::size_t kEvents = static_cast<std::size_t>(Event::count_);

  void add(Event event) { ++times_[static_cast<std::size_t>(event)]; }
  std::uint64_t operator[](Event event) const { return times_[static_cast<std::size_t>(event)]; }
  const std::array<std::uint64_t, kEvents>& all() const { return times_; }

 private:
  std::array<std::uint64_t, kEvents> times_{};
};

}  // namespace pecia::actors
