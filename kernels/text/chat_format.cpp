#include "kernels/text/chat_format.hpp"

#include <array>

namespace pecia::kernels {
namespace {

constexpr std::string_view kMarkers[] = {"<|im_start|>",
                                         "<|im_end|>",
                                         "<|begin_of_text|>",
                                         "<|start_header_id|>",
                                         "<|end_header_id|>",
                                         "<|eot_id|>",
                                         "<|system|>",
                                         "<|user|>",
                                         "<|assistant|>",
                                         "<|end|>",
                                         "</s>",
                                         "<s>",
                                         "[INST]",
                                         "[/INST]",
                                         "[SYSTEM_PROMPT]",
                                         "[/SYSTEM_PROMPT]",
                                         "<bos>",
                                         "<eos>",
                                         "<start_of_turn>",
                                         "<end_of_turn>",
                                         "<|endoftext|>"};

bool contains(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

bool contains_any(std::string_view text, std::initializer_list<std::string_view> parts) {
  for (const std::string_view part : parts) {
    if (contains(text, part)) return true;
  }
  return false;
}

ChatSegment control(std::string_view marker) { return {std::string(marker), true, false}; }
ChatSegment plain(std::string_view text) { return {std::string(text), false, false}; }

// Text goes to the text before it, so that no two plain segments stand side by side.
void add(std::vector<ChatSegment>& segments, std::string_view text) {
  if (text.empty()) return;
  if (segments.empty() || segments.back().is_control) return segments.push_back(plain(text));
  segments.back().text += text;
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

// gpt-oss ends its turns alike, but has a marker between role and message.
bool is_phi(std::string_view chat_template) {
  return contains(chat_template, "<|end|>") && !contains(chat_template, "<|message|>") &&
         contains_any(chat_template, {"<|user|>", "'<|' + message['role'] + '|>'"});
}

std::optional<ChatFamily> family_of(std::string_view chat_template) {
  if (is_chatml(chat_template)) return ChatFamily::chatml;
  if (contains(chat_template, "<|start_header_id|>")) return ChatFamily::llama3;
  if (is_zephyr(chat_template)) return ChatFamily::zephyr;
  if (contains(chat_template, "[INST]")) return ChatFamily::mistral;
  if (contains(chat_template, "<start_of_turn>") && contains(chat_template, "<end_of_turn>"))
    return ChatFamily::gemma;
  if (is_phi(chat_template)) return ChatFamily::phi;
  return std::nullopt;
}

std::string_view name_of_role(ChatRole role) {
  constexpr std::array<std::string_view, 3> kNames = {"system", "user", "assistant"};
  return kNames[static_cast<std::size_t>(role)];
}

ChatSegment role_marker(ChatRole role) {
  return control("<|" + std::string(name_of_role(role)) + "|>");
}

// A newline in a Jinja string, as two characters or as one.
bool breaks_lines(std::string_view chat_template) {
  return contains_any(chat_template, {"|>\n", "|>\\n", "|>' + '\n", "|>' + '\\n"});
}

}  // namespace

std::span<const std::string_view> chat_markers() { return kMarkers; }

std::string_view name_of(ChatFamily family) {
  constexpr std::array<std::string_view, 6> kNames = {"chatml",  "llama-3", "zephyr",
                                                      "mistral", "gemma",   "phi"};
  return kNames[static_cast<std::size_t>(family)];
}

std::optional<ChatFormat> ChatFormat::of(std::string_view chat_template) {
  const std::optional<ChatFamily> family = family_of(chat_template);
  if (!family) return std::nullopt;
  ChatFormat format(*family);
  format.strips_ = contains_any(chat_template, {"| trim", "|trim", ".strip()"});
  if (*family == ChatFamily::phi && !breaks_lines(chat_template)) format.line_.clear();
  if (*family != ChatFamily::mistral) return format;
  // Its versions differ in the blanks beside the markers, and the models do notice.
  if (contains(chat_template, "[INST] ")) format.blank_before_ = " ";
  if (contains(chat_template, " [/INST]")) format.blank_behind_ = " ";
  if (contains(chat_template, "<<SYS>>")) format.system_ = System::angled;
  if (contains(chat_template, "[SYSTEM_PROMPT]")) format.system_ = System::marked;
  format.begins_each_turn_ = contains_any(chat_template, {"bos_token + '[INST]", "'<s>[INST]"});
  return format;
}

std::string_view ChatFormat::said(std::string_view message) const {
  constexpr std::string_view kBlanks = " \t\r\n\v\f";
  if (!strips_) return message;
  const std::size_t begin = message.find_first_not_of(kBlanks);
  if (begin == message.npos) return {};
  return message.substr(begin, message.find_last_not_of(kBlanks) + 1 - begin);
}

void ChatFormat::open(ChatRole role, Segments& segments) const {
  switch (family_) {
    case ChatFamily::chatml:
      segments.push_back(control("<|im_start|>"));
      add(segments, name_of_role(role));
      return add(segments, "\n");
    case ChatFamily::llama3:
      segments.push_back(control("<|start_header_id|>"));
      add(segments, name_of_role(role));
      segments.push_back(control("<|end_header_id|>"));
      return add(segments, "\n\n");
    case ChatFamily::zephyr:
      segments.push_back(role_marker(role));
      return add(segments, "\n");
    case ChatFamily::gemma:
      segments.push_back(control("<start_of_turn>"));
      add(segments, role == ChatRole::assistant ? "model" : "user");
      return add(segments, "\n");
    case ChatFamily::phi:
      segments.push_back(role_marker(role));
      segments.back().drops_blanks = true;
      return add(segments, line_);
    case ChatFamily::mistral:
      if (role == ChatRole::assistant) return;  // the end of the question is its opening
      segments.push_back(control("[INST]"));
      return add(segments, blank_before_);
  }
}

void ChatFormat::close(ChatRole role, Segments& segments) const {
  switch (family_) {
    case ChatFamily::chatml:
      segments.push_back(control("<|im_end|>"));
      return add(segments, "\n");
    case ChatFamily::llama3:
      return segments.push_back(control("<|eot_id|>"));
    case ChatFamily::zephyr:
      segments.push_back(control("</s>"));
      return add(segments, "\n");
    case ChatFamily::gemma:
      segments.push_back(control("<end_of_turn>"));
      return add(segments, "\n");
    case ChatFamily::phi:
      segments.push_back(control("<|end|>"));
      segments.back().drops_blanks = true;
      return add(segments, line_);
    case ChatFamily::mistral:
      if (role == ChatRole::assistant) return segments.push_back(control("</s>"));
      add(segments, blank_behind_);
      return segments.push_back(control("[/INST]"));
  }
}

void ChatFormat::add_turn(ChatRole role, std::string_view text, Segments& segments) const {
  open(role, segments);
  add(segments, text);
  close(role, segments);
}

// The system message stands in the first question, or before it where the template has a place.
void ChatFormat::add_mistral_opening(std::string_view system, std::string_view message,
                                     Segments& segments) const {
  if (system_ == System::marked && !system.empty()) {
    segments.push_back(control("[SYSTEM_PROMPT]"));
    add(segments, blank_before_);
    add(segments, system);
    segments.push_back(control("[/SYSTEM_PROMPT]"));
    system = {};
  }
  std::string text(message);
  if (!system.empty() && system_ == System::angled) {
    text = "<<SYS>>\n" + std::string(system) + "\n<</SYS>>\n\n" + text;
  } else if (!system.empty()) {
    text = std::string(system) + "\n\n" + text;
  }
  add_turn(ChatRole::user, text, segments);
}

std::vector<ChatSegment> ChatFormat::opening(std::string_view system,
                                             std::string_view message) const {
  Segments segments;
  if (family_ == ChatFamily::llama3) segments.push_back(control("<|begin_of_text|>"));
  if (family_ == ChatFamily::mistral) segments.push_back(control("<s>"));
  if (family_ == ChatFamily::gemma) segments.push_back(control("<bos>"));
  if (family_ == ChatFamily::mistral) {
    add_mistral_opening(system, message, segments);
  } else if (family_ == ChatFamily::gemma && !system.empty()) {
    add_turn(ChatRole::user, std::string(system) + "\n\n" + std::string(message), segments);
  } else {
    if (!system.empty()) add_turn(ChatRole::system, system, segments);
    add_turn(ChatRole::user, message, segments);
  }
  open(ChatRole::assistant, segments);
  return segments;
}

std::vector<ChatSegment> ChatFormat::next(std::string_view message) const {
  Segments segments;
  close(ChatRole::assistant, segments);
  if (begins_each_turn_) segments.push_back(control("<s>"));
  add_turn(ChatRole::user, message, segments);
  open(ChatRole::assistant, segments);
  return segments;
}

}  // namespace pecia::kernels
