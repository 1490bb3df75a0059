// Foreign bytes and full disks: one line, exit code 2, nothing lost.

#include <sys/stat.h>
#include <unistd.h>

#include <cmath>
#include <cstring>

#include "tests/catch.hpp"
#include "tests/process/spawn.hpp"
#include "tests/process/workshop.hpp"
#include "tests/unit/text/tokenizer_gguf.hpp"

using namespace pecia::tests;

namespace {

// One line that names the file, then place and reason.
void check_refused(const Ended& ended, const std::string& file, const std::string& reason) {
  INFO(ended.err);
  CHECK(ended.code == 2);
  CHECK(is_one_line(ended.err));
  CHECK(ended.err.starts_with("pecia: "));
  const std::size_t named = ended.err.find(file);
  REQUIRE(named != std::string::npos);
  CHECK(ended.err.find(reason, named) != std::string::npos);
}

void check_unusable(const std::string& model, const std::string& reason) {
  const Ended ended = run_pecia({"run", "-m", model, "-p", "a", "-n", "1"});
  check_refused(ended, model, reason);
  CHECK(ended.out == "");
}

// The file with `bytes` laid over it behind the first `anchor`, `offset` bytes further.
std::string patched(std::string file, std::string_view anchor, std::size_t offset,
                    std::string_view bytes) {
  const std::size_t at = file.find(anchor);
  REQUIRE(at != std::string::npos);
  return file.replace(at + anchor.size() + offset, bytes.size(), bytes);
}

template <class Number>
std::string raw(Number number) {
  std::string bytes(sizeof number, '\0');
  std::memcpy(bytes.data(), &number, sizeof number);
  return bytes;
}

}  // namespace

TEST_CASE("a model cut off in its header, metadata, tensor list or weights is refused") {
  const Workshop shop;
  const std::string whole = read_file(shop.tiny_model());
  const std::size_t list = whole.find("blk.0.attn_q.weight");
  const std::vector<std::pair<std::size_t, const char*>> cuts = {
      {0, "magic number at byte 0"},
      {7, "version at byte 4"},
      {15, "tensor count at byte 8"},
      {23, "metadata count at byte 16"},
      {30, "tensor count"},
      {list / 2, "metadata 'tokenizer.ggml.tokens'"},
      {list + 5, "tensor name at byte"},
      {whole.size() / 2, "reach beyond"},
      {whole.size() - 1, "reach beyond"}};
  for (const auto& [bytes, reason] : cuts) {
    check_unusable(shop.write("cut.gguf", whole.substr(0, bytes)), reason);
  }
}

TEST_CASE("a model whose counts, offsets, types or shapes are wrong is refused") {
  const Workshop shop;
  const std::string whole = read_file(shop.tiny_model());
  const std::string huge = raw(std::uint64_t{1} << 60);
  const std::string tensor = "blk.0.attn_q.weight";  // then u32 dimensions, u64 each, type, offset
  const std::string layers = "llama.block_count";    // then u32 type, u32 value
  const auto broken = [&](std::string_view anchor, std::size_t offset, const std::string& bytes,
                          const char* reason) {
    check_unusable(shop.write("broken.gguf", patched(whole, anchor, offset, bytes)), reason);
  };
  broken("GGUF", 4, huge, "tensor count");
  broken("GGUF", 12, huge, "metadata count");
  broken("GGUF", 0, raw(std::uint32_t{99}), "GGUF version 99");
  broken("tokenizer.ggml.tokens", 8, huge, "metadata 'tokenizer.ggml.tokens'");
  broken(layers, 0, raw(std::uint32_t{8}), "metadata 'llama.block_count'");  // a text, no number
  broken(layers, 4, raw(std::uint32_t{5}), "tensor 'blk.2.");                // is missing
  broken(tensor, 0, raw(std::uint32_t{9}), "tensor 'blk.0.attn_q.weight': 9 dimensions");
  broken(tensor, 4, huge, "tensor 'blk.0.attn_q.weight'");                    // columns
  broken(tensor, 4, raw(std::uint64_t{32}), "tensor 'blk.0.attn_q.weight'");  // another model's
  broken(tensor, 20, raw(std::uint32_t{77}), "tensor 'blk.0.attn_q.weight': tensor type 77");
  broken(tensor, 24, huge, "tensor 'blk.0.attn_q.weight'");  // offset behind the end
  broken(tensor, 24, raw(std::uint64_t{0}), "overlap");
}

TEST_CASE("weights that are not numbers are refused by every command that computes with them") {
  const Workshop shop;
  std::string bytes = read_file(shop.tiny_model(pecia::kernels::TensorType::f32));
  const auto file = pecia::kernels::ModelFile::parse(std::as_bytes(std::span(bytes)), "tiny");
  REQUIRE(file.ok());
  const auto norm = file->tensor("output_norm.weight")->bytes;
  const auto at =
      static_cast<std::size_t>(reinterpret_cast<const char*>(norm.data()) - bytes.data());
  const std::string model =
      shop.write("nan.gguf", bytes.replace(at, sizeof(float), raw(std::nanf(""))));
  const std::vector<std::vector<std::string>> commands = {
      {"run", "-m", model, "-p", "a", "-n", "4"},
      {"run", "-m", model, "-p", "a", "-n", "4", "--temp", "0"},
      {"write", "-m", model, "--outline", shop.write("outline.md", "# One\n"), "-n", "4"},
      {"perplexity", "-m", model, "-p", "some words", "--json"},
      {"bench", "-m", model, "--only", "tg", "--json"}};
  for (const auto& command : commands) {
    const Ended ended = run_pecia(command);
    check_refused(ended, model, "finite");
    check_refused(ended, model, "weights may be damaged");
    if (command[0] != "write") CHECK(ended.out == "");  // it streams the heading before any token
  }
}

