#include "kernels/text/outline.hpp"

#include "kernels/text/visible_text.hpp"
#include "tests/catch.hpp"

namespace pecia::kernels {
namespace {

std::string headings(std::string_view markdown) {
  const Outline outline = parse_outline(markdown).value();
  std::string list;
  for (const OutlineSection& section : outline.sections)
    list += std::to_string(section.level) + ":" + section.heading + "|";
  return list;
}

std::string refusal(std::string_view markdown, const OutlineLimits& limits = {}) {
  const auto outline = parse_outline(markdown, limits);
  if (outline) return "accepted";
  REQUIRE(outline.error().kind == ErrorKind::refuse);
  return outline.error().message;
}

constexpr std::string_view kBees =
    "\n"
    "A handbook of bees.\n"
    "\n"
    "# The hive\n"
    "\n"
    "Say what a colony is.\n"
    "\n"
    "- queen\n"
    "- drones\n"
    "\n"
    "\n"
    "## Honey\n"
    "# Winter  \n"
    "Cluster, stores.\n\n";

}  // namespace

TEST_CASE("an outline is cut into preamble, headings and their notes") {
  const Outline outline = parse_outline(kBees).value();
  REQUIRE(outline.preamble == "A handbook of bees.");
  REQUIRE(outline.sections.size() == 3);
  REQUIRE(outline.sections[0].heading == "# The hive");
  REQUIRE(outline.sections[0].notes == "Say what a colony is.\n\n- queen\n- drones");
  REQUIRE(outline.sections[1].level == 2);
  REQUIRE(outline.sections[1].heading == "## Honey");
  REQUIRE(outline.sections[1].notes.empty());
  REQUIRE(outline.sections[2].heading == "# Winter");
  REQUIRE(outline.sections[2].notes == "Cluster, stores.");
}

TEST_CASE("a prompt goes on behind the text of the slice before, one blank line between any two") {
  const Outline outline = parse_outline("About.\n# A\nNote.\n# B\n").value();
  const std::string start = "About.\n\n# A\nNote.\n# B\n\n";
  REQUIRE(continued_prompt(outline, 1, "Said.") == start + "# A\n\nSaid.\n\n# B\n\n");
  REQUIRE(continued_prompt(outline, 1, "") == start + "# A\n\n# B\n\n");
}

TEST_CASE("a summary stands between outline and heading, and leaves no trace where it is empty") {
  const Outline outline = parse_outline("About.\n# A\nNote.\n# B\n").value();
  REQUIRE(summary_prompt(outline, 1, "In short.") ==
          "About.\n\n# A\nNote.\n# B\n\nIn short.\n\n# B\n\n");
  REQUIRE(summary_prompt(outline, 1, "") == slice_prompt(outline, 1));
}

TEST_CASE("the prompt of a slice is preamble, outline and heading, byte for byte") {
  const Outline outline = parse_outline(kBees).value();
  REQUIRE(slice_prompt(outline, 1) ==
          "A handbook of bees.\n"
          "\n"
          "# The hive\n"
          "Say what a colony is.\n"
          "\n"
          "- queen\n"
          "- drones\n"
          "## Honey\n"
          "# Winter\n"
          "Cluster, stores.\n"
          "\n"
          "## Honey\n"
          "\n");
  REQUIRE(slice_prompt(parse_outline("# One\n# Two").value(), 0) == "# One\n# Two\n\n# One\n\n");
}

TEST_CASE("the document is preamble, headings and slices with one blank line between any two") {
  const Outline outline = parse_outline(kBees).value();
  REQUIRE(merge(outline, {" A colony lives.\n\n", "\nHoney\n\nkeeps. ", "They cluster."}) ==
          "A handbook of bees.\n"
          "\n"
          "# The hive\n"
          "\n"
          "A colony lives.\n"
          "\n"
          "## Honey\n"
          "\n"
          "Honey\n"
          "\n"
          "keeps.\n"
          "\n"
          "# Winter\n"
          "\n"
          "They cluster.\n");
  REQUIRE(merge(parse_outline("# A").value(), {"a"}) == "# A\n\na\n");
}

TEST_CASE("a document streamed piece by piece is the merged document") {
  const Outline outline = parse_outline(kBees).value();
  const std::vector<std::string> slices = {" A colony lives.\n", "", "Th\xC3\xA9y \n cluster\xC3"};
  std::string streamed = document_start(outline);
  for (std::size_t k = 0; k < slices.size(); ++k) {
    streamed += slice_start(outline, k);
    std::string shown;
    for (std::size_t bytes = 0; bytes <= slices[k].size(); ++bytes) {
      const auto visible = visible_text(std::string_view(slices[k]).substr(0, bytes));
      REQUIRE(visible.starts_with(shown));
      shown = visible;
    }
    streamed += shown + slice_end(outline, k);
  }
  REQUIRE(streamed == merge(outline, slices));
}

TEST_CASE("what CommonMark calls an ATX heading begins a section") {
  REQUIRE(headings("# a\n## b\n### c\n#### d\n##### e\n###### f") ==
          "1:# a|2:## b|3:### c|4:#### d|5:##### e|6:###### f|");
  REQUIRE(headings("   # indented\n#\ttab\n#\n## closed ##") ==
          "1:   # indented|1:#\ttab|1:#|2:## closed ##|");
}

TEST_CASE("what only looks like a heading stays text") {
  REQUIRE(headings("# a\n#hashtag\n####### seven\n    # code\n\t# code\n\\# escaped\n#5 bolt") ==
          "1:# a|");
}

TEST_CASE("a '#' inside a fenced code block is no heading") {
  REQUIRE(headings("# a\n```sh\n# comment\n```\n# b") == "1:# a|1:# b|");
  REQUIRE(headings("# a\n~~~\n# x\n```\n# y\n~~~~\n# b") == "1:# a|1:# b|");
  REQUIRE(headings("# a\n````\n# x\n```\n# y\n````  \n# b") == "1:# a|1:# b|");
  REQUIRE(headings("# a\n```\n# x\n``` no closing\n# y") == "1:# a|");
  REQUIRE(headings("# a\n   ```\n# x\n    ```\n# y\n ```\n# b") == "1:# a|1:# b|");
}

TEST_CASE("what only looks like a fence opens no code block") {
  REQUIRE(headings("# a\n``\n# b\n``` inline ` code\n# c\n    ```\n# d") ==
          "1:# a|1:# b|1:# c|1:# d|");
}

TEST_CASE("line ends and a byte order mark leave no trace") {
  const std::string_view plain = "intro\n\n# a\nnote\nmore\n# b\n";
  const Outline expected = parse_outline(plain).value();
  for (const std::string line_end : {"\r\n", "\r"}) {
    std::string text = "\xEF\xBB\xBF";
    for (const char c : plain) text += c == '\n' ? line_end : std::string(1, c);
    const Outline outline = parse_outline(text).value();
    REQUIRE(outline.preamble == "intro");
    REQUIRE(outline.sections[0].notes == "note\nmore");
    REQUIRE(slice_prompt(outline, 1) == slice_prompt(expected, 1));
  }
}

TEST_CASE("blank lines inside notes and code survive, those around do not") {
  const Outline outline = parse_outline("# a\n\n\n\none\n \n\ntwo\n```\n\n\nx\n```\n\n").value();
  REQUIRE(outline.sections[0].notes == "one\n\n\ntwo\n```\n\n\nx\n```");
}

TEST_CASE("an outline without a heading is refused with the line where it ends") {
  REQUIRE(refusal("just\ntext\n") ==
          "outline line 2: ends without a heading; sections begin with '# Title'");
  REQUIRE(refusal("").starts_with("outline line 1: is empty; sections begin"));
  REQUIRE(refusal("```\n# code\n").starts_with("outline line 2: ends without a heading"));
}

TEST_CASE("invalid UTF-8 is refused with its line, wherever it stands") {
  for (const std::string bad : {"\xFF", "\xC3", "\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80"}) {
    REQUIRE(refusal("# a\r\n\r\nx" + bad) == "outline line 3: not valid UTF-8");
    REQUIRE(refusal("# a\n# " + bad + "\nc") == "outline line 2: not valid UTF-8");
  }
  REQUIRE(headings("# \xF0\x9F\x90\x9D \xE8\x9C\x82") == "1:# \xF0\x9F\x90\x9D \xE8\x9C\x82|");
}

TEST_CASE("a NUL byte is refused: the file is no text") {
  REQUIRE(refusal(std::string_view("# a\nb\0c", 7)) ==
          "outline line 2: a NUL byte; this is not a text file");
}

TEST_CASE("an outline beyond a limit is refused with the line that passes it") {
  const OutlineLimits limits{.bytes_max = 10, .sections_max = 2};
  REQUIRE(refusal("# a\n# b\n", limits) == "accepted");
  REQUIRE(refusal("#\n#\n\n#\n", limits) == "outline line 4: more than 2 headings");
  REQUIRE(refusal("# a\n# b\n123", limits) ==
          "outline line 3: passes the limit of 10 bytes; it has 11");
}

}  // namespace pecia::kernels
