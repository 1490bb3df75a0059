#pragma once
// Moments as people read them. Thread rule: pure, but for the time zone of the process.

#include <cstdint>
#include <string>

namespace pecia::apps {

// "2026-03-01 09:30:00" of this machine's time zone.
std::string local_time(std::uint64_t unix_ms);

}  // namespace pecia::apps
