#pragma once
// All that is wrong with a config file, so that it is set right in one go and not line by line.
// Each mistake is one line "FILE:LINE:COLUMN: what, why; what would be right".
// Thread rule: one thread.

#include <fmt/format.h>

#include <compare>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "kernels/base/expected.hpp"

namespace pecia::runtime {

// In a file, both from 1 on.
struct TomlPlace {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
  auto operator<=>(const TomlPlace&) const = default;
};

// More help nobody.
inline constexpr std::size_t kMistakesMax = 100;

class Mistakes {
 public:
  explicit Mistakes(std::string file) : file_(std::move(file)) {}

  std::string name(TomlPlace place) const {
    return fmt::format("{}:{}:{}", file_, place.line, place.column);
  }

  template <class... Args>
  void add(TomlPlace place, fmt::format_string<Args...> text, Args&&... args) {
    take(place, name(place) + ": " + fmt::format(text, std::forward<Args>(args)...));
  }
  // Of a text without places.
  void add_whole(std::string_view text) { take({0, 0}, fmt::format("{}: {}", file_, text)); }
  // An error whose message begins with its place.
  void add(TomlPlace place, const kernels::Error& error) { take(place, error.message); }

  // All of another text's, or another part's.
  void take_over(Mistakes&& other);

  bool empty() const { return found_.empty(); }
  const std::string& file() const { return file_; }
  // In the order of the file; beyond kMistakesMax a last line tells how many more there are.
  std::vector<std::string> lines() const;

 private:
  void take(TomlPlace place, std::string line);

  std::string file_;
  std::vector<std::pair<TomlPlace, std::string>> found_;  // at most kMistakesMax
  std::size_t more_ = 0;
};

}  // namespace pecia::runtime
