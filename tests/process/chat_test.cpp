// A conversation through pipes and on a terminal.

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tests/catch.hpp"
#include "tests/process/spawn.hpp"
#include "tests/process/terminal.hpp"
#include "tests/process/workshop.hpp"

using namespace pecia::tests;
using Json = nlohmann::json;

namespace {

constexpr char kChatml[] = "<|im_start|>user<|im_end|>";

std::vector<std::string> with(std::vector<std::string> words,
                              const std::vector<std::string>& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

// `pecia chat` with `input` on its stdin.
Ended chat(const Workshop& shop, const std::string& input, const std::vector<std::string>& flags) {
  const std::string file = shop.write("input.txt", input);
  std::vector<std::string> words = {
      "-c",          "input=\"$1\"; shift; exec \"$0\" chat \"$@\" < \"$input\"",
      PECIA_PROGRAM, file,
      "-m",          shop.path("chat.gguf")};
  return run_program("/bin/sh", with(words, flags));
}

Json answers_of(const Ended& ended) {
  INFO(ended.err);
  REQUIRE(ended.code == 0);
  return Json::parse(ended.out)["answers"];
}

}  // namespace

TEST_CASE("a chat through pipes answers each line, and an empty line stands between the answers") {
  const Workshop shop;
  shop.chat_model(kChatml);
  const std::vector<std::string> flags = {"-n", "12", "--ignore-eos"};
  const Ended ended = chat(shop, "Hello\nAnd then?\n", flags);
  CHECK(ended.code == 0);
  CHECK(ended.err == "");
  const Json answers = answers_of(chat(shop, "Hello\nAnd then?\n", with(flags, {"--json"})));
  REQUIRE(answers.size() == 2);
  const std::string first = chat(shop, "Hello\n", flags).out;
  CHECK(first.size() > 2);
  CHECK(ended.out.starts_with(first + "\n"));
  CHECK(ended.out.ends_with("\n"));
  CHECK(ended.out.size() > first.size() + 2);
  CHECK(answers[0]["ids"].size() == 12);
  CHECK(answers[0]["message"] == "Hello");
}

TEST_CASE("the same flags and messages give the same answers, another seed gives others") {
  const Workshop shop;
  shop.chat_model(kChatml);
  const std::vector<std::string> flags = {"-n", "20", "--ignore-eos"};
  const std::string first = chat(shop, "a\nb\n", with(flags, {"-t", "1"})).out;
  CHECK(chat(shop, "a\nb\n", with(flags, {"-t", "2", "--chunk", "3"})).out == first);
  CHECK(chat(shop, "a\nb\n", with(flags, {"-s", "2"})).out != first);
  CHECK(chat(shop, "a\nb\n", with(flags, {"--system", "Be brief."})).out != first);
}

TEST_CASE("a turn reads only what is new: all whole pages of the turns before serve again") {
  const Workshop shop;
  shop.chat_model(kChatml);
  const Json answers = answers_of(
      chat(shop, "first question\nsecond\nthird\n", {"-n", "50", "--ignore-eos", "--json"}));
  REQUIRE(answers.size() == 3);
  CHECK(answers[0]["reused_tokens"] == 0);
  for (std::size_t turn = 1; turn < 3; ++turn) {
    // Keys and values of the last token that was written do not exist yet.
    const int known = answers[turn - 1]["prompt_tokens"].get<int>() + 49;
    CHECK(answers[turn]["reused_tokens"] == known / 32 * 32);
  }
  const Ended told = chat(shop, "a question\nb\n", {"-n", "50", "--ignore-eos", "--verbose"});
  CHECK(told.err.find("2 answers; of ") != std::string::npos);
  CHECK(told.err.find("were known from the turns before") != std::string::npos);
}

TEST_CASE("a reset conversation begins as the first did, and a system message changes it") {
  const Workshop shop;
  shop.chat_model(kChatml);
  const Json answers = answers_of(chat(shop, "a\n/reset\na\n/system Be brief.\na\n/system\na\n",
                                       {"-n", "20", "--ignore-eos", "--json"}));
  REQUIRE(answers.size() == 4);
  CHECK(answers[1]["ids"] == answers[0]["ids"]);
  CHECK(answers[2]["ids"] != answers[0]["ids"]);
  CHECK(answers[3]["ids"] == answers[0]["ids"]);
}

TEST_CASE("a message may have many lines, and a command that is none is told") {
  const Workshop shop;
  shop.chat_model(kChatml);
  const Ended ended =
      chat(shop, "one\\\ntwo\n\"\"\"\nthree\n\nfour\n\"\"\"\n/fly\n//fly\n/exit\nno\n",
           {"-n", "4", "--ignore-eos", "--json"});
  const Json answers = answers_of(ended);
  REQUIRE(answers.size() == 3);
  CHECK(answers[0]["message"] == "one\ntwo");
  CHECK(answers[1]["message"] == "three\n\nfour");
  CHECK(answers[2]["message"] == "/fly");
  CHECK(is_one_line(ended.err));
  CHECK(ended.err.find("/fly: no such command") != std::string::npos);
}

TEST_CASE("a line of megabytes is refused whole, and none of it is sent") {
  const Workshop shop;
  shop.chat_model(kChatml);
  const std::string line(3'000'000, 'x');
  const Ended ended =
      chat(shop, "one\n" + line + "\ntwo\n" + line, {"-n", "4", "--ignore-eos", "--json"});
  const Json answers = answers_of(ended);
  REQUIRE(answers.size() == 2);
  CHECK(answers[0]["message"] == "one");
  CHECK(answers[1]["message"] == "two");
  const std::string told = "a message of more than 1048576 bytes; send a shorter one\n";
  const std::size_t first = ended.err.find(told);
  REQUIRE(first != std::string::npos);
  CHECK(ended.err.find(told, first + 1) != std::string::npos);
  CHECK(std::count(ended.err.begin(), ended.err.end(), '\n') == 2);
}

TEST_CASE("a full context is one line that says what to do, and the chat goes on") {
  const Workshop shop;
  shop.chat_model(kChatml);
  const Ended ended = chat(shop, "a question\n/reset\nx\n", {"-c", "64", "--ignore-eos"});
  CHECK(ended.code == 0);
  CHECK(ended.err.find("the context of 64 tokens is full") != std::string::npos);
  CHECK(ended.err.find("/reset begins anew, a larger -c holds more") != std::string::npos);
  const Ended second = chat(shop, "a question\nx\n", {"-c", "64", "-n", "30", "--ignore-eos"});
  CHECK(second.code == 0);
  CHECK(is_one_line(second.err));
}

TEST_CASE("a model without a chat template, or with a strange one, is refused in one line") {
  const Workshop shop;
  const Ended built_in = run_pecia({"chat"});
  CHECK(built_in.code == 2);
  CHECK(is_one_line(built_in.err));
  CHECK(built_in.err.find("no chat template, so it holds no conversation") != std::string::npos);
  shop.chat_model("{{ '<|start_of_role|>' + role }}");
  const Ended strange = chat(shop, "a\n", {});
  CHECK(strange.code == 2);
  CHECK(is_one_line(strange.err));
  CHECK(strange.err.find("no known family (chatml") != std::string::npos);
}

TEST_CASE("Ctrl-C stops the answer and not the program, and once more at the prompt ends it") {
  const Workshop shop;
  Terminal terminal(
      {"chat", "-m", shop.chat_model(kChatml), "--ignore-eos", "-c", "30000", "-t", "1"});
  REQUIRE(terminal.sees("> "));
  terminal.type("go on and on\n");
  REQUIRE(terminal.sees("go on and on\r\n"));
  REQUIRE(terminal.sees_more(64));
  terminal.type(kCtrlC);
  REQUIRE(terminal.sees("^C"));
  REQUIRE(terminal.sees("\n> "));
  CHECK(terminal.is_alive());
  terminal.type(kCtrlC);
  CHECK(terminal.wait() == 130);
}

TEST_CASE("one Ctrl-C at the prompt is forgiven, what was typed is dropped, Ctrl-D ends the chat") {
  const Workshop shop;
  Terminal terminal({"chat", "-m", shop.chat_model(kChatml), "-n", "4", "-t", "1"});
  REQUIRE(terminal.sees("/help tells the commands"));
  REQUIRE(terminal.sees("> "));
  terminal.type(kCtrlC);
  REQUIRE(terminal.sees("> "));
  terminal.type("begun\\\n");
  REQUIRE(terminal.sees("... "));
  terminal.type(kCtrlC);
  REQUIRE(terminal.sees("> "));
  terminal.type("/help\n");
  REQUIRE(terminal.sees("forget the conversation"));
  REQUIRE(terminal.sees("> "));
  terminal.type(kCtrlD);
  CHECK(terminal.wait() == 0);
}
