#pragma once
// A bar on stderr while something takes long; silent unless stderr is a terminal.

#include <cstdint>
#include <string>
#include <string_view>

#include "apps/pecia/interrupt.hpp"
#include "apps/pecia/stopwatch.hpp"

namespace pecia::apps {

// "generating [=====>      ] 130/200 tokens", pure.
std::string progress_line(std::string_view label, std::uint64_t done, std::uint64_t total,
                          std::string_view unit);

class Progress {
 public:
  // `quiet`: the terminal already shows what the work gives.
  explicit Progress(std::string label, bool quiet = false);
  ~Progress() { end(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void update(std::uint64_t done, std::uint64_t total, std::string_view unit);
  void end();  // clears the line, so that others may write on it

 private:
  std::string label_;
  bool shown_;
  bool drawn_ = false;
  Stopwatch since_drawn_;
};

// Draws `progress` while bytes of a file are written, and says whether to go on: until Ctrl-C.
// `progress` must outlive the result.
inline auto until_interrupted(Progress& progress) {
  return [&progress](std::uint64_t done, std::uint64_t total) {
    progress.update(done, total, "bytes");
    return !interrupted();
  };
}

bool stderr_is_terminal();

}  // namespace pecia::apps
