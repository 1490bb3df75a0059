#pragma once
// Which situations a schedule went through, so that a simulation that never meets a rule is
// noticed.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace pecia::world {

class Coverage {
 public:
  void note(std::string_view situation) {
    const auto found = times_.find(situation);
    if (found == times_.end()) {
      times_.emplace(situation, 1);
    } else {
      ++found->second;
    }
  }
  const std::map<std::string, std::uint64_t, std::less<>>& times() const { return times_; }

 private:
  std::map<std::string, std::uint64_t, std::less<>> times_;
};

}  // namespace pecia::world
