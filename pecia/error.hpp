#pragma once
// What goes wrong, as host programs meet it: thrown by Node's constructor, and by the future of a
// job. Inside the library errors are values; they become exceptions at this door alone.
// Thread rule: values.

#include <stdexcept>
#include <string>

// All that the library shows to whoever links it.
#define PECIA_API __attribute__((visibility("default")))

namespace pecia {

// What the host does next.
enum class PECIA_API ErrorKind {
  retry,      // the same may succeed later: nobody coordinates yet, a disk is full
  elsewhere,  // this process cannot, another may: memory, a folder that somebody else has
  refuse,     // the input is wrong; what() says where, and what would be right
  cancelled,  // the job was cancelled, by this host or by another client of its cluster
  left,       // the host stopped following the job, which goes on: Submission::detach(), ~Node
  bug,        // the library's own invariant broke
};

// what() is for people, in English: what, where, why, what would be right. One line, or one for
// each mistake of a config file.
class PECIA_API Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& what) : std::runtime_error(what), kind_(kind) {}
  ErrorKind kind() const noexcept { return kind_; }

 private:
  ErrorKind kind_;
};

}  // namespace pecia
