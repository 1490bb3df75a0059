// `pecia train` as a user meets it: a model that the other commands read, kills that change no bit,
// and one line for whatever is wrong.

#include <algorithm>
#include <csignal>
#include <nlohmann/json.hpp>

#include "tests/catch.hpp"
#include "tests/process/spawn.hpp"
#include "tests/process/workshop.hpp"

using namespace pecia::tests;
using Json = nlohmann::json;

namespace {

std::string story_text() {
  std::string text;
  for (int i = 0; i < 40; ++i) {
    text += "The cat number " + std::to_string(i % 7) + " sat on the mat and said good day.\n";
    text += "Then it went home.\n%%\n";
  }
  return text;
}

struct Training {
  const Workshop& shop;
  std::string tokenizer = shop.tiny_model();
  std::string text = shop.write("stories.txt", story_text());

  // 30 steps of a model of one layer.
  std::vector<std::string> command(const std::string& output) const {
    return {"train",
            "--tokenizer",
            tokenizer,
            "-f",
            text,
            "-o",
            shop.path(output),
            "--name",
            "cats",
            "--layers",
            "1",
            "--width",
            "32",
            "--heads",
            "1",
            "--kv-heads",
            "1",
            "--ffn-width",
            "32",
            "-c",
            "64",
            "--stage",
            "32:10:8:repeats",
            "--stage",
            "64:20:8",
            "--eval-every",
            "10",
            "--save-every",
            "4",
            "--held-out",
            "16",
            "--lr",
            "0.01"};
  }
};

// The command with another value of one flag.
std::vector<std::string> changed(std::vector<std::string> command, const std::string& flag,
                                 const std::string& value) {
  *(std::find(command.begin(), command.end(), flag) + 1) = value;
  return command;
}

std::vector<std::string> with(std::vector<std::string> command,
                              const std::vector<std::string>& more) {
  command.insert(command.end(), more.begin(), more.end());
  return command;
}

std::string refusal(const std::vector<std::string>& command) {
  const Ended ended = run_pecia(command);
  INFO(ended.err);
  CHECK(ended.code == 2);
  CHECK(is_one_line(ended.err));
  return ended.err;
}

}  // namespace

TEST_CASE("train writes a model that other commands read, and reports as one object") {
  const Workshop shop;
  const Training training{shop};
  const Ended ended = run_pecia(with(training.command("m.gguf"), {"--json"}));
  INFO(ended.err);
  REQUIRE(ended.code == 0);
  const Json report = Json::parse(ended.out);
  CHECK(report["steps"] == 30);
  CHECK(report["loss"].get<double>() < 5.0);
  CHECK(report["held_out_loss"].get<double>() < 5.0);
  CHECK(report["tokens_s"].get<double>() > 0);
  CHECK(report["gflop_s"].get<double>() > 0);
  const Ended scored = run_pecia(
      {"perplexity", "-m", shop.path("m.gguf"), "-p", "The cat sat on the mat.", "--json"});
  INFO(scored.err);
  CHECK(scored.code == 0);
  const std::string log = read_file(shop.path("m.gguf.log.jsonl"));
  CHECK(std::count(log.begin(), log.end(), '\n') == 30);
}

TEST_CASE("train learns chronicles without any file but a tokenizer") {
  const Workshop shop;
  std::vector<std::string> command = changed(Training{shop}.command("m.gguf"), "-c", "2048");
  const auto file = std::find(command.begin(), command.end(), "-f");
  command.erase(file, file + 2);
  std::replace(command.begin(), command.end(), std::string("64:20:8"),
               std::string("2048:2:2:short"));
  const Ended ended = run_pecia(with(changed(command, "--held-out", "3"), {"--json"}));
  INFO(ended.err);
  REQUIRE(ended.code == 0);
  const Json report = Json::parse(ended.out);
  CHECK(report["steps"] == 12);
  CHECK(report["held_out_loss"].get<double>() > 0);
}

TEST_CASE("training goes on from the weights of an earlier model, and from no others") {
  const Workshop shop;
  const Training training{shop};
  REQUIRE(run_pecia(training.command("first.gguf")).code == 0);
  const std::vector<std::string> more =
      with(training.command("second.gguf"), {"--from", shop.path("first.gguf"), "--json"});
  const Ended ended = run_pecia(more);
  INFO(ended.err);
  REQUIRE(ended.code == 0);
  const auto first_loss = [&](const std::string& name) {
    const std::string log = read_file(shop.path(name + ".log.jsonl"));
    return Json::parse(log.substr(0, log.find('\n')))["loss"].get<double>();
  };
  CHECK(first_loss("second.gguf") != first_loss("first.gguf"));
  CHECK(refusal(changed(more, "--ffn-width", "64")).find("the run wants 64 of 32") !=
        std::string::npos);
  REQUIRE(
      run_pecia({"convert", shop.path("first.gguf"), shop.path("q.gguf"), "--to", "q8_0"}).code ==
      0);
  CHECK(refusal(changed(more, "--from", shop.path("q.gguf"))).find("training starts from F32") !=
        std::string::npos);
  CHECK(refusal(changed(more, "-o", shop.path("first.gguf"))).find("--from") != std::string::npos);
}

