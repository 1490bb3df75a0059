// Time of tokenizers against the size of the text, and whether text survives them: 10 MB of
// English, Chinese, code, emoji and bytes that are no UTF-8, and 1 MB without a space.
//   build/release/bin/tokenizer_bench [VOCABULARY.gguf...]
// Without files: one small vocabulary of each kind, made here. Exit code 1 where a byte is lost.

#include <algorithm>
#include <cstdio>
#include <map>

#include "kernels/text/tokenizer.hpp"
#include "tests/bench/bench_support.hpp"
#include "tests/unit/text/mixed_text.hpp"
#include "tests/unit/text/tokenizer_fixture.hpp"

using namespace pecia::kernels;

namespace {

constexpr std::size_t kMegabyte = 1'000'000;
constexpr std::size_t kTokensMade = 8'000;

// The commonest pieces of up to six characters between spaces, as scored tokens.
std::vector<test::ScoredToken> common_pieces(std::string_view text) {
  std::map<std::string, int> counts;
  for (std::size_t at = 0; at + 32 < text.size(); ++at) {
    std::string piece = text[at] == ' ' ? std::string(kSpaceMark) : std::string();
    std::size_t end = at + (piece.empty() ? 0 : 1);
    for (int n = 0; n < 6 && text[end] != ' '; ++n) {
      const Utf8Run run = utf8_run(text, end);
      if (!run.whole()) break;
      piece += text.substr(end, run.length);
      end += run.length;
      ++counts[piece];
    }
  }
  std::vector<std::pair<int, std::string>> sorted;
  sorted.reserve(counts.size());
  for (const auto& [piece, count] : counts) sorted.emplace_back(count, piece);
  std::sort(sorted.rbegin(), sorted.rend());
  sorted.resize(std::min(sorted.size(), kTokensMade));
  std::vector<test::ScoredToken> tokens = {{std::string(kSpaceMark), -3, 1}};
  for (std::size_t rank = 0; rank < sorted.size(); ++rank)
    tokens.push_back({sorted[rank].second, -4 - static_cast<float>(rank) / kTokensMade, 1});
  return tokens;
}

Tokenizer made(std::string_view kind) {
  if (kind == "gpt2") return test::byte_vocabulary({"a b", "e r", "o n"}).load().value();
  auto file = test::sentencepiece_vocabulary(common_pieces(test::mixed_text(kMegabyte / 4)), kind);
  if (kind == "t5") {
    file.number("tokenizer.ggml.unknown_token_id", 0);
    file.flag("tokenizer.ggml.add_space_prefix", true);
  }
  return file.load().value();
}

bool measure(const std::string& name, const Tokenizer& tokenizer) {
  std::printf("%-28s %-6s", name.c_str(), std::string(tokenizer.kind()).c_str());
  for (const std::size_t megabytes : {1, 2, 4, 8}) {
    const std::string text = test::mixed_text(megabytes * kMegabyte);
    std::printf(" %zu MB %.2f s ", megabytes,
                bench::seconds_of([&] { static_cast<void>(tokenizer.encode(text, {})); }));
    std::fflush(stdout);
  }
  const std::string unbroken(kMegabyte, 'a');
  std::printf(" 1 MB of one letter %.2f s ",
              bench::seconds_of([&] { static_cast<void>(tokenizer.encode(unbroken, {})); }));
  std::string text = test::mixed_text(10 * kMegabyte);
  const int missing = test::drop_bytes_without_token(tokenizer, text);
  const auto ids = tokenizer.encode(text, {});
  const bool same = tokenizer.decode(ids) == text;
  std::printf(" 10 MB: %zu tokens, %s", ids.size(), same ? "the same bytes" : "BYTES LOST");
  if (missing > 0) std::printf(" (without %d bytes it has no token for)", missing);
  std::printf("\n");
  return same;
}

}  // namespace

int main(int count, char** arguments) {
  bool all_same = true;
  for (int i = 1; i < count; ++i) {
    const auto file = ModelFile::open(arguments[i]);
    if (!file) return std::fprintf(stderr, "%s\n", file.error().message.c_str()), 2;
    const auto tokenizer = Tokenizer::load(*file);
    if (!tokenizer) return std::fprintf(stderr, "%s\n", tokenizer.error().message.c_str()), 2;
    const std::string path = arguments[i];
    all_same &= measure(path.substr(path.rfind('/') + 1), *tokenizer);
  }
  for (const char* kind : {"gpt2", "llama", "t5"}) {
    if (count == 1) all_same &= measure("made here", made(kind));
  }
  return all_same ? 0 : 1;
}
