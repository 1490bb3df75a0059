#pragma once
// The patterns by which byte-level vocabularies cut words, as the tokenizer.json files of their
// first models write them, in the syntax that PCRE2 shares.

namespace pecia::kernels {

#define PECIA_CONTRACTIONS "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
#define PECIA_SPACES R"(\s*[\r\n]+|\s+(?!\S)|\s+)"
// Words that begin where a capital follows a small letter.
#define PECIA_CAPITALISED                                 \
  R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*)" \
  R"([\p{Ll}\p{Lm}\p{Lo}\p{M}]+)"
#define PECIA_CAPITALS                                    \
  R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+)" \
  R"([\p{Ll}\p{Lm}\p{Lo}\p{M}]*)"

inline constexpr const char* kLlama3Words = PECIA_CONTRACTIONS
    R"(|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|)" PECIA_SPACES;
inline constexpr const char* kQwen2Words =
    PECIA_CONTRACTIONS R"(|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|)" PECIA_SPACES;
inline constexpr const char* kTekkenWords =
    PECIA_CAPITALISED "|" PECIA_CAPITALS R"(|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|)" PECIA_SPACES;
inline constexpr const char* kGpt4oWords =
    PECIA_CAPITALISED PECIA_CONTRACTIONS "?|" PECIA_CAPITALS PECIA_CONTRACTIONS
                                         R"(?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|)" PECIA_SPACES;
inline constexpr const char* kDeepseek3Words =
    R"([!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+|)"
    R"( ?[\p{P}\p{S}]+[\r\n]*|)" PECIA_SPACES;

#undef PECIA_CONTRACTIONS
#undef PECIA_SPACES
#undef PECIA_CAPITALISED
#undef PECIA_CAPITALS

}  // namespace pecia::kernels
