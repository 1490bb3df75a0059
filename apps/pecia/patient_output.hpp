#pragma once
// A stream to a reader who may be slow, stopped or gone, for a command that must not wait for him:
// what he does not take in time is dropped by whole texts, and how many were is told once he reads.
// Thread rule: one thread.

#include <cstddef>
#include <string_view>

namespace pecia::apps {

class PatientOutput {
 public:
  explicit PatientOutput(int descriptor) : descriptor_(descriptor) {}

  void write(std::string_view text);
  bool is_terminal() const;

 private:
  bool try_write(std::string_view text);

  int descriptor_;
  std::size_t dropped_ = 0;  // texts since the last one that was taken
  bool is_torn_ = false;     // the reader has the beginning of a text that was dropped
};

}  // namespace pecia::apps
