#pragma once
// Prompts in the format of a chat model: one user message and the opening of the assistant's
// answer, and how such segments become tokens. Thread rule: functions are pure.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/text/chat_format.hpp"
#include "kernels/text/outline.hpp"
#include "kernels/text/tokenizer.hpp"

namespace pecia::kernels {

// Whether the template is of one of the families, or empty: the model has none.
bool knows_chat_template(std::string_view chat_template);

// Without a template the message alone, else ChatFormat::opening() without a system message of
// ours.
// REQUIRES knows_chat_template(), here and below.
std::vector<ChatSegment> render_chat(std::string_view chat_template, std::string_view message);

// `stop`, and where prompts stand in the model's template and its vocabulary has no token for the
// marker that ends an answer, the text of that marker.
std::vector<std::string> stop_texts(std::vector<std::string> stop, const Tokenizer& tokenizer,
                                    bool in_template);

// The whole prompt of slice k: slice_prompt(), inside the model's template where it has one.
// REQUIRES section < outline.sections.size().
std::vector<ChatSegment> slice_segments(const Outline& outline, std::size_t section,
                                        std::string_view chat_template);

// Only markers become control tokens, never text that spells one, not even where the vocabulary
// has the marker among the tokens that any text may name; a marker the vocabulary has no token for
// is text. White space beside a marker goes where its token takes it along. Text between two
// control tokens is encoded in one go, so that words join as they did in training. Begins with BOS,
// once, where vocabulary or template ask for it.
std::vector<TokenId> encode_segments(const Tokenizer& tokenizer,
                                     const std::vector<ChatSegment>& segments);
// The same for what stands behind other tokens: without BOS of the vocabulary's own.
std::vector<TokenId> encode_continuation(const Tokenizer& tokenizer,
                                         const std::vector<ChatSegment>& segments);

}  // namespace pecia::kernels
