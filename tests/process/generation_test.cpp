// Text that the program generates: exact, repeatable, streamed, stopped.

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "tests/catch.hpp"
#include "tests/process/spawn.hpp"
#include "tests/process/workshop.hpp"

using namespace pecia::kernels;
using namespace pecia::tests;
using Json = nlohmann::json;

namespace {

constexpr char kOutline[] =
    "Write about birds.\n\n# Owls\n- at night\n\n# Larks\n\n## Song\n- loud\n";

std::string without_last_newline(std::string text) {
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

std::vector<std::string> with(std::vector<std::string> words,
                              const std::vector<std::string>& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

}  // namespace

TEST_CASE("write goes on without a chat template that it does not know, and says so") {
  const Workshop shop;
  const std::string outline = shop.write("outline.md", kOutline);
  const auto write = [&](const std::string& model, const std::vector<std::string>& more = {}) {
    return run_pecia(with({"write", "-m", model, "--outline", outline, "-n", "30"}, more));
  };
  const Ended plain = write(shop.tiny_model());
  const Ended unknown = write(shop.chat_model("{{ '<|start_of_role|>' + role }}"));
  CHECK(unknown.code == 0);
  CHECK(is_one_line(unknown.err));
  CHECK(unknown.err.find("no known family (chatml, llama-3, zephyr, mistral, ") !=
        unknown.err.npos);
  CHECK(unknown.out == plain.out);

  const std::string chatml = shop.chat_model("<|im_start|>user<|im_end|>");
  CHECK(write(chatml).err == "");
  CHECK(write(chatml).out != plain.out);
  CHECK(write(chatml, {"--no-chat-template"}).out == plain.out);
}

TEST_CASE("run continues nothing with the 200 most likely tokens of a real model") {
  const std::string model = shared_file("models/stories260K-f32.gguf");
  const std::string expected = shared_file("models/stories260K.greedy200.txt");
  if (model.empty()) PECIA_SKIP("needs shared/models");
  const Ended ended = run_pecia({"run", "-m", model, "-p", "", "-n", "200", "--temp", "0"});
  CHECK(ended.code == 0);
  CHECK(without_last_newline(ended.out) == without_last_newline(read_file(expected)));
}

TEST_CASE("run gives the same bytes for any threads, chunk and instruction set") {
  const Workshop shop;
  const std::vector<std::string> run = {
      "run", "-m", shop.tiny_model(), "-p", "a prompt of some length", "-n", "40"};
  const Ended first = run_pecia(with(run, {"-t", "1"}));
  REQUIRE(first.code == 0);
  CHECK(first.out.size() > 24);
  CHECK(run_pecia(with(run, {"-t", "1"})).out == first.out);
  CHECK(run_pecia(with(run, {"-t", "2"})).out == first.out);
  CHECK(run_pecia(with(run, {"--chunk", "3"})).out == first.out);
  CHECK(run_pecia(run, {.environment = {"PECIA_CPU=portable"}}).out == first.out);
  CHECK(run_pecia(with(run, {"-s", "2"})).out != first.out);
}

TEST_CASE("run prints the prompt before its continuation unless told not to") {
  const Workshop shop;
  const std::vector<std::string> run = {"run", "-m", shop.tiny_model(), "-p", "Say ", "-n", "8"};
  const Ended echoed = run_pecia(run);
  const Ended bare = run_pecia(with(run, {"--no-echo"}));
  CHECK(echoed.out == "Say " + bare.out);
}

TEST_CASE("write takes - for stdout, as other commands take it for stdin") {
  const Workshop shop;
  const std::string outline = shop.write("outline.md", "# One\n");
  const std::vector<std::string> write = {"write", "-m", shop.tiny_model(), "--outline", outline,
                                          "-n",    "8"};
  CHECK(run_pecia(with(write, {"-o", "-"})).out == run_pecia(write).out);
}

TEST_CASE("run ends before a stop string and never shows part of it") {
  const Workshop shop;
  const std::vector<std::string> run = {"run", "-m", shop.tiny_model(), "-p", "",
                                        "-n",  "60", "--json"};
  const Json whole = Json::parse(run_pecia(run).out);
  const std::string text = whole["text"];
  REQUIRE(text.size() > 20);
  const std::string stop = text.substr(10, 3);
  const Json stopped = Json::parse(run_pecia(with(run, {"--stop", stop})).out);
  CHECK(stopped["end"] == "stop_text");
  CHECK(stopped["text"] == text.substr(0, text.find(stop)));
}

TEST_CASE("a random seed is told and repeats the run") {
  const Workshop shop;
  const std::vector<std::string> run = {"run", "-m", shop.tiny_model(), "-p", "", "-n", "30"};
  const Ended drawn = run_pecia(with(run, {"-s", "random"}));
  const std::string told = "pecia: seed ";
  REQUIRE(drawn.err.starts_with(told));
  const std::string seed = without_last_newline(drawn.err.substr(told.size()));
  CHECK(run_pecia(with(run, {"-s", seed})).out == drawn.out);
}

TEST_CASE("write gives one document with and without -o, whatever the threads") {
  const Workshop shop;
  const std::string outline = shop.write("outline.md", kOutline);
  const std::vector<std::string> write = {"write", "-m", shop.tiny_model(), "--outline", outline,
                                          "-n",    "90"};
  const Ended streamed = run_pecia(with(write, {"-t", "1"}));
  REQUIRE(streamed.code == 0);
  const std::string& document = streamed.out;
  CHECK(document.starts_with("Write about birds.\n"));
  CHECK(document.find("# Owls\n") < document.find("# Larks\n"));
  CHECK(document.find("# Larks\n") < document.find("## Song\n"));

  const Ended stored =
      run_pecia(with(write, {"-t", "2", "-o", shop.path("book.md"), "--chunk", "5"}));
  CHECK(stored.code == 0);
  CHECK(stored.out == "");
  CHECK(read_file(shop.path("book.md")) == document);
  CHECK(shop.files() == 3);  // outline, model, book: nothing unfinished stays
}

TEST_CASE("write shares its tokens over the slices, the first ones taking the remainder") {
  const Workshop shop;
  const std::string outline = shop.write("outline.md", kOutline);
  const Ended ended = run_pecia({"write", "-m", shop.tiny_model(), "--outline", outline, "-n", "11",
                                 "--ignore-eos", "--json"});
  const Json report = Json::parse(ended.out);
  CHECK(report["tokens"] == 11);
  CHECK(report["slices"][0]["tokens"] == 4);
  CHECK(report["slices"][1]["tokens"] == 4);
  CHECK(report["slices"][2]["tokens"] == 3);
}

TEST_CASE("a text longer than the model was trained on is written, with a warning") {
  const Workshop shop;  // whose model was trained on 256
  const std::vector<std::string> run = {"run",          "-m", shop.tiny_model(), "-p", "",
                                        "--ignore-eos", "-n"};
  const Ended beyond = run_pecia(with(run, {"300"}));
  CHECK(beyond.code == 0);
  CHECK(is_one_line(beyond.err));
  CHECK(beyond.err.find("trained on 256") != std::string::npos);
  CHECK(run_pecia(with(run, {"200"})).err == "");
}

TEST_CASE("a last newline of a file is no part of the prompt, one of -p is") {
  const Workshop shop;
  const std::string model = shop.tiny_model(), file = shop.write("prompt.txt", "two\nlines\n");
  const std::vector<std::string> ids = {"tokenize", "-m", model, "--ids"};
  const std::string bare = run_pecia(with(ids, {"-p", "two\nlines"})).out;
  CHECK(run_pecia(with(ids, {"-f", file})).out == bare);
  CHECK(run_pecia(with(ids, {"-p", "two\nlines\n"})).out != bare);
}

TEST_CASE("a document goes into a pipe whole and once") {
  const Workshop shop;
  const std::string outline = shop.write("outline.md", "# One\n"), pipe = shop.path("pipe");
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  const std::vector<std::string> write = {"write", "-m", shop.tiny_model(), "--outline", outline,
                                          "-n",    "8"};
  std::string read;
  std::thread reader([&] { read = read_file(pipe); });
  const Ended stored = run_pecia(with(write, {"-o", pipe}));
  ::close(::open(pipe.c_str(), O_WRONLY | O_NONBLOCK));  // a reader that nobody wrote to goes on
  reader.join();
  CHECK(stored.code == 0);
  CHECK(read == run_pecia(write).out);
}

TEST_CASE("Ctrl-C leaves no part of a file and says that there is none") {
  const Workshop shop;
  const std::string model = shop.tiny_model(), outline = shop.write("outline.md", "# One\n");
  const std::vector<std::vector<std::string>> commands = {
      {"write", "-m", model, "--outline", outline, "-n", "100000", "--ignore-eos", "-o"},
      {"synth", "--shape", "llama-3-8b", "--quant", "q8_0", "-o"}};
  for (const auto& command : commands) {
    bool sent = false;
    SpawnOptions options;
    options.tick = [&](int pid) {
      if (!sent && shop.files() == 3) sent = ::kill(pid, SIGINT) == 0;
    };
    const Ended ended = run_pecia(with(command, {shop.path("new")}), options);
    CHECK(ended.code == 130);
    CHECK(shop.files() == 2);
    if (command[0] == "write") CHECK(ended.err.find("nothing was stored") != std::string::npos);
  }
}

TEST_CASE("Ctrl-C ends run at once with 130 and what was written so far") {
  const Workshop shop;
  const std::string model = shop.tiny_model();
  bool sent = false;
  SpawnOptions options;
  options.watch = [&sent](int pid, const std::string& out) {
    if (!sent && out.size() > 100) sent = ::kill(pid, SIGINT) == 0;
  };
  const Ended ended =
      run_pecia({"run", "-m", model, "-p", "", "-n", "1000000", "--ignore-eos"}, options);
  CHECK(ended.code == 130);
  CHECK(ended.out.size() > 100);
}
