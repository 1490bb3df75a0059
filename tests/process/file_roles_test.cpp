// Files that would be read and overwritten by the same command.

#include "apps/pecia/file_roles.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "tests/catch.hpp"
#include "tests/process/spawn.hpp"
#include "tests/process/workshop.hpp"

using namespace pecia::tests;

namespace {

// The command ends with one line and leaves `file` as it is.
std::string refusal(const std::vector<std::string>& command, const std::string& file) {
  const std::string before = read_file(file);
  const Ended ended = run_pecia(command);
  INFO(ended.err);
  CHECK(ended.code == 2);
  CHECK(is_one_line(ended.err));
  CHECK(read_file(file) == before);
  return ended.err;
}

}  // namespace

TEST_CASE("a model is never converted into itself, by whatever name") {
  const Workshop shop;
  const std::string model = shop.tiny_model();
  CHECK(refusal({"convert", model, model, "--to", "q8_0"}, model).find("would be overwritten") !=
        std::string::npos);
  const std::string link = shop.path("link.gguf");
  REQUIRE(::symlink(model.c_str(), link.c_str()) == 0);
  refusal({"convert", model, link, "--to", "q8_0"}, model);
  refusal({"convert", link, shop.path("./tiny.gguf"), "--to", "q8_0"}, model);
}

TEST_CASE("no file of a folder and no part of a split model is converted into") {
  const Workshop shop;
  const std::string model = shop.tiny_model();
  std::filesystem::create_directory(shop.path("hf"));
  const std::string weights = shop.write("hf/model.safetensors", "x");
  const std::string config = shop.write("hf/config.json", "{}");
  for (const std::string& file : {weights, config}) {
    CHECK(refusal({"convert", shop.path("hf"), file, "--to", "q8_0"}, file)
              .find("is a file of the input as well") != std::string::npos);
  }
  const std::string first = shop.path("m-00001-of-00002.gguf");
  const std::string second = shop.path("m-00002-of-00002.gguf");
  std::filesystem::copy(model, first);
  std::filesystem::copy(model, second);
  CHECK(refusal({"convert", first, second, "--to", "q8_0"}, second)
            .find("is a part of the input as well") != std::string::npos);
}

TEST_CASE("write replaces neither its outline nor its model") {
  const Workshop shop;
  const std::string model = shop.tiny_model();
  const std::string outline = shop.write("outline.md", "# One\n");
  const std::vector<std::string> write = {"write", "-m", model, "--outline", outline, "-n", "4"};
  std::vector<std::string> onto_outline = write, onto_model = write;
  onto_outline.insert(onto_outline.end(), {"-o", outline});
  onto_model.insert(onto_model.end(), {"-o", model});
  CHECK(refusal(onto_outline, outline).find("is --outline as well") != std::string::npos);
  CHECK(refusal(onto_model, model).find("is -m as well") != std::string::npos);
}

TEST_CASE("train and train-tokenizer replace no text and none of their own files") {
  const Workshop shop;
  const std::string model = shop.tiny_model();
  const std::string text = shop.write("text.txt", "one\n%%\ntwo\n");
  const std::vector<std::string> train = {"train",      "--tokenizer", model,  "-f", text,
                                          "--held-out", "0",           "-c",   "64", "--layers",
                                          "1",          "--stage",     "8:1:1"};
  const auto with = [&](const std::vector<std::string>& more) {
    std::vector<std::string> command = train;
    command.insert(command.end(), more.begin(), more.end());
    return command;
  };
  refusal(with({"-o", text}), text);
  const std::string out = shop.path("m.gguf");
  CHECK(refusal(with({"-o", out, "--checkpoint", out}), text).find("is -o as well") !=
        std::string::npos);
  CHECK(refusal(with({"-o", shop.path("no/such/m.gguf")}), text).find("no/such/m.gguf") !=
        std::string::npos);
  CHECK(refusal(with({"-o", out, "--log", "/dev/full"}), text).find("is no regular file") !=
        std::string::npos);
  refusal({"train-tokenizer", text, "--vocab", "260", "-o", text}, text);
}

TEST_CASE("a file that nobody may write is not replaced") {
  const Workshop shop;
  const std::string model = shop.tiny_model();
  const std::string kept = shop.write("kept.gguf", "kept");
  REQUIRE(::chmod(kept.c_str(), 0444) == 0);
  CHECK(refusal({"convert", model, kept, "--to", "q8_0"}, kept).find("is read-only") !=
        std::string::npos);
}

TEST_CASE("flags that hold nothing or no number are refused") {
  const Workshop shop;
  const std::string outline = shop.write("outline.md", "# One\n");
  CHECK(refusal({"write", "--outline", outline, "-o", ""}, outline).find("name is empty") !=
        std::string::npos);
  CHECK(refusal({"run", "-m", "", "-p", "x"}, outline).find("name is empty") != std::string::npos);
  for (const char* flag : {"--lr", "--rope-base", "--clip", "--init"}) {
    refusal({"train", "--tokenizer", outline, "-o", shop.path("m.gguf"), "--stage", "8:1:1", flag,
             "nan"},
            outline);
  }
}

TEST_CASE("a stderr that is closed or full costs no document") {
  const Workshop shop;
  const std::string model = shop.tiny_model();
  const std::string outline = shop.write("outline.md", "# One\n");
  const std::string document = shop.path("one.md");
  const std::string write = PECIA_PROGRAM " write --verbose -m " + model + " --outline " + outline;
  for (const char* nowhere : {" 2>/dev/full", " 2>&-"}) {
    const Ended ended = run_program("/bin/sh", {"-c", write + " -n 4 -o " + document + nowhere});
    CHECK(ended.code == 0);
    CHECK(read_file(document).starts_with("# One\n"));
  }
  CHECK(run_program("/bin/sh", {"-c", write + " -n x 2>/dev/full"}).code == 2);
}
