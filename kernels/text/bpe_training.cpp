#include "kernels/text/bpe_training.hpp"

#include <algorithm>
#include <utility>

#include "kernels/text/forced_words.hpp"

namespace pecia::kernels {
namespace {

using Merges = std::span<const BpePair>;

constexpr std::uint64_t kCountMin = 2;       // a pair seen once tells nothing of the next text
constexpr std::size_t kProgressMerges = 64;  // between two calls of the progress

// Merges what the words show most often, until there are `symbols_max` symbols or no pair is left.
Status extend(BpeSegmentation& words, std::size_t symbols_max,
              const BpeTrainingProgress& progress) {
  while (words.symbols().size() < symbols_max) {
    const std::size_t done = words.symbols().size();
    if (progress && words.merges().size() % kProgressMerges == 0 && !progress(done, symbols_max)) {
      return fail(ErrorKind::retry, "stopped at {} of {} symbols", done, symbols_max);
    }
    const auto pair = words.take_most_frequent(kCountMin);
    if (!pair) break;
    words.merge(*pair);
  }
  return {};
}

void merge_all(BpeSegmentation& words, Merges merges) {
  for (const BpePair pair : merges) words.merge(pair);
}

// Both forms of each word, without doubles. They live as long as the result.
class ForcedForms {
 public:
  explicit ForcedForms(std::span<const std::string> words) {
    for (const std::string& word : words) {
      texts_.push_back(word);
      texts_.push_back(" " + word);
    }
    std::sort(texts_.begin(), texts_.end());
    texts_.erase(std::unique(texts_.begin(), texts_.end()), texts_.end());
    for (const std::string& text : texts_) forms_.push_back({text, 1});
  }

  // `first`, and behind them the merges that then make one symbol of each form.
  std::vector<BpePair> complete(Merges first) const {
    BpeSegmentation forms(forms_);
    merge_all(forms, first);
    while (const auto pair = forms.take_most_frequent(1)) forms.merge(*pair);
    return forms.merges();
  }

 private:
  std::vector<std::string> texts_;
  std::vector<CountedWord> forms_;
};

// As many of the text's own merges as leave room for what the forms then need, and that behind
// them. Where fewer of the former mean no fewer of the latter, dropping as many as there are too
// many does not pass by the largest number that fits.
Expected<std::vector<BpePair>> with_forms(Merges own, const ForcedForms& forms,
                                          std::size_t symbols_max) {
  for (std::size_t kept = own.size();;) {
    std::vector<BpePair> merges = forms.complete(own.first(kept));
    const std::size_t needed = 256 + merges.size();
    if (needed <= symbols_max) return merges;
    if (kept == 0) {
      return fail(ErrorKind::refuse,
                  "a vocabulary of {} is too small for the forced words: with bytes and control "
                  "tokens they take {}",
                  symbols_max + kBpeControlTokens, needed + kBpeControlTokens);
    }
    kept -= std::min(kept, needed - symbols_max);
  }
}

Expected<std::vector<BpePair>> own_merges(std::span<const CountedWord> text,
                                          std::size_t symbols_max,
                                          const BpeTrainingProgress& progress) {
  BpeSegmentation words(text);
  if (const Status done = extend(words, symbols_max, progress); !done) return done.error();
  return words.merges();
}

Status check_size(int vocabulary) {
  if (vocabulary >= kBpeVocabularyMin && vocabulary <= kBpeVocabularyMax) return {};
  return fail(ErrorKind::refuse,
              "a vocabulary of {} is not possible: 256 bytes and {} control tokens make {}, and at "
              "most {} are accepted",
              vocabulary, kBpeControlTokens, kBpeVocabularyMin, kBpeVocabularyMax);
}

Expected<TrainedBpe> result_of(const BpeSegmentation& words, std::size_t symbols_max) {
  if (words.symbols().size() < symbols_max) {
    return fail(ErrorKind::refuse,
                "the text gives a vocabulary of at most {}, not {} (a pair that it has only once "
                "is not merged); ask for less or give more text",
                words.symbols().size() + kBpeControlTokens, symbols_max + kBpeControlTokens);
  }
  return TrainedBpe{words.symbols(), words.merges(), words.tokens()};
}

}  // namespace

Expected<TrainedBpe> train_bpe(const WordCounts& text, const BpeTrainingOptions& options,
                               const BpeTrainingProgress& progress) {
  if (const Status fits = check_size(options.vocabulary); !fits) return fits.error();
  if (const Status whole = check_forced_words(options.words); !whole) return whole.error();
  if (text.words() == 0) return fail(ErrorKind::refuse, "there is no text to train on");
  const std::vector<CountedWord> counted = text.sorted();
  const auto symbols_max = static_cast<std::size_t>(options.vocabulary - kBpeControlTokens);

  std::vector<BpePair> begun;
  if (!options.words.empty()) {
    const auto own = own_merges(counted, symbols_max, progress);
    if (!own) return own.error();
    auto merges = with_forms(*own, ForcedForms(options.words), symbols_max);
    if (!merges) return merges.error();
    begun = std::move(*merges);
  }
  BpeSegmentation words(counted);
  merge_all(words, begun);
  if (const Status done = extend(words, symbols_max, progress); !done) return done.error();
  return result_of(words, symbols_max);
}

}  // namespace pecia::kernels
