#pragma once
// A text file as documents to train on. A line that holds only %% ends a document.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/base/expected.hpp"
#include "kernels/base/hash.hpp"
#include "kernels/text/tokenizer.hpp"
#include "kernels/training/curriculum.hpp"

namespace pecia::apps {

// The texts between the separators, blank ones left out. Invalid UTF-8 is refused by its place.
kernels::Expected<std::vector<std::string_view>> split_documents(std::string_view text,
                                                                 const std::string& name);

class TextDocuments : public kernels::DocumentSource {
 public:
  // Tokens of every document: as the vocabulary begins and ends a text.
  TextDocuments(const kernels::Tokenizer& tokenizer, std::span<const std::string_view> documents,
                std::uint64_t seed);

  // Draws document and, where it is longer, the window of it from `index` alone. All weights are 1.
  kernels::Expected<kernels::Sequence> document(std::uint64_t index, int length) const override;
  kernels::Id fingerprint() const override;
  // Every document from its start, for evaluation.
  std::vector<kernels::Sample> samples(int length) const;

 private:
  std::vector<std::vector<kernels::TokenId>> documents_;  // of at least two tokens
  std::uint64_t seed_;
};

}  // namespace pecia::apps
