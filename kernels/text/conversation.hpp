#pragma once
// A conversation as the tokens that a model has seen of it. The prompt of a turn begins with the
// prompt of the turn before and the answer that the model gave, token by token, so that the pages
// of keys and values made for them serve again. Thread rule: one thread.

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/base/expected.hpp"
#include "kernels/text/chat_format.hpp"
#include "kernels/text/tokenizer.hpp"

namespace pecia::kernels {

class Conversation {
 public:
  // Refuses a tokenizer without a chat template, and one whose template is of no known family.
  static Expected<Conversation> create(std::shared_ptr<const Tokenizer> tokenizer);

  // Forgets all turns. An empty `system` is the template's own, where it has one.
  void begin_anew(std::string system);
  const std::string& system() const { return system_; }
  const ChatFormat& format() const { return format_; }

  // The prompt of the next turn. It counts once it is answered.
  std::vector<TokenId> ask(std::string_view message) const;
  // `prompt` as ask() gave it, and what the model wrote behind it. A token that ends the answer
  // may be the last.
  void answered(std::vector<TokenId> prompt, std::span<const TokenId> answer);

  int turns() const { return turns_; }
  std::size_t tokens() const { return tokens_.size(); }

 private:
  Conversation(std::shared_ptr<const Tokenizer> tokenizer, ChatFormat format)
      : tokenizer_(std::move(tokenizer)), format_(std::move(format)) {}

  std::shared_ptr<const Tokenizer> tokenizer_;
  ChatFormat format_;
  std::string system_;
  std::vector<TokenId> tokens_;  // of all turns, the last answer without its end
  int turns_ = 0;
};

}  // namespace pecia::kernels
