#pragma once
// Tells one chapter after the other: draws a sentence for every step of a scene, none twice in a
// tale, and carries the state from sentence to sentence.

#include <string>
#include <string_view>
#include <vector>

#include "kernels/chronicle/draws.hpp"
#include "kernels/chronicle/script.hpp"

namespace pecia::kernels {

class Teller {
 public:
  // Both outlive the teller.
  Teller(const Facts& facts, Draws& draws);

  // The outline's section of a scene: its heading with "# N. ", its notes and the state now.
  std::string heading(const Scene& scene, int number);
  std::string notes(const Scene& scene);
  // The chapter, of about `words_wanted` words, or more where the scene cannot do with less.
  std::string chapter(const Scene& scene, int words_wanted);
  // Some sentence of a pool that fits the state.
  std::string sentence_of(std::string_view pool);

 private:
  struct PlannedStep {
    const Step* step;
    std::size_t paragraph;
    bool told;
  };
  std::string attempt(const Scene& scene, int words_wanted);
  std::vector<PlannedStep> plan(const Scene& scene, int words_wanted);
  bool fits(const Template& sentence) const;
  std::vector<SentenceId> fitting(const Step& step, bool fresh) const;
  std::string tell(SentenceId id);
  std::string fill(SentenceId id);
  std::string state_notes();

  // What an attempt at a chapter changes.
  struct Progress {
    TaleState state;
    int next_place = kPlaceUnknown;
    std::vector<bool> told;  // by sentence
  };

  const Facts& facts_;
  Draws& draws_;
  std::string_view weather_;
  Progress now_;
};

}  // namespace pecia::kernels
