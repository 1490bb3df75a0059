#include "kernels/weights/synth_vocabulary.hpp"

#include <cassert>
#include <cstdint>
#include <string>
#include <vector>

#include "kernels/weights/synth.hpp"
#include "kernels/weights/vocabulary_format.hpp"

namespace pecia::kernels {
namespace {

constexpr std::uint32_t kUnknownId = 0;
constexpr std::uint32_t kBosId = 1;
constexpr std::uint32_t kEosId = 2;

class Vocabulary {
 public:
  explicit Vocabulary(std::size_t size) : size_(size) {}

  bool full() const { return pieces_.size() >= size_; }
  void add(std::string piece, TokenType type) {
    if (full()) return;
    pieces_.push_back(std::move(piece));
    types_.push_back(static_cast<std::int32_t>(type));
    scores_.push_back(type == TokenType::normal ? next_score_-- : 0.0f);
  }
  void write(GgufHeader& header) const {
    header.add_texts("tokenizer.ggml.tokens", pieces_);
    header.add_floats("tokenizer.ggml.scores", scores_);
    header.add_ints("tokenizer.ggml.token_type", types_);
  }

 private:
  std::size_t size_;
  float next_score_ = 0;
  std::vector<std::string> pieces_;
  std::vector<float> scores_;
  std::vector<std::int32_t> types_;
};

// 0 -> "a", 25 -> "z", 26 -> "aa".
std::string word(std::uint32_t number) {
  std::string letters;
  for (std::uint64_t rest = std::uint64_t{number} + 1; rest > 0; rest = (rest - 1) / 26) {
    letters.insert(letters.begin(), static_cast<char>('a' + (rest - 1) % 26));
  }
  return letters;
}

void fill(Vocabulary& vocabulary) {
  vocabulary.add("<unk>", TokenType::unknown);
  vocabulary.add("<s>", TokenType::control);
  vocabulary.add("</s>", TokenType::control);
  for (int byte = 0; byte < 256; ++byte)
    vocabulary.add(fmt::format("<0x{:02X}>", byte), TokenType::byte);
  vocabulary.add(std::string(kSpaceMark), TokenType::normal);
  for (char c = '!'; c <= '~'; ++c) vocabulary.add(std::string(1, c), TokenType::normal);
  for (std::uint32_t number = 0; !vocabulary.full(); ++number) {
    const std::string letters = word(number);
    vocabulary.add(std::string(kSpaceMark) + letters, TokenType::normal);
    if (letters.size() > 1)
      vocabulary.add(letters, TokenType::normal);  // single letters stand there already
  }
}

}  // namespace

void add_synth_vocabulary(GgufHeader& header, int size) {
  assert(size >= kSynthVocabularyMin);
  Vocabulary vocabulary(static_cast<std::size_t>(size));
  fill(vocabulary);
  header.add_text("tokenizer.ggml.model", "llama");
  vocabulary.write(header);
  header.add_u32("tokenizer.ggml.bos_token_id", kBosId);
  header.add_u32("tokenizer.ggml.eos_token_id", kEosId);
  header.add_u32("tokenizer.ggml.unknown_token_id", kUnknownId);
  header.add_bool("tokenizer.ggml.add_bos_token", true);
  header.add_bool("tokenizer.ggml.add_eos_token", false);
}

}  // namespace pecia::kernels
