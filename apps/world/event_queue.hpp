#pragma once
// The virtual clock: what happens next, and when. Events of one moment happen in the order in which
// they were planned.

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

namespace pecia::world {

class EventQueue {
 public:
  using Event = std::function<void()>;

  std::uint64_t now_ms() const { return now_ms_; }
  void after(std::uint64_t ms, Event event) {
    planned_.push_back({now_ms_ + ms, ++count_, std::move(event)});
    std::push_heap(planned_.begin(), planned_.end(), later);
  }
  // False where nothing is planned.
  bool run_next() {
    if (planned_.empty()) return false;
    std::pop_heap(planned_.begin(), planned_.end(), later);
    Planned next = std::move(planned_.back());
    planned_.pop_back();
    assert(next.at_ms >= now_ms_);
    now_ms_ = next.at_ms;
    next.event();
    return true;
  }

 private:
  struct Planned {
    std::uint64_t at_ms, number;
    Event event;
  };
  static bool later(const Planned& a, const Planned& b) {
    return a.at_ms != b.at_ms ? a.at_ms > b.at_ms : a.number > b.number;
  }

  std::vector<Planned> planned_;
  std::uint64_t now_ms_ = 0, count_ = 0;
};

}  // namespace pecia::world
