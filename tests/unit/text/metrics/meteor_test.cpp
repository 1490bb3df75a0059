// The published figures are of NLTK's test_meteor.py and of Porter's paper.

#include "kernels/text/metrics/meteor.hpp"

#include <vector>

#include "kernels/text/metrics/characters.hpp"
#include "kernels/text/metrics/porter.hpp"
#include "kernels/text/metrics/repetition.hpp"
#include "tests/catch.hpp"

namespace pecia::kernels {
namespace {

double score(std::string_view reference, std::string_view hypothesis) {
  return meteor(split_words(reference), split_words(hypothesis));
}

std::string stems(std::string_view words) {
  std::string line;
  for (const std::string& word : split_words(words)) {
    line.append(line.empty() ? "" : " ").append(porter_stem(word));
  }
  return line;
}

TEST_CASE("METEOR is NLTK's where synonyms add nothing") {
  CHECK(score("this is a test", "THIS Is a tEST") == 0.9921875);
  const double guide = score(
      "It is a guide to action that ensures that the military will forever heed Party commands",
      "It is a guide to action which ensures that the military always obeys the commands of "
      "the party");
  CHECK(guide == Approx(0.6944).margin(5e-5));
  CHECK(score("this is a cat", "x y z") == 0);
  CHECK(score("", "a") == 0);
  CHECK(score("a", "") == 0);
}

TEST_CASE("Words of one stem match where they are not equal") {
  CHECK(score("the cat walks", "the cats walked") == Approx(1 - 0.5 / 27));
  CHECK(score("the \u00C9T\u00C9", "the \u00E9t\u00E9") == Approx(1 - 0.5 / 8));
}

TEST_CASE("Of equal words the last free one is taken, so order costs chunks") {
  CHECK(score("a b a", "a b") == Approx(10 * (2. / 3) / (9 + 2. / 3) * (1 - 0.5)));
  CHECK(score("a b c d", "c d a b") == Approx(1 - 0.5 / 8));
}

// NLTK once scanned one text for each word of the other (CVE-2026-12929).
TEST_CASE("Two texts of 32,000 words without a common one take no more than their length") {
  std::vector<std::string> reference, hypothesis;
  for (int i = 0; i < 32'000; ++i) {
    reference.push_back("r" + std::to_string(i));
    hypothesis.push_back("h" + std::to_string(i));
  }
  CHECK(meteor(reference, hypothesis) == 0);
  CHECK(meteor(reference, reference) == Approx(1));
}

TEST_CASE("Stems of the words in Porter's paper") {
  CHECK(stems("caresses ponies caress cats feed agreed plastered bled motoring sing") ==
        "caress poni caress cat feed agre plaster bled motor sing");
  CHECK(stems("conflated troubled sized hopping tanned falling hissing fizzed failing filing") ==
        "conflat troubl size hop tan fall hiss fizz fail file");
  CHECK(stems("happy sky relational conditional rational digitizer radically differently") ==
        "happi sky relat condit ration digit radic differ");
  CHECK(stems("vietnamization predication operator feudalism decisiveness hopefulness") ==
        "vietnam predic oper feudal decis hope");
  CHECK(stems("callousness formality sensitivity sensibility triplicate formative formalize") ==
        "callous formal sensit sensibl triplic form formal");
  CHECK(stems("electricity electrical hopeful goodness revival allowance inference airliner") ==
        "electr electr hope good reviv allow infer airlin");
  CHECK(stems("gyroscopic adjustable defensible irritant replacement adjustment dependent") ==
        "gyroscop adjust defens irrit replac adjust depend");
  CHECK(stems("adoption communism activate angularity homologous effective bowdlerize") ==
        "adopt commun activ angular homolog effect bowdler");
  CHECK(stems("probate rate cease controlling rolling") == "probat rate ceas control roll");
}

TEST_CASE("Stems differ from the paper's where NLTK's do") {
  CHECK(stems("flies dies mules denied died owned humbled meeting stating siezing itemization") ==
        "fli die mule deni die own humbl meet state siez item");
  CHECK(stems("sensational traditional reference colonizer plotted") ==
        "sensat tradit refer colon plot");
  CHECK(stems("skies dying innings news enjoy spy geology carefully is as y yyyy oed ice use") ==
        "sky die inning news enjoy spi geolog care is as y yyyi o ice use");
}

TEST_CASE("The rate of repeated 8-grams counts every one that stood there before") {
  CHECK(duplicate_ngram_rate("") == 0);
  CHECK(duplicate_ngram_rate("one two three four five six seven") == 0);
  CHECK(duplicate_ngram_rate("one two three four five six seven eight nine") == 0);
  std::string twice = "one two three four five six seven eight nine\n";
  twice += twice;
  CHECK(duplicate_ngram_rate(twice) == Approx(2. / 11));  // 18 words: 11 places, 9 different
  std::string same;
  for (int i = 0; i < 1'007; ++i) same += "la ";
  CHECK(duplicate_ngram_rate(same) == Approx(0.999));
  CHECK(duplicate_ngram_rate("a b a b a", 2) == Approx(0.5));
  CHECK(duplicate_ngram_rate("a b A b", 1) == Approx(0.25));
}

}  // namespace
}  // namespace pecia::kernels
