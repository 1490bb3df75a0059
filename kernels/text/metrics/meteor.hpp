#pragma once
// METEOR as NLTK computes it (Lavie and Agarwal 2007), with the stages exact and Porter stem.
// The third stage, WordNet's synonyms, is left out, so a figure of NLTK's may be higher; and this
// is not the Java program METEOR 1.5, whose parameters and paraphrases differ.
// Pure functions; time near-linear in the words, however few they share.

#include <span>
#include <string>

namespace pecia::kernels {

struct MeteorParameters {
  double alpha = 0.9;  // weight of recall: F = P R / (alpha P + (1 - alpha) R)
  int beta = 3;        // the penalty is gamma (chunks / matches) ^ beta
  double gamma = 0.5;
};

// 0 to 1 for the words of a reference and a hypothesis, which are compared in lower case.
double meteor(std::span<const std::string> reference, std::span<const std::string> hypothesis,
              const MeteorParameters& parameters = {});

}  // namespace pecia::kernels
