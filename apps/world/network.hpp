#pragma once
// Links that lose, repeat, delay, reorder and cut one way. A message arrives by calling what was
// handed over; whether its receiver still lives is the receiver's affair.

#include <cstdint>
#include <functional>
#include <set>
#include <utility>

#include "apps/world/chance.hpp"
#include "apps/world/coverage.hpp"
#include "apps/world/event_queue.hpp"
#include "apps/world/scenario.hpp"

namespace pecia::world {

using Place = int;  // 0: coordinators; 1..: workers; kClients
inline constexpr Place kCoordinators = 0;
inline constexpr Place kClients = 1'000;

class Network {
 public:
  Network(const Scenario& scenario, EventQueue& queue, Chance& chance, Coverage& coverage)
      : scenario_(scenario), queue_(queue), chance_(chance), coverage_(coverage) {}

  void send(Place from, Place to, std::function<void()> arrive);
  void cut(Place from, Place to) { cuts_.insert({from, to}); }
  bool is_cut(Place from, Place to) const { return cuts_.contains({from, to}); }
  void mend() { cuts_.clear(); }
  void set_storm(bool storm) { storm_ = storm; }
  void heal();  // from here on every message arrives, once, soon

 private:
  const Scenario& scenario_;
  EventQueue& queue_;
  Chance& chance_;
  Coverage& coverage_;
  std::set<std::pair<Place, Place>> cuts_;
  bool storm_ = false, healed_ = false;
};

}  // namespace pecia::world
