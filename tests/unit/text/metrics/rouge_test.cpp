// The published figures are of google-research's rouge_scorer_test.py.

#include "kernels/text/metrics/rouge.hpp"

#include "kernels/base/philox.hpp"
#include "kernels/text/metrics/lcs.hpp"
#include "tests/catch.hpp"

namespace pecia::kernels {
namespace {

constexpr std::string_view kReference = "testing one two";

void check_score(const RougeScore& score, double precision, double recall, double f) {
  CHECK(score.precision == Approx(precision).epsilon(1e-12));
  CHECK(score.recall == Approx(recall).epsilon(1e-12));
  CHECK(score.f == Approx(f).epsilon(1e-12));
}

using Numbers = std::vector<std::uint32_t>;

// The table of lengths as the books have it, and the way back through it.
std::vector<std::size_t> places_by_table(const Numbers& a, const Numbers& b) {
  std::vector<std::vector<std::size_t>> table(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      table[i][j] = a[i - 1] == b[j - 1] ? table[i - 1][j - 1] + 1
                                         : std::max(table[i - 1][j], table[i][j - 1]);
    }
  }
  std::vector<std::size_t> places;
  for (std::size_t i = a.size(), j = b.size(); i > 0 && j > 0;) {
    if (a[i - 1] == b[j - 1]) {
      places.insert(places.begin(), --i);
      --j;
    } else if (table[i][j - 1] > table[i - 1][j]) {
      --j;
    } else {
      --i;
    }
  }
  return places;
}

Numbers random_numbers(std::uint64_t key, std::size_t count, unsigned kinds) {
  Numbers numbers;
  for (std::size_t i = 0; i < count; ++i) {
    numbers.push_back(static_cast<std::uint32_t>(philox64(key, i, 0) % kinds));
  }
  return numbers;
}

// Words w0, w1, .. behind a letter.
std::string many_words(char letter, int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text.append({letter}).append(std::to_string(i)).append(" ");
  return text;
}

TEST_CASE("ROUGE-1, ROUGE-2 and ROUGE-L are those of ROUGE-1.5.5") {
  check_score(rouge_n(kReference, "testing", 1), 1, 1. / 3, 1. / 2);
  check_score(rouge_n(kReference, "testing one", 2), 1, 1. / 2, 2. / 3);
  check_score(rouge_l(kReference, "testing one", false), 1, 2. / 3, 4. / 5);
  check_score(rouge_l(kReference, "testing two", false), 1, 2. / 3, 4. / 5);
  check_score(rouge_n("a a a b", "a a c", 1), 2. / 3, 1. / 2, 4. / 7);
}

TEST_CASE("ROUGE-Lsum joins the subsequences of all lines, ROUGE-L reads over line ends") {
  const std::string_view reference = "w1 w2 w3 w4 w5",
                         hypothesis = "w1 w2 w6 w7 w8\nw1 w3 w8 w9 w5";
  check_score(rouge_l_sum(reference, hypothesis), 0.4, 0.8, 8. / 15);
  check_score(rouge_l(reference, hypothesis), 0.4, 0.8, 8. / 15);
  check_score(rouge_l("a b\nc d", "c d\na b"), 0.5, 0.5, 0.5);
  check_score(rouge_l_sum("a b\nc d", "c d\na b"), 1, 1, 1);
  check_score(rouge_l_sum("a\na", "a"), 1, 0.5, 2. / 3);  // a word counts once only
}

TEST_CASE("Without words in one of the texts every score is 0") {
  for (const auto& [reference, hypothesis] :
       {std::pair{"testing one two", ""}, {"", "w1"}, {"w1 w2", "/"}, {"", ""}, {"\n\n", "\n"}}) {
    check_score(rouge_n(reference, hypothesis, 1), 0, 0, 0);
    check_score(rouge_n(reference, hypothesis, 2), 0, 0, 0);
    check_score(rouge_l(reference, hypothesis), 0, 0, 0);
    check_score(rouge_l_sum(reference, hypothesis), 0, 0, 0);
  }
}

TEST_CASE("ROUGE words are lower-case letters and digits, stemmed from four letters on") {
  const std::vector<std::string> plain = {"the", "cats", "3", "5", "na", "ve", "running", "was"};
  CHECK(rouge_words("The CATS' 3.5 na\u00EFve-running, was", false) == plain);
  const std::vector<std::string> stems = {"the", "cat", "run", "was"};
  CHECK(rouge_words("the cats running was", true) == stems);
  check_score(rouge_l("cats running", "cat runs", true), 1, 1, 1);
}

TEST_CASE("The longest common subsequence is the one read out of the whole table") {
  const Numbers a = {1, 2, 3, 4, 5};
  CHECK(lcs_length(a, Numbers{2, 5, 3, 4}) == 3);
  CHECK(lcs_places(a, Numbers{2, 5, 3, 4}) == std::vector<std::size_t>{1, 2, 3});
  CHECK(lcs_places(a, Numbers{8, 9}).empty());
  CHECK(lcs_places(a, {}).empty());
  for (std::uint64_t key = 0; key < 60; ++key) {
    const unsigned kinds = 1 + static_cast<unsigned>(key % 9);
    const Numbers left = random_numbers(2 * key, key * 5 % 211, kinds);
    const Numbers right = random_numbers(2 * key + 1, key * 7 % 197, kinds);
    const std::vector<std::size_t> places = places_by_table(left, right);
    CHECK(lcs_places(left, right) == places);
    CHECK(lcs_length(left, right) == places.size());
  }
}

// A table of them would have 10^9 entries.
TEST_CASE("Two texts of 32,000 words without a common one, and with all in common, are no burden") {
  const std::string one = many_words('r', 32'000), other = many_words('h', 32'000);
  check_score(rouge_l(one, other), 0, 0, 0);
  check_score(rouge_l(one, one), 1, 1, 1);
  check_score(rouge_n(one, other, 2), 0, 0, 0);
}

}  // namespace
}  // namespace pecia::kernels
