// The corpus and its scorer as a user meets them.

#include <nlohmann/json.hpp>

#include "tests/catch.hpp"
#include "tests/process/spawn.hpp"
#include "tests/process/workshop.hpp"

using namespace pecia::tests;
using Json = nlohmann::json;

namespace {

Json score_of(const std::vector<std::string>& arguments) {
  const Ended ended = run_pecia(arguments);
  INFO(ended.err);
  REQUIRE(ended.code == 0);
  REQUIRE(is_one_line(ended.out));
  return Json::parse(ended.out);
}

}  // namespace

TEST_CASE("a tale of the corpus scores 1, and a changed name is told with its line") {
  const Workshop shop;
  const std::string file = shop.path("tale.md");
  CHECK(run_pecia({"corpus", "-s", "5", "-o", file}).code == 0);
  const Json score = score_of({"score-facts", file, "--json"});
  CHECK(score["fact_score"] == 1.0);
  CHECK(score["unparsed_sentences"] == 0);
  CHECK(score["contradictions"].empty());
  CHECK(score["facts_stated"].get<int>() > 100);
  CHECK(score["by_role"]["hero"]["stated"] == score["by_role"]["hero"]["agreeing"]);

  std::string text = read_file(file);
  const std::size_t name = text.find("Home: ") + 6;
  const std::string home = text.substr(name, text.find('\n', name) - name);
  const std::string other = home == "Ashby" ? "Oakham" : "Ashby";
  text.replace(text.rfind(home), home.size(), other);
  const Json wrong = score_of({"score-facts", shop.write("wrong.md", text), "--json"});
  REQUIRE(wrong["contradictions"].size() == 1);
  CHECK(wrong["contradictions"][0]["said"] == other);
  CHECK(wrong["contradictions"][0]["expected"] == home);
  CHECK(wrong["facts_agreeing"].get<int>() + 1 == score["facts_agreeing"].get<int>());
  const Json both = score_of({"score-facts", file, shop.path("wrong.md"), "--json"});
  CHECK(both["facts_stated"] == 2 * score["facts_stated"].get<int>());
  CHECK(both["contradictions"][0]["file"] == shop.path("wrong.md"));
  const Ended told = run_pecia({"score-facts", shop.path("wrong.md")});
  CHECK(told.out.find(": home is '" + home + "', the text says '" + other + "'") !=
        std::string::npos);
}

TEST_CASE("a slice is scored with the header and the notes of its outline") {
  const Workshop shop;
  const std::string outline = shop.path("outline.md");
  CHECK(run_pecia({"corpus", "--kind", "outline", "-s", "3", "-o", outline}).code == 0);
  const Json text = Json::parse(run_pecia({"corpus", "--kind", "slice", "-s", "3", "--json"}).out);
  const std::string prompt = text["prompt"], completion = text["completion"];
  const std::string heading = prompt.substr(prompt.rfind("\n# ") + 1);
  const std::string slice = shop.write("slice.md", heading + completion + "\n");
  const Json score = score_of({"score-facts", slice, "--outline", outline, "--json"});
  CHECK(score["fact_score"] == 1.0);
  CHECK(score["unparsed_sentences"] == 0);
  CHECK(score["facts_stated"].get<int>() > 15);
}

TEST_CASE("the corpus is printed as text, as JSON lines, as names and as statistics") {
  const Ended two = run_pecia({"corpus", "--count", "2", "--kind", "short"});
  CHECK(two.out.find("\n%%\nHero: ") != std::string::npos);
  const Ended second = run_pecia({"corpus", "--first", "1", "--kind", "short"});
  CHECK(two.out.ends_with("%%\n" + second.out));
  const Ended lines = run_pecia({"corpus", "--count", "3", "--kind", "slice", "--json"});
  CHECK(std::count(lines.out.begin(), lines.out.end(), '\n') == 3);
  const Ended names = run_pecia({"corpus", "--names"});
  CHECK(names.out.find("\nMira\n") != std::string::npos);
  const Json stats = score_of({"corpus", "--stats", "--count", "20", "--json"});
  CHECK(stats["texts"] == 20);
  CHECK(stats["unparsed_rate"] == 0.0);
  CHECK(stats["fact_score"] == 1.0);
  CHECK(run_pecia({"corpus", "--stats", "--count", "20"}).out.find("word_types") !=
        std::string::npos);
}

TEST_CASE("what corpus and score-facts cannot do is one line and exit code 2") {
  const Workshop shop;
  const std::string plain = shop.write("plain.md", "Just text.\n");
  const std::string header = shop.write("header.md", "Hero: Nobody, a weaver\n\n# 1. One\n\nText.");
  const std::string large = shop.write("large.md", std::string(5 << 20, 'a'));
  const std::vector<std::vector<std::string>> wrong = {{"corpus", "--kind", "poem"},
                                                       {"corpus", "--split", "test"},
                                                       {"corpus", "--count", "0"},
                                                       {"corpus", "--names", "--stats"},
                                                       {"corpus", "-o", shop.path("absent/file")},
                                                       {"score-facts"},
                                                       {"score-facts", shop.path("absent.md")},
                                                       {"score-facts", plain},
                                                       {"score-facts", header},
                                                       {"score-facts", large},
                                                       {"score-facts", plain, "--outline", plain}};
  for (const auto& arguments : wrong) {
    const Ended ended = run_pecia(arguments);
    INFO(ended.err);
    CHECK(ended.code == 2);
    CHECK(is_one_line(ended.err));
    CHECK(ended.err.starts_with("pecia: "));
    CHECK(ended.out == "");
  }
  CHECK(run_pecia({"score-facts", header}).err.find("header.md: header line 1: 'Hero'") !=
        std::string::npos);
}
