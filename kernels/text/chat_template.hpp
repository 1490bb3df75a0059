#pragma once
// The prompt of a model that was tuned on conversations: one user message and the opening of the
// assistant's answer, in the words of the model's own tokenizer.chat_template. That is a Jinja
// program; it is not run, its family is told by its text. A system message is never added.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/text/outline.hpp"
#include "kernels/text/tokenizer.hpp"

namespace pecia::kernels {

struct ChatSegment {
  std::string text;
  bool is_control = false;  // one marker of the template, a control token where there is such

  bool operator==(const ChatSegment&) const = default;
};

// Families, as their first models write them:
//
//   chatml   SmolLM2, Qwen 2  <|im_start|>user\nMESSAGE<|im_end|>\n<|im_start|>assistant\n
//   llama-3  Llama 3          <|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\n
//                             MESSAGE<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n
//   zephyr   TinyLlama Chat   <|user|>\nMESSAGE</s>\n<|assistant|>\n
//   mistral  Mistral, Llama 2 <s>[INST] MESSAGE [/INST]   blanks inside as in the template
//
inline constexpr std::string_view kChatFamilies = "chatml, llama-3, zephyr, mistral";

// Whether the template is of one of the families, or empty: the model has none.
bool knows_chat_template(std::string_view chat_template);

// Without a template the message alone. REQUIRES knows_chat_template(), here and below.
std::vector<ChatSegment> render_chat(std::string_view chat_template, std::string_view message);

// The whole prompt of slice k: slice_prompt(), inside the model's template where it has one.
// REQUIRES section < outline.sections.size().
std::vector<ChatSegment> slice_segments(const Outline& outline, std::size_t section,
                                        std::string_view chat_template);

// Only markers become control tokens, never text that spells one; a marker the vocabulary has no
// control token for is text. Text between two control tokens is encoded in one go, so that words
// join as they did in training. Begins with BOS, once, where vocabulary or template ask for it.
std::vector<TokenId> encode_segments(const Tokenizer& tokenizer,
                                     const std::vector<ChatSegment>& segments);

}  // namespace pecia::kernels