TEST_CASE("merges that run in a circle are refused by every command that needs a tokenizer") {
  const Workshop shop;
  pecia::kernels::test::VocabularyFile vocabulary;
  vocabulary.text("tokenizer.ggml.model", "gpt2").texts("tokenizer.ggml.tokens", {"a", "b", "ab"});
  vocabulary.texts("tokenizer.ggml.merges", {"a b", "ab a"});
  const std::string model = shop.write("circle.gguf", vocabulary.bytes());
  for (const char* command : {"run", "perplexity", "tokenize"}) {
    check_refused(run_pecia({command, "-m", model, "-p", "a"}), model,
                  ": tokenizer.ggml.merges[1]");
  }
  check_refused(run_pecia({"bench", "-m", model}), model, ": tokenizer.ggml.merges[1]");
}

TEST_CASE("what is no model at all is refused") {
  const Workshop shop;
  check_unusable(shop.write("text.gguf", "This is a text, not a model.\n"), "is no GGUF file");
  check_unusable(shop.write("empty.gguf", ""), "magic number at byte 0");
  check_unusable(shop.path("missing.gguf"), "No such file");
  check_unusable(shop.path(""), "2 models in this folder (empty, text)");
  for (const char* command : {"inspect", "tokenize", "bench", "perplexity"}) {
    check_refused(run_pecia({command, "-m", shop.path("missing.gguf")}), "missing.gguf",
                  "No such file");
  }
}

TEST_CASE("a file that may not be read is refused") {
  const Workshop shop;
  const std::string model = shop.tiny_model();
  const SpawnOptions unprivileged = {.unprivileged = true};
  REQUIRE(::chmod(shop.path("").c_str(), 0755) == 0);
  CHECK(run_pecia({"inspect", "-m", model}, unprivileged).code == 0);
  REQUIRE(::chmod(model.c_str(), 0) == 0);
  for (const char* command : {"inspect", "tokenize", "bench", "perplexity"}) {
    check_refused(run_pecia({command, "-m", model}, unprivileged), "tiny.gguf",
                  "Permission denied");
  }
}

TEST_CASE("an outline without headings or with broken text is refused by name") {
  const Workshop shop;
  const std::string model = shop.tiny_model();
  const std::vector<std::pair<const char*, const char*>> outlines = {
      {"", "is empty"}, {"no heading\n", "heading"}, {"# Title \xFF\xFE\n", "line 1"}};
  for (const auto& [text, reason] : outlines) {
    const std::string outline = shop.write("outline.md", text);
    check_refused(run_pecia({"write", "-m", model, "--outline", outline}), outline, reason);
  }
  check_refused(run_pecia({"write", "-m", model, "--outline", shop.path("none.md")}), "none.md",
                "No such file");
}

TEST_CASE("a disk that has no room for a job is told before the model is at work") {
  const Workshop shop;
  const std::string outline = shop.write("outline.md", "# One\n");
  const std::string book = shop.write("book.md", "the old book\n");
  const Ended full = run_pecia({"write", "-m", shop.tiny_model(), "--outline", outline, "-n", "40",
                                "-o", book, "--job-dir", shop.path("job")},
                               {.file_bytes_max = 8});
  check_refused(full, shop.path("job"), "");
  CHECK(full.out == "");
  CHECK(read_file(book) == "the old book\n");
}

TEST_CASE("a device that is full is not replaced, and the document is not lost") {
  const Workshop shop;
  const std::string model = shop.tiny_model();
  const std::string outline = shop.write("outline.md", "# One\n\n# Two\n");
  const std::vector<std::string> write = {"write", "-m", model, "--outline", outline, "-n", "40"};
  std::vector<std::string> store = write;
  store.insert(store.end(), {"-o", "/dev/full"});
  const Ended full = run_pecia(store);
  check_refused(full, "/dev/full", "No space left");
  CHECK(full.out == run_pecia(write).out);
  struct stat facts = {};
  REQUIRE(::stat("/dev/full", &facts) == 0);
  CHECK(S_ISCHR(facts.st_mode));
}

TEST_CASE("convert and synth leave nothing behind when the disk is full") {
  const Workshop shop;
  const std::string model = shop.tiny_model();
  const std::string target = shop.path("new.gguf");
  const SpawnOptions full_disk{.file_bytes_max = 4'096};
  check_refused(run_pecia({"convert", model, target, "--to", "q4_0"}, full_disk), target,
                "cannot write");
  check_refused(
      run_pecia({"synth", "--shape", "smollm2-135m", "--quant", "q4_0", "-o", target}, full_disk),
      target, "cannot write");
  CHECK(shop.files() == 1);
}

TEST_CASE("a document without a place is refused before anything is generated") {
  const Workshop shop;
  const std::string outline = shop.write("outline.md", "# One\n");
  const std::string nowhere = shop.path("no/such/folder/book.md");
  const Ended ended =
      run_pecia({"write", "-m", shop.tiny_model(), "--outline", outline, "-o", nowhere});
  check_refused(ended, nowhere, "cannot create a file beside it");
  CHECK(ended.out == "");
}
