// pecia train-tokenizer from outside: what it makes serves the other commands, what it cannot make
// is one line.

#include <nlohmann/json.hpp>

#include "tests/catch.hpp"
#include "tests/process/spawn.hpp"
#include "tests/process/workshop.hpp"

using namespace pecia::tests;
using Json = nlohmann::json;

namespace {

constexpr std::string_view kText =
    "Lily and Tom went to the old mill. \"Lily,\" said Tom, \"the miller has lost a lantern.\"\n"
    "The miller thanked them, and the lantern was found under the mill by Lily's little dog.\n";

void check_refused(const Ended& ended, const std::string& reason) {
  INFO(ended.err);
  CHECK(ended.code == 2);
  CHECK(is_one_line(ended.err));
  CHECK(ended.out == "");
  CHECK(ended.err.find(reason) != std::string::npos);
}

}  // namespace

TEST_CASE("a trained vocabulary is inspected, encodes, decodes and holds its words whole") {
  const Workshop shop;
  const std::string text = shop.write("text.txt", kText), made = shop.path("made.gguf");
  const std::string words = shop.write("words.txt", "Zenobia\r\n\nLily\nZenobia\n");
  const Ended ended = run_pecia(
      {"train-tokenizer", text, "--vocab", "280", "--words", words, "-o", made, "--json"});
  INFO(ended.err);
  REQUIRE(ended.code == 0);
  CHECK(ended.err == "");
  const Json report = Json::parse(ended.out);
  CHECK(report["vocabulary"] == 280);
  CHECK(report["forced_words"] == 2);
  CHECK(report["bytes_read"] == kText.size());
  CHECK(report["bytes_per_token"].get<double>() > 1.5);
  CHECK(report["seconds"].get<double>() >= 0);

  const Json facts = Json::parse(run_pecia({"inspect", "-m", made, "--json"}).out);
  CHECK(facts["metadata"]["tokenizer.ggml.tokens"]["count"] == 280);
  CHECK(facts["metadata"]["general.architecture"] == "llama");
  const Json said = Json::parse(
      run_pecia({"tokenize", "-m", made, "-p", "Zenobia said: \"Lily!\"", "--no-bos", "--json"})
          .out);
  CHECK(said["pieces"].front() == "Zenobia");
  CHECK(said["pieces"][said["pieces"].size() - 2].get<std::string>().find('"') ==
        std::string::npos);
  const std::string ids = run_pecia({"tokenize", "-m", made, "-f", text, "--ids", "--no-bos"}).out;
  CHECK(run_pecia({"tokenize", "-m", made, "--decode", "-p", ids}).out ==
        std::string(kText.substr(0, kText.size() - 1)) + "\n");
}

TEST_CASE("texts in any order, and cut from a pipe, give the same vocabulary byte for byte") {
  const Workshop shop;
  const std::string one = shop.write("one.txt", kText);
  const std::string two = shop.write("two.txt", "The old dog and the old mill.\n");
  std::vector<std::string> files;
  for (const auto& [first, second] : {std::pair{one, two}, std::pair{two, one}}) {
    const std::string made = shop.path("made.gguf");
    REQUIRE(run_pecia({"train-tokenizer", first, second, "--vocab", "290", "-o", made}).code == 0);
    files.push_back(read_file(made));
  }
  CHECK(files[0].size() > 1'000);
  CHECK(files[0] == files[1]);
}

TEST_CASE("a tokenizer that cannot be trained is one line, exit code 2, and no file") {
  const Workshop shop;
  const std::string text = shop.write("text.txt", kText), made = shop.path("made.gguf");
  const auto train = [&](const std::string& from, const std::string& vocabulary,
                         const std::string& words = "") {
    std::vector<std::string> command = {"train-tokenizer", from, "--vocab", vocabulary, "-o", made};
    if (!words.empty()) command.insert(command.end(), {"--words", words});
    return run_pecia(command);
  };
  const std::string broken = shop.write("broken.txt", "fine\nbad \xFF\n");
  check_refused(train(broken, "280"), "broken.txt: line 2 (byte 9) is not valid UTF-8");
  check_refused(train(shop.write("empty.txt", ""), "280"), "empty.txt: no text to train on");
  check_refused(train(shop.path("none.txt"), "280"), "none.txt: cannot open: No such file");
  check_refused(train(shop.path(""), "280"), "Is a directory");
  check_refused(train(text, "257"), "make 258");
  check_refused(train(text, "-1"), "make 258");
  check_refused(train(text, "many"), "many");
  check_refused(train(text, "9000"), "gives a vocabulary of at most");
  check_refused(train(text, "280", shop.path("none")), "none: cannot open");
  check_refused(train(text, "280", shop.write("words", "Lily\nMary-Ann\n")),
                "words: 'Mary-Ann' cannot be one token");
  check_refused(train(text, "262", shop.write("words", "Zenobia\n")), "too small for the forced");
  CHECK(shop.files() == 4);
}

TEST_CASE("a disk that is full leaves the old vocabulary") {
  const Workshop shop;
  const std::string text = shop.write("text.txt", kText), made = shop.write("made.gguf", "old");
  check_refused(
      run_pecia({"train-tokenizer", text, "--vocab", "280", "-o", made}, {.file_bytes_max = 1'000}),
      "made.gguf: cannot write");
  CHECK(read_file(made) == "old");
  CHECK(shop.files() == 2);
  check_refused(run_pecia({"train-tokenizer", text, "--vocab", "280", "-o", "/dev/full"}),
                "No space left");
  check_refused(
      run_pecia({"train-tokenizer", text, "--vocab", "280", "-o", shop.path("no/folder")}),
      "cannot create a file beside it");
}
