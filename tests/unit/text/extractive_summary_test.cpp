#include "kernels/text/extractive_summary.hpp"

#include <algorithm>
#include <set>

#include "kernels/base/philox.hpp"
#include "kernels/text/slice_units.hpp"
#include "kernels/text/unicode.hpp"
#include "tests/catch.hpp"

namespace pecia::kernels {
namespace {

std::size_t bytes_of(std::string_view text) { return text.size(); }

std::string summary(std::string_view text, std::size_t budget) {
  const auto result = extractive_summary(text, budget, bytes_of);
  REQUIRE(result.ok());
  REQUIRE(result->size() <= budget);
  REQUIRE(*result == *extractive_summary(text, budget, bytes_of));
  return *result;
}

std::vector<std::string> sentences_of(std::string_view text) {
  std::vector<std::string> sentences;
  for (const TextSlice& slice : slices_at(unit_ends(text, TextUnit::sentence).value())) {
    sentences.emplace_back(text.substr(slice.begin, slice.end - slice.begin));
  }
  return sentences;
}

// Every sentence of the summary stands in the text, and in the same order.
bool in_order(std::string_view text, const std::vector<std::string>& sentences) {
  std::size_t at = 0;
  for (const std::string& sentence : sentences) {
    const std::string words = sentence.substr(0, sentence.find_last_not_of(" \n") + 1);
    at = text.find(words, at);
    if (at == text.npos) return false;
    at += words.size();
  }
  return true;
}

constexpr std::string_view kLighthouse =
    "The lighthouse of Marn stood on a black rock. Ships feared the rock more than any storm. "
    "My cousin likes cheese. Every night the keeper lit the lamp of the lighthouse. "
    "One winter the lamp went out and three ships struck the rock. It was cold.\n"
    "The keeper built a second lamp beside the first. Since then no ship has struck the rock.";

struct Script {
  const char* name;
  std::string_view text;
  std::string_view aside;  // the sentence that shares no word with the others
};

constexpr Script kScripts[] = {
    {"Latin",
     "The river floods the valley. The people of the valley build a dam on the river. "
     "Cats purr quietly today. The dam holds the river and the valley is safe.",
     "Cats purr quietly today."},
    {"Chinese", "河水淹没了山谷。山谷里的人在河上修建水坝。猫咪今天睡觉。水坝挡住河水，山谷平安。",
     "猫咪今天睡觉。"},
    {"Japanese",
     "川が谷をあふれさせる。谷の人々は川にダムを作る。猫も眠い。ダムは川を止め、谷は守られる。",
     "猫も眠い。"},
    {"Arabic",
     "يغمر النهر الوادي كل عام. يبني أهل الوادي سدا على النهر. القطط نائمة هنا بهدوء. "
     "السد يحمي الوادي من النهر.",
     "القطط نائمة هنا بهدوء."},
    {"Devanagari",
     "नदी घाटी में बाढ़ लाती है। घाटी के लोग नदी पर बाँध बनाते हैं। बिल्लियाँ चुपचाप सोतीं। "
     "बाँध नदी को रोकता है और घाटी बचती है।",
     "बिल्लियाँ चुपचाप सोतीं।"},
};

// No sentence end anywhere: "the river floods the valley every year ...".
constexpr std::string_view kThai =
    "แม่น้ำท่วมหุบเขาทุกปี ชาวบ้านในหุบเขาจึงสร้างเขื่อนกั้นแม่น้ำ "
    "แมวนอนหลับอยู่ในบ้าน เขื่อนช่วยกั้นแม่น้ำและรักษาหุบเขา ";

std::string repeat(std::string_view text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

}  // namespace

TEST_CASE("a text that fits is its own summary, an empty one has an empty summary") {
  CHECK(summary(" One. Two. \n", 9) == "One. Two.");
  CHECK(summary("", 100).empty());
  CHECK(summary(" \n\t ", 0).empty());
  CHECK(summary("One. Two.", 0).empty());
}

TEST_CASE("what a text is about is taken, in its order, and asides are left") {
  const std::string told = summary(kLighthouse, 200);
  CAPTURE(told);
  CHECK(told.starts_with("The lighthouse of Marn stood on a black rock."));
  CHECK(told.find("lamp") != told.npos);
  CHECK(told.find("cheese") == told.npos);
  const auto sentences = sentences_of(told);
  CHECK(sentences.size() >= 3);
  CHECK(in_order(kLighthouse, sentences));
}

TEST_CASE("what was said once is not said again") {
  const std::string text =
      "The rock sank the ship. The rock sank the ship. The rock sank the ship. "
      "A keeper lit his lamp. Gulls nest there in summer.";
  const std::string told = summary(text, 60);
  CHECK(told.find("sank") == told.rfind("sank"));
  CHECK(told.find("keeper") != told.npos);
}

TEST_CASE("the aside is left out in every script, and no character is broken") {
  for (const Script& script : kScripts) {
    CAPTURE(script.name);
    const auto sentences = sentences_of(script.text);
    REQUIRE(sentences.size() == 4);
    const std::size_t budget_of_two = sentences[0].size() + sentences[1].size();
    const std::string told = summary(script.text, budget_of_two);
    CAPTURE(told);
    CHECK(told.find(script.aside) == told.npos);
    CHECK(sentences_of(told).size() == 2);
    for (std::size_t budget = 0; budget < script.text.size(); budget += 7) {
      REQUIRE(is_utf8(summary(script.text, budget)));
    }
  }
}

TEST_CASE("a text without sentence ends is cut behind white space, or between words") {
  for (const bool spaces : {true, false}) {
    std::string text = repeat(kThai, 20);
    if (!spaces) std::erase(text, ' ');
    const std::string told = summary(text, 1'200);
    CAPTURE(told);
    CHECK(told.size() > 300);
    CHECK(is_utf8(told));
  }
  std::string asides, topic;
  for (std::size_t word = 0; word < kSentenceWordsMax; ++word) {
    asides += fmt::format("aside{} ", word);
    topic += word % 2 == 0 ? "rock " : "ship ";
  }
  CHECK(summary(asides + topic + asides, topic.size()) + " " == topic);
  const std::string code = repeat("if (x) { y(); } else { z(1, 2); } ", 100);
  const std::string told = summary(code, 400);
  CHECK(told.size() > 100);
  CHECK(code.find(told.substr(0, 60)) != code.npos);
}

TEST_CASE("where no sentence fits, the heaviest is cut between graphemes") {
  CHECK(summary("Incomprehensibilities", 6) == "Incomp");
  CHECK(summary("e\u0301e\u0301e\u0301", 8) == "e\u0301e\u0301");
  const std::string family = "\U0001F469\u200D\U0001F680";
  CHECK(summary(family + family, family.size() + 3) == family);
  CHECK(summary(std::string(1 << 20, '-'), 5) == "-----");
}

TEST_CASE("sentences stay apart as they were: by a space, a newline, or not at all") {
  CHECK(summary("River, river bank.\nRiver bank boats sail. Zebra.", 45) ==
        "River, river bank.\nRiver bank boats sail.");
  const std::string told = summary(kScripts[1].text, kScripts[1].text.size() - 4);
  CHECK(told.find(' ') == told.npos);
}

TEST_CASE("a cost that is no count of bytes is kept to, even where the whole costs more") {
  const auto words = [](std::string_view text) {
    return words_of(text).value().size() + (text.size() > 80 ? 5 : 0);
  };
  for (std::size_t budget = 0; budget < 70; ++budget) {
    const auto told = extractive_summary(kLighthouse, budget, words);
    REQUIRE(told.ok());
    REQUIRE(words(*told) <= budget);
  }
}

TEST_CASE("any bytes have a summary within its budget, the same every time") {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    std::string soup(philox64(seed, 0, 0) % 400, ' ');
    for (std::size_t i = 0; i < soup.size(); ++i) {
      const std::uint64_t draw = philox64(seed, i, 1);
      soup[i] = draw % 3 == 0 ? static_cast<char>(draw >> 8) : "ab .\n"[draw % 5];
    }
    summary(soup, philox64(seed, 0, 2) % 300);
  }
}

TEST_CASE("a text beyond the limit is refused with both numbers") {
  const std::string text(kSlicedTextBytesMax + 1, 'a');
  const auto refused = extractive_summary(text, 10, bytes_of);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().kind == ErrorKind::refuse);
  CHECK(refused.error().message.find("67108865") != std::string::npos);
}

}  // namespace pecia::kernels
