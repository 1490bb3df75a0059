#pragma once
// The built program on a pseudo terminal, as a person meets it: keys go in, what is seen comes out.

#include <string>
#include <string_view>
#include <vector>

namespace pecia::tests {

class Terminal {
 public:
  // `pecia` with these arguments, its three streams the terminal.
  explicit Terminal(const std::vector<std::string>& arguments);
  ~Terminal();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  void type(std::string_view keys) const;
  // Reads on until `text` was seen behind all that was waited for before; false where the program
  // ended first, or after a minute.
  bool sees(std::string_view text);
  bool sees_more(std::size_t bytes);  // the same, until so many bytes came, whatever they are
  bool is_alive() const;
  int wait();  // reads on to its end: exit code, or 128 + signal
  const std::string& seen() const { return seen_; }

 private:
  bool read_on(int timeout_ms);

  int master_ = -1;
  int pid_ = -1;
  std::string seen_;
  std::size_t waited_for_ = 0;  // bytes of seen_
};

inline constexpr std::string_view kCtrlC = "\x03", kCtrlD = "\x04";

}  // namespace pecia::tests
