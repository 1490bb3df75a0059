#pragma once
// Bytes of a stream, as they come, cut into lines. Thread rule: one thread.

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace pecia::apps {

inline constexpr std::size_t kLineBytesMax = 4'096;  // a longer line is given in pieces

class LineCutter {
 public:
  // Gives each line that ends in `bytes` to `take`, without its newline.
  template <class Take>
  void add(std::string_view bytes, Take take) {
    while (!bytes.empty()) {
      if (std::exchange(was_cut_, false) && bytes.front() == '\n') {
        bytes.remove_prefix(1);  // of a line that ended where it was cut
        continue;
      }
      const std::size_t room = kLineBytesMax - begun_.size();
      const std::size_t end = bytes.substr(0, room).find('\n');
      begun_ += bytes.substr(0, end == bytes.npos ? room : end);
      bytes.remove_prefix(end == bytes.npos ? std::min(room, bytes.size()) : end + 1);
      was_cut_ = end == bytes.npos && begun_.size() == kLineBytesMax;
      if (end != bytes.npos || was_cut_) give(take);
    }
  }

  // The last line, where it has no newline.
  template <class Take>
  void finish(Take take) {
    if (!begun_.empty()) give(take);
  }

 private:
  template <class Take>
  void give(Take& take) {
    take(std::string_view(begun_));
    begun_.clear();
  }

  std::string begun_;  // shorter than kLineBytesMax
  bool was_cut_ = false;
};

}  // namespace pecia::apps
