#pragma once
// A bar on stderr while something takes long; silent unless stderr is a terminal.

#include <cstdint>
#include <string>
#include <string_view>

#include "apps/pecia/stopwatch.hpp"

namespace pecia::apps {

// "generating [=====>      ] 130/200 tokens", pure.
std::string progress_line(std::string_view label, std::uint64_t done, std::uint64_t total,
                          std::string_view unit);

class Progress {
 public:
  // `quiet`: the terminal already shows what the work gives.
  explicit Progress(std::string label, bool quiet = false);
  ~Progress();  // clears the line
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void update(std::uint64_t done, std::uint64_t total, std::string_view unit);

 private:
  std::string label_;
  bool shown_;
  bool drawn_ = false;
  Stopwatch since_drawn_;
};

bool stderr_is_terminal();

}  // namespace pecia::apps
