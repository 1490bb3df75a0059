// Foreign bytes and full disks: one line, exit code 2, nothing lost.

#include <sys/stat.h>
#include <unistd.h>

#include <cstring>

#include "tests/catch.hpp"
#include "tests/process/spawn.hpp"
#include "tests/process/workshop.hpp"

using namespace pecia::tests;

namespace {

// One line that names the file.
void check_refused(const Ended& ended, const std::string& named) {
  INFO(ended.err);
  CHECK(ended.code == 2);
  CHECK(is_one_line(ended.err));
  CHECK(ended.err.starts_with("pecia: "));
  CHECK(ended.err.find(named) != std::string::npos);
}

void check_unusable(const std::string& model) {
  const Ended ended = run_pecia({"run", "-m", model, "-p", "a", "-n", "1"});
  check_refused(ended, model);
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

TEST_CASE("a model cut off anywhere is refused") {
  const Workshop shop;
  const std::string whole = read_file(shop.tiny_model());
  for (const std::size_t share : {0u, 1u, 4u, 20u, 23u, 40u, 97u}) {
    check_unusable(shop.write("cut.gguf", whole.substr(0, whole.size() * share / 100)));
  }
  check_unusable(shop.write("cut.gguf", whole.substr(0, whole.size() - 1)));
  for (const std::size_t bytes : {3u, 7u, 15u, 23u, 24u, 30u}) {
    check_unusable(shop.write("cut.gguf", whole.substr(0, bytes)));
  }
}

TEST_CASE("a model whose counts, offsets, types or shapes are wrong is refused") {
  const Workshop shop;
  const std::string whole = read_file(shop.tiny_model());
  const std::string huge = raw(std::uint64_t{1} << 60);
  const std::string tensor = "blk.0.attn_q.weight";  // then u32 dimensions, u64 each, type, offset
  const auto broken = [&shop](const std::string& bytes) {
    check_unusable(shop.write("broken.gguf", bytes));
  };
  broken(patched(whole, "GGUF", 4, huge));                                // tensor count
  broken(patched(whole, "GGUF", 12, huge));                               // metadata count
  broken(patched(whole, "GGUF", 0, raw(std::uint32_t{99})));              // version
  broken(patched(whole, "tokenizer.ggml.tokens", 8, huge));               // array length
  broken(patched(whole, "llama.block_count", 0, raw(std::uint32_t{8})));  // a text, not a number
  broken(patched(whole, "llama.block_count", 4, raw(std::uint32_t{5})));  // layers that are missing
  broken(patched(whole, tensor, 0, raw(std::uint32_t{9})));               // dimensions
  broken(patched(whole, tensor, 4, huge));                                // columns
  broken(patched(whole, tensor, 4, raw(std::uint64_t{32})));              // shape of another model
  broken(patched(whole, tensor, 20, raw(std::uint32_t{77})));             // type
  broken(patched(whole, tensor, 24, huge));                               // offset behind the end
  broken(patched(whole, tensor, 24, raw(std::uint64_t{0})));              // over another tensor
}

TEST_CASE("what is no model at all is refused") {
  const Workshop shop;
  check_unusable(shop.write("text.gguf", "This is a text, not a model.\n"));
  check_unusable(shop.write("empty.gguf", ""));
  check_unusable(shop.path("missing.gguf"));
  check_unusable(shop.path(""));  // the folder
  for (const char* command : {"inspect", "tokenize", "bench", "perplexity"}) {
    check_refused(run_pecia({command, "-m", shop.path("missing.gguf")}), "missing.gguf");
  }
}

TEST_CASE("a file that may not be read is refused") {
  if (::geteuid() == 0) PECIA_SKIP("root may read everything");
  const Workshop shop;
  const std::string model = shop.tiny_model();
  ::chmod(model.c_str(), 0);
  check_unusable(model);
}

TEST_CASE("an outline without headings or with broken text is refused by name") {
  const Workshop shop;
  const std::string model = shop.tiny_model();
  for (const char* text : {"", "no heading\n", "# Title \xFF\xFE\n"}) {
    const std::string outline = shop.write("outline.md", text);
    check_refused(run_pecia({"write", "-m", model, "--outline", outline}), outline);
  }
  check_refused(run_pecia({"write", "-m", model, "--outline", shop.path("none.md")}), "none.md");
}

TEST_CASE("a disk that is full leaves the old file, tells so and does not lose the document") {
  const Workshop shop;
  const std::string model = shop.tiny_model();
  const std::string outline = shop.write("outline.md", "# One\n\n# Two\n");
  const std::string book = shop.write("book.md", "the old book\n");
  const std::vector<std::string> write = {"write", "-m", model, "--outline", outline, "-n", "40"};
  const std::string document = run_pecia(write).out;

  std::vector<std::string> store = write;
  store.insert(store.end(), {"-o", book});
  const Ended full = run_pecia(store, {.file_bytes_max = 8});
  check_refused(full, book);
  CHECK(full.out == document);
  CHECK(read_file(book) == "the old book\n");
  CHECK(shop.files() == 3);  // model, outline, book
}

TEST_CASE("a device that is full is written in place, not replaced") {
  const Workshop shop;
  const std::string model = shop.tiny_model();
  const std::string outline = shop.write("outline.md", "# One\n");
  check_refused(
      run_pecia({"write", "-m", model, "--outline", outline, "-n", "20", "-o", "/dev/full"}),
      "/dev/full");
  struct stat facts = {};
  REQUIRE(::stat("/dev/full", &facts) == 0);
  CHECK(S_ISCHR(facts.st_mode));
}

TEST_CASE("convert and synth leave nothing behind when the disk is full") {
  const Workshop shop;
  const std::string model = shop.tiny_model();
  const std::string target = shop.path("new.gguf");
  const SpawnOptions full_disk{.file_bytes_max = 4'096};
  check_refused(run_pecia({"convert", model, target, "--to", "q4_0"}, full_disk), target);
  check_refused(
      run_pecia({"synth", "--shape", "smollm2-135m", "--quant", "q4_0", "-o", target}, full_disk),
      target);
  CHECK(shop.files() == 1);
}

TEST_CASE("a document without a place is refused before anything is generated") {
  const Workshop shop;
  const std::string outline = shop.write("outline.md", "# One\n");
  const std::string nowhere = shop.path("no/such/folder/book.md");
  const Ended ended =
      run_pecia({"write", "-m", shop.tiny_model(), "--outline", outline, "-o", nowhere});
  check_refused(ended, nowhere);
  CHECK(ended.out == "");
}
