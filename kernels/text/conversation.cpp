#include "kernels/text/conversation.hpp"

#include <utility>

#include "kernels/text/chat_template.hpp"

namespace pecia::kernels {

Expected<Conversation> Conversation::create(std::shared_ptr<const Tokenizer> tokenizer) {
  if (tokenizer->chat_template().empty()) {
    return fail(ErrorKind::refuse,
                "the model has no chat template, so it holds no conversation; bring one that was "
                "tuned for chat, as files with tokenizer.chat_template are (families: {})",
                kChatFamilies);
  }
  auto format = ChatFormat::of(tokenizer->chat_template());
  if (!format) {
    return fail(ErrorKind::refuse, "tokenizer.chat_template is of no known family ({})",
                kChatFamilies);
  }
  return Conversation(std::move(tokenizer), *std::move(format));
}

void Conversation::begin_anew(std::string system) {
  system_ = std::move(system);
  tokens_.clear();
  turns_ = 0;
}

std::vector<TokenId> Conversation::ask(std::string_view message) const {
  if (turns_ == 0) return encode_segments(*tokenizer_, format_.opening(system_, message));
  std::vector<TokenId> prompt = tokens_;
  const auto next = encode_continuation(*tokenizer_, format_.next(message));
  prompt.insert(prompt.end(), next.begin(), next.end());
  return prompt;
}

void Conversation::answered(std::vector<TokenId> prompt, std::span<const TokenId> answer) {
  tokens_ = std::move(prompt);
  if (!answer.empty() && tokenizer_->ends_generation(answer.back()))
    answer = answer.first(answer.size() - 1);  // next() writes the end as the template has it
  tokens_.insert(tokens_.end(), answer.begin(), answer.end());
  ++turns_;
}

}  // namespace pecia::kernels
