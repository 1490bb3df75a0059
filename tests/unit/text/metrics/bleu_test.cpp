// The published figures are of sacreBLEU's own tests (test_bleu.py, test_sentence_bleu.py).

#include "kernels/text/metrics/bleu.hpp"

#include "tests/catch.hpp"

namespace pecia::kernels {
namespace {

using Texts = std::vector<std::string>;

const Texts kHypotheses = {"The dog bit the man.", "It wasn't surprising.",
                           "The man had just bitten him."};
const std::vector<Texts> kReferences = {{"The dog bit the man.", "The dog had bit the man."},
                                        {"It was not unexpected.", "No one was surprised."},
                                        {"The man bit him first.", "The man had bitten the dog."}};

double corpus(const BleuOptions& options) {
  return corpus_bleu(kHypotheses, kReferences, options).score;
}

// Of words as they stand, with a floor of 0.01: sacreBLEU's raw_corpus_bleu.
double raw(const Texts& hypotheses, const Texts& references) {
  std::vector<Texts> each;
  for (const std::string& reference : references) each.push_back({reference});
  return corpus_bleu(hypotheses, each,
                     {.tokenizer = BleuTokenizer::none,
                      .smoothing = BleuSmoothing::floor,
                      .smoothing_value = 0.01,
                      .effective_order = true,
                      .smooth_no_match = true})
             .score /
         100;
}

double sentence(BleuOptions options) {
  options.effective_order = true;
  return corpus_bleu(
             Texts{"Produc\u021Bia de zah\u0103r prim\u0103 va fi exprimat\u0103 \u00EEn ceea ce "
                   "prive\u0219te zah\u0103rul alb;"},
             std::vector<Texts>{{"produc\u0163ia de zah\u0103r brut se exprim\u0103 \u00EEn "
                                 "zah\u0103r alb;"}},
             options)
      .score;
}

TEST_CASE("The corpus score is sacreBLEU's for every tokenizer") {
  const auto close = [](double figure) { return Approx(figure).margin(1e-8).epsilon(0); };
  CHECK(corpus({}) == Approx(48.530827009929865).epsilon(1e-14));
  CHECK(corpus({.tokenizer = BleuTokenizer::none}) == Approx(49.19195660047277).epsilon(1e-14));
  CHECK(corpus({.tokenizer = BleuTokenizer::international}) == close(43.91623493));
  CHECK(corpus({.smoothing = BleuSmoothing::none}) == close(48.53082701));
}

TEST_CASE("Hypotheses without a word are not left out: the score is 0") {
  CHECK(corpus_bleu(Texts{"", "", ""}, kReferences).score == 0);
  CHECK(corpus_bleu(Texts{" ", "\n", ""}, kReferences).brevity_penalty == 0);
}

TEST_CASE("Raw scores with a floor and effective order are sacreBLEU's") {
  const auto close = [](double figure) { return Approx(figure).margin(1e-8).epsilon(0); };
  CHECK(raw({"this is a fest"}, {"this is a test"}) == close(0.223606797749979));
  CHECK(raw({"this is a test"}, {"this is a test"}) == close(1));
  CHECK(raw({"this is a test", "another test"}, {"ref1", "ref2"}) == close(0.003799178428257963));
  CHECK(corpus_bleu(Texts{"this is a test"}, std::vector<Texts>{{"ref"}}).score == 0);
  CHECK(raw({"test"}, {"a test"}) == close(0.3678794411714425));
  CHECK(raw({"a test"}, {"a test"}) == close(1));
  CHECK(raw({"a little test"}, {"a test"}) == close(0.03218297948685433));
}

TEST_CASE("A score is a function of counts and lengths") {
  const BleuStatistics counts{.matches = {9, 7, 5, 3},
                              .ngrams = {10, 8, 6, 4},
                              .hypothesis_words = 11,
                              .reference_words = 11};
  CHECK(bleu_score(counts, {.smoothing = BleuSmoothing::none}).score / 100 ==
        Approx(0.8375922397).margin(1e-8));
  const BleuStatistics no_fours{
      .matches = {6, 5, 4, 0}, .ngrams = {6, 5, 4, 3}, .hypothesis_words = 6, .reference_words = 6};
  CHECK(bleu_score(no_fours, {.smoothing = BleuSmoothing::none}).score == 0);
  CHECK(bleu_score(BleuStatistics{}, {}).score == 0);
  CHECK(bleu_score({.matches = {0, 0, 0, 0},
                    .ngrams = {4, 3, 2, 1},
                    .hypothesis_words = 4,
                    .reference_words = 9'000'000},
                   {})
            .brevity_penalty == 0);
}

TEST_CASE("Of several references the nearest in length counts, and the shorter of two as near") {
  const BleuOptions plain{.tokenizer = BleuTokenizer::none};
  const auto length = [&](const Texts& references) {
    return bleu_statistics("a b c", references, plain).reference_words;
  };
  CHECK(length({"a b c d", "a b"}) == 2);
  CHECK(length({"a b", "a b c d"}) == 2);
  CHECK(length({"a", "a b c d", "a b c d e"}) == 4);
}

TEST_CASE("Smoothings of a sentence in two spellings are sacreBLEU's") {
  const auto close = [](double figure) { return Approx(figure).margin(1e-3).epsilon(0); };
  CHECK(sentence({}) == close(8.493));
  CHECK(sentence({.smoothing = BleuSmoothing::none}) == 0);
  CHECK(sentence({.smoothing = BleuSmoothing::floor}) == close(4.51688));
  CHECK(sentence({.smoothing = BleuSmoothing::floor, .smoothing_value = 0.5}) ==
        Approx(10.10).margin(1e-2));
  CHECK(sentence({.smoothing = BleuSmoothing::add_k}) == close(14.882));
  CHECK(sentence({.smoothing = BleuSmoothing::add_k, .smoothing_value = 2}) == close(21.389));
  CHECK(sentence({.tokenizer = BleuTokenizer::none}) == close(7.347));
  CHECK(sentence({.tokenizer = BleuTokenizer::international}) == close(8.493));
  CHECK(sentence({.tokenizer = BleuTokenizer::character}) == close(40.8759));
  CHECK(sentence({.tokenizer = BleuTokenizer::character, .lowercase = true}) == close(42.0267));
}

TEST_CASE("Words are cut as mteval-v13a and v14 cut them") {
  const auto cut = [](std::string_view text, BleuTokenizer tokenizer) {
    std::string line;
    for (const std::string& word : bleu_words(text, tokenizer, false)) line += word + "|";
    return line;
  };
  using enum BleuTokenizer;
  CHECK(cut("It's 1,000.50 (or so), e.g. x-ray 10-12.", mteval_13a) ==
        "It's|1,000.50|(|or|so|)|,|e|.|g|.|x-ray|10|-|12|.|");
  CHECK(cut("&quot;a&amp;b&quot;<skipped> &lt;c-\nd&gt;", mteval_13a) == "\"|a|&|b|\"|<|cd|>|");
  CHECK(cut("It's 1,000.50 \u00ABso\u00BB; 5\u20AC in 1999.", international) ==
        "It|'|s|1,000.50|\u00AB|so|\u00BB|;|5|\u20AC|in|1999.|");
  CHECK(cut(" \u00E9t\u00E9\u3000! \xFF", character) == "\u00E9|t|\u00E9|!|\uFFFD|");
  CHECK(cut(" It's  so. ", none) == "It's|so.|");
  CHECK(cut("", mteval_13a) == "");
}

TEST_CASE("The signature tells every option that changes a score") {
  CHECK(bleu_signature({}, 1) == "nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp");
  CHECK(bleu_signature({.tokenizer = BleuTokenizer::international,
                        .smoothing = BleuSmoothing::floor,
                        .lowercase = true,
                        .effective_order = true},
                       2) == "nrefs:2|case:lc|eff:yes|tok:intl|smooth:floor[0.10]");
  CHECK(bleu_signature({.smoothing = BleuSmoothing::add_k, .smoothing_value = 2}, 1) ==
        "nrefs:1|case:mixed|eff:no|tok:13a|smooth:add-k[2.00]");
}

}  // namespace
}  // namespace pecia::kernels
