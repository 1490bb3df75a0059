#pragma once
// Remembers what the runs of one job have printed, and holds the next one against it. Pure.
// Thread rule: one thread.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace pecia::apps {

enum class Extent : bool {
  part,   // the run was killed: any beginning of the document will do
  whole,  // it ended by itself: the document, all of it
};

struct Contradiction {
  bool different = false;   // from the undisturbed document
  bool taken_back = false;  // other than what an earlier run had printed at the same place
  std::string what;         // for a person: from which byte on, and both texts there
};

class JobWitness {
 public:
  // `document`: what the undisturbed job printed. It must outlive the witness.
  explicit JobWitness(std::string_view document) : document_(document) {}

  std::optional<Contradiction> see(std::string_view printed, Extent extent);
  const std::string& longest() const { return longest_; }  // print of a run without contradiction

 private:
  std::string_view document_;
  std::string longest_;
};

}  // namespace pecia::apps
