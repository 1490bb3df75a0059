#pragma once
// What changes while a tale is told: who holds the object and the gift, whether the companion is
// there, and where the hero is. Facts never change, state does.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "kernels/chronicle/facts.hpp"

namespace pecia::kernels {

enum class StateKey : std::uint8_t { object, gift, company };
inline constexpr std::size_t kStateKeyCount = 3;

enum class StateValue : std::uint8_t {
  unknown,
  away,    // the object lies at the landmark
  hero,    // holds the object, the gift
  rival,   // holds the object
  mentor,  // has the gift still
  gone,    // the gift is given away
  with,    // the companion is with the hero
  lost,    // the companion is not
};

struct StateTag {
  StateKey key;
  StateValue value;
};

inline constexpr int kPlaceUnknown = -1;

struct TaleState {
  std::array<StateValue, kStateKeyCount> values{};
  int place = kPlaceUnknown;  // index into Script::places

  StateValue operator[](StateKey key) const { return values[static_cast<std::size_t>(key)]; }
  StateValue& operator[](StateKey key) { return values[static_cast<std::size_t>(key)]; }
};

// How every tale begins.
inline TaleState state_at_start(int place) {
  return {{StateValue::away, StateValue::mentor, StateValue::with}, place};
}

// The value in words a reader of a report understands: "Mira holds the bell".
std::string state_text(const Facts& facts, StateTag tag);

}  // namespace pecia::kernels
