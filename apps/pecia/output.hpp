#pragma once
// The door to stdout: every byte a command reports goes through it and every failed write is seen.
// Thread rule: one thread.

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "kernels/base/expected.hpp"

namespace CLI {
class App;
}

namespace pecia::apps {

class Output {
 public:
  explicit Output(int descriptor) : descriptor_(descriptor) {}

  // All of `text`, at once: nothing is buffered, so a reader sees a token when it is there.
  kernels::Status write(std::string_view text);
  // One object and a newline. Bytes that are not UTF-8 become U+FFFD, as JSON demands.
  kernels::Status write_json(const nlohmann::ordered_json& object);
  bool is_terminal() const;
  // A write failed because nobody reads any more.
  bool has_lost_reader() const { return lost_reader_; }

 private:
  int descriptor_;
  bool lost_reader_ = false;
};

// To stderr, as far as it can be written: a closed or full stderr ends no job.
void write_stderr(std::string_view text);
// One line of the program's own, "pecia: " in front.
void tell(std::string_view line);

void add_json_flag(CLI::App& parser, bool& json);

// Foreign text for a person's eyes: one line of UTF-8; control characters and bytes that are no
// character as \xNN, cut behind `bytes_max`.
std::string printable(std::string_view text, std::size_t bytes_max = 4'096);

}  // namespace pecia::apps