TEST_CASE("a training that is killed and started again gives the same model and log") {
  const Workshop shop;
  const Training training{shop};
  REQUIRE(run_pecia(training.command("whole.gguf")).code == 0);
  for (const int signal : {SIGINT, SIGKILL}) {
    const std::string name = "again" + std::to_string(signal) + ".gguf";
    SpawnOptions options;
    bool sent = false;
    options.watch = [&](int pid, const std::string& out) {
      if (!sent && out.find("step 10:") != std::string::npos) sent = ::kill(pid, signal) == 0;
    };
    const Ended stopped = run_pecia(with(training.command(name), {"-t", "1"}), options);
    INFO(stopped.err);
    REQUIRE(sent);
    CHECK((stopped.code == 128 + signal || stopped.code == 0));  // 0: it was done before the signal
    REQUIRE(run_pecia(training.command(name)).code == 0);
    CHECK(read_file(shop.path(name)) == read_file(shop.path("whole.gguf")));
    CHECK(read_file(shop.path(name + ".log.jsonl")) ==
          read_file(shop.path("whole.gguf.log.jsonl")));
  }
}

TEST_CASE("what cannot be trained on is one line and exit code 2") {
  const Workshop shop;
  const Training training{shop};
  const std::vector<std::string> command = training.command("m.gguf");
  const auto replaced = [&](const std::string& text) { return changed(command, "-f", text); };
  CHECK(refusal(replaced(shop.write("bad.txt",
                                    "good\n%%\nb\xFF"
                                    "d\n")))
            .find("bad.txt: byte 9 begins no UTF-8 character") != std::string::npos);
  CHECK(refusal(replaced(shop.write("empty.txt", ""))).find("empty.txt: no document in it") !=
        std::string::npos);
  CHECK(refusal(replaced(shop.write("one.txt", "a single document\n")))
            .find("1 documents, and --held-out 16 leaves none to train on") != std::string::npos);
  CHECK(refusal(replaced(shop.path("absent.txt"))).find("absent.txt: cannot open") !=
        std::string::npos);
  CHECK(refusal(with(command, {"--stage", "64:20"})).find("--stage '64:20': expected") !=
        std::string::npos);
  CHECK(refusal(with(command, {"--stage", "65:20:1"})).find("longer than the context of 64") !=
        std::string::npos);
  CHECK(refusal(with(command, {"--stage", "64:20:1:songs"})).find("short, slice, whole, tales") !=
        std::string::npos);
  CHECK(refusal({"train", "--tokenizer", training.tokenizer, "-o", shop.path("m.gguf"), "--stage",
                 "64:20:1"})
            .find("text needs a file of it (-f FILE)") != std::string::npos);
  CHECK(refusal(changed(command, "--width", "40")).find("multiple") != std::string::npos);
  CHECK(shop.files() == 5);  // nothing but what stood there before
}

TEST_CASE("a checkpoint of another run and a full disk are told, the old files stay") {
  const Workshop shop;
  const Training training{shop};
  const std::vector<std::string> command = training.command("m.gguf");
  REQUIRE(run_pecia(command).code == 0);
  const std::string checkpoint = read_file(shop.path("m.gguf.checkpoint"));
  const std::string log = read_file(shop.path("m.gguf.log.jsonl"));
  CHECK(refusal(changed(command, "--layers", "2")).find("a checkpoint of another model") !=
        std::string::npos);
  for (const auto& other :
       {changed(command, "--lr", "0.02"),
        changed(command, "-f", shop.write("more.txt", story_text() + "One more.\n")),
        changed(command, "--stage", "32:9:8:repeats"), with(command, {"-s", "2"}),
        with(command, {"--stage", "64:5:8"}), changed(command, "--held-out", "15")}) {
    CHECK(refusal(other).find("m.gguf.checkpoint: a checkpoint of a run with other flags, data or "
                              "seed; remove it or name another (--checkpoint) to start anew") !=
          std::string::npos);
  }
  CHECK(read_file(shop.path("m.gguf.checkpoint")) == checkpoint);
  CHECK(read_file(shop.path("m.gguf.log.jsonl")) == log);
  SpawnOptions full;
  full.file_bytes_max = 20'000;
  const Ended ended = run_pecia(command, full);
  INFO(ended.err);
  CHECK(ended.code == 2);
  CHECK(ended.err.find("m.gguf.checkpoint: cannot write: File too large") != std::string::npos);
  CHECK(read_file(shop.path("m.gguf.checkpoint")) == checkpoint);
}
