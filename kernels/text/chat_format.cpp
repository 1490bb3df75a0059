#include "kernels/text/chat_format.hpp"

#include <array>

#include "kernels/text/unicode.hpp"

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

ChatSegment control(std::string_view marker) {
  return {std::string(marker), ChatSegment::Kind::marker};
}
ChatSegment plain(std::string_view text) { return {std::string(text), ChatSegment::Kind::text}; }

ChatSegment begin_of(ChatFamily family) {
  const char* usual = family == ChatFamily::llama3  ? "<|begin_of_text|>"
                      : family == ChatFamily::gemma ? "<bos>"
                                                    : "<s>";
  return {usual, ChatSegment::Kind::begin};
}
ChatSegment end() { return {"</s>", ChatSegment::Kind::end}; }

// Text goes to the text before it, so that no two plain segments stand side by side.
void add(std::vector<ChatSegment>& segments, std::string_view text) {
  if (text.empty()) return;
  if (segments.empty() || segments.back().is_control()) return segments.push_back(plain(text));
  segments.back().text += text;
}

std::string_view name_of_role(ChatRole role) {
  constexpr std::array<std::string_view, 3> kNames = {"system", "user", "assistant"};
  return kNames[static_cast<std::size_t>(role)];
}

ChatSegment role_marker(ChatRole role) {
  return control("<|" + std::string(name_of_role(role)) + "|>");
}

// As strip() of Python and trim of Jinja, by Unicode's white space.
std::string_view stripped(std::string_view text) {
  const std::size_t begin = next_ink(text, 0);
  return text.substr(begin, behind_last_ink(text, begin, text.size()) - begin);
}

}  // namespace

std::span<const std::string_view> chat_markers() { return kMarkers; }

std::optional<ChatFormat> ChatFormat::of(std::string_view chat_template) {
  auto rules = read_chat_template(chat_template);
  if (!rules) return std::nullopt;
  return ChatFormat(*std::move(rules));
}

void ChatFormat::open(ChatRole role, Segments& segments) const {
  switch (rules_.family) {
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
      return add(segments, rules_.line);
    case ChatFamily::mistral:
      if (role == ChatRole::assistant) return;  // the end of the question is its opening
      add(segments, rules_.lead);
      segments.push_back(control("[INST]"));
      return add(segments, rules_.blank_before);
  }
}

void ChatFormat::close(ChatRole role, Segments& segments) const {
  switch (rules_.family) {
    case ChatFamily::chatml:
      segments.push_back(control("<|im_end|>"));
      return add(segments, "\n");
    case ChatFamily::llama3:
      return segments.push_back(control("<|eot_id|>"));
    case ChatFamily::zephyr:
      segments.push_back(end());
      return add(segments, "\n");
    case ChatFamily::gemma:
      segments.push_back(control("<end_of_turn>"));
      return add(segments, "\n");
    case ChatFamily::phi:
      segments.push_back(control("<|end|>"));
      return add(segments, rules_.line);
    case ChatFamily::mistral:
      if (role == ChatRole::assistant) return segments.push_back(end());
      add(segments, rules_.blank_behind);
      return segments.push_back(control("[/INST]"));
  }
}

void ChatFormat::add_turn(ChatRole role, std::string_view text, Segments& segments) const {
  open(role, segments);
  add(segments, text);
  close(role, segments);
}

void ChatFormat::open_answer(Segments& segments) const {
  open(ChatRole::assistant, segments);
  add(segments, rules_.answer_preface);
}

// The system message stands in the first question, or before it where the template has a place.
void ChatFormat::add_mistral_opening(std::string_view system, std::string_view message,
                                     Segments& segments) const {
  if (rules_.system == ChatReading::System::marked && !system.empty()) {
    segments.push_back(control("[SYSTEM_PROMPT]"));
    add(segments, rules_.blank_before);
    add(segments, system);
    segments.push_back(control("[/SYSTEM_PROMPT]"));
    system = {};
  }
  std::string text(message);
  if (!system.empty() && rules_.system == ChatReading::System::angled) {
    text = "<<SYS>>\n" + std::string(system) + "\n<</SYS>>\n\n" + text;
  } else if (!system.empty()) {
    text = std::string(system) + "\n\n" + text;
  }
  add_turn(ChatRole::user, rules_.strips ? stripped(text) : text, segments);
}

std::vector<ChatSegment> ChatFormat::opening(std::string_view system,
                                             std::string_view message) const {
  const ChatFamily family = rules_.family;
  const std::string_view given = rules_.strips_system ? stripped(system) : system;
  const std::string set_up =
      rules_.system_preface + std::string(system.empty() ? rules_.default_system : given);
  Segments segments;
  if (rules_.begins) segments.push_back(begin_of(family));
  if (family == ChatFamily::mistral) {
    add_mistral_opening(set_up, message, segments);
    return segments;
  }
  std::string said(rules_.strips ? stripped(message) : message);
  if (family == ChatFamily::gemma && !set_up.empty()) {
    said = set_up + "\n\n" + said;
  } else if (!set_up.empty()) {
    add_turn(ChatRole::system, set_up, segments);
  }
  add_turn(ChatRole::user, said, segments);
  open_answer(segments);
  return segments;
}

std::vector<ChatSegment> ChatFormat::next(std::string_view message) const {
  Segments segments;
  close(ChatRole::assistant, segments);
  add(segments, rules_.between);
  if (rules_.begins_each_turn) segments.push_back(begin_of(rules_.family));
  add_turn(ChatRole::user, rules_.strips ? stripped(message) : message, segments);
  open_answer(segments);
  return segments;
}

}  // namespace pecia::kernels
