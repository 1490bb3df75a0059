#pragma once
// Room on a disk, held by a file that shrinks step by step when the room is needed and grows again
// when there is some. Best effort: where it cannot be had, nothing is reserved.
// Thread rule: one thread.

#include <cstdint>
#include <string>
#include <utility>

namespace pecia::runtime {

inline constexpr std::uint64_t kReserveStepBytes = 64 * 1024;

class ReserveFile {
 public:
  ReserveFile(std::string path, std::uint64_t bytes) : path_(std::move(path)), bytes_(bytes) {}

  void hold();     // all of the room, or as much as was held before
  bool release();  // gives kReserveStepBytes back; false: none are left

 private:
  std::string path_;
  std::uint64_t bytes_;
  std::uint64_t held_ = 0;
};

}  // namespace pecia::runtime
