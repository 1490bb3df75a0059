#pragma once
// The largest models that are read, whatever they lie in; the largest in use come nowhere near.

namespace pecia::kernels {

inline constexpr int kLayersMax = 4'096;
inline constexpr int kWidthMax = 1 << 20;
inline constexpr int kHeadsMax = 4'096;
inline constexpr int kFfnWidthMax = 1 << 22;
inline constexpr int kVocabularyMax = 1 << 24;
inline constexpr int kContextMax = 1 << 30;  // tokens

}  // namespace pecia::kernels
