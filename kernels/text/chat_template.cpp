#include "kernels/text/chat_template.hpp"

#include <cassert>
#include <optional>

namespace pecia::kernels {
namespace {

bool contains(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

ChatSegment control(std::string_view marker) { return {std::string(marker), true}; }

template <class... Parts>
ChatSegment plain(const Parts&... parts) {
  ChatSegment segment;
  (segment.text.append(parts), ...);
  return segment;
}

// Phi-4 has the same first marker, but another one behind the role.
bool is_chatml(std::string_view chat_template) {
  return contains(chat_template, "<|im_start|>") && contains(chat_template, "<|im_end|>") &&
         !contains(chat_template, "<|im_sep|>");
}

// Phi-3, Falcon 3 and GLM-4 open the user's turn alike but close it with something else; so the
// expression of that turn, up to its "}}", has to end it by eos_token.
bool is_zephyr(std::string_view chat_template) {
  const std::size_t turn = chat_template.find("<|user|>");
  if (turn == chat_template.npos) return false;
  return contains(chat_template.substr(turn, chat_template.find("}}", turn) - turn), "eos_token");
}

enum class Family { chatml, llama3, zephyr, mistral };

std::optional<Family> family_of(std::string_view chat_template) {
  if (is_chatml(chat_template)) return Family::chatml;
  if (contains(chat_template, "<|start_header_id|>")) return Family::llama3;
  if (is_zephyr(chat_template)) return Family::zephyr;
  if (contains(chat_template, "[INST]")) return Family::mistral;
  return std::nullopt;
}

std::vector<ChatSegment> render_chatml(std::string_view message) {
  return {control("<|im_start|>"), plain("user\n", message), control("<|im_end|>"), plain("\n"),
          control("<|im_start|>"), plain("assistant\n")};
}

std::vector<ChatSegment> render_llama3(std::string_view message) {
  return {control("<|begin_of_text|>"),
          control("<|start_header_id|>"),
          plain("user"),
          control("<|end_header_id|>"),
          plain("\n\n", message),
          control("<|eot_id|>"),
          control("<|start_header_id|>"),
          plain("assistant"),
          control("<|end_header_id|>"),
          plain("\n\n")};
}

std::vector<ChatSegment> render_zephyr(std::string_view message) {
  return {control("<|user|>"), plain("\n", message),     control("</s>"),
          plain("\n"),         control("<|assistant|>"), plain("\n")};
}

// Its versions differ in the blanks beside the markers, and the models do notice.
std::vector<ChatSegment> render_mistral(std::string_view chat_template, std::string_view message) {
  const std::string_view before = contains(chat_template, "[INST] ") ? " " : "";
  const std::string_view behind = contains(chat_template, " [/INST]") ? " " : "";
  return {control("<s>"), control("[INST]"), plain(before, message, behind), control("[/INST]")};
}

std::optional<TokenId> control_token(const Tokenizer& tokenizer, const ChatSegment& segment) {
  if (!segment.is_control) return std::nullopt;
  const std::vector<TokenId> ids =
      tokenizer.encode(segment.text, {.add_bos = false, .parse_special = true});
  if (ids.size() != 1 || !tokenizer.is_control(ids.front())) return std::nullopt;
  return ids.front();
}

}  // namespace

bool knows_chat_template(std::string_view chat_template) {
  return chat_template.empty() || family_of(chat_template).has_value();
}

std::vector<ChatSegment> render_chat(std::string_view chat_template, std::string_view message) {
  if (chat_template.empty()) return {plain(message)};
  const std::optional<Family> family = family_of(chat_template);
  assert(family);
  switch (*family) {
    case Family::chatml:
      return render_chatml(message);
    case Family::llama3:
      return render_llama3(message);
    case Family::zephyr:
      return render_zephyr(message);
    case Family::mistral:
      break;
  }
  return render_mistral(chat_template, message);
}

std::vector<ChatSegment> slice_segments(const Outline& outline, std::size_t section,
                                        std::string_view chat_template) {
  return render_chat(chat_template, slice_prompt(outline, section));
}

std::vector<TokenId> encode_segments(const Tokenizer& tokenizer,
                                     const std::vector<ChatSegment>& segments) {
  std::vector<TokenId> ids = tokenizer.encode("", {.add_bos = true, .parse_special = false});
  std::string text;  // since the last control token
  const auto add_text = [&] {
    const auto words = tokenizer.encode(text, {.add_bos = false, .parse_special = false});
    ids.insert(ids.end(), words.begin(), words.end());
    text.clear();
  };
  for (const ChatSegment& segment : segments) {
    const auto token = control_token(tokenizer, segment);
    if (!token) {
      text += segment.text;
      continue;
    }
    add_text();
    const bool repeats_bos = *token == tokenizer.bos() && ids == std::vector{*token};
    if (!repeats_bos) ids.push_back(*token);
  }
  add_text();
  return ids;
}

}  // namespace pecia::kernels
