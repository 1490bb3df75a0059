#include "kernels/text/chat_reading.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <vector>

namespace pecia::kernels {
namespace {

using Tags = std::vector<std::string_view>;

bool contains(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

bool contains_any(std::string_view text, std::initializer_list<std::string_view> parts) {
  return std::ranges::any_of(parts, [text](std::string_view part) { return contains(text, part); });
}

// The insides of all {{ .. }} and {% .. %}.
Tags tags_of(std::string_view chat_template) {
  Tags tags;
  while (true) {
    const std::size_t begin = std::min(chat_template.find("{{"), chat_template.find("{%"));
    if (begin == chat_template.npos) return tags;
    chat_template.remove_prefix(begin);
    const std::string_view close = chat_template.starts_with("{{") ? "}}" : "%}";
    const std::size_t end = chat_template.find(close, close.size());
    if (end == chat_template.npos) return tags;
    tags.push_back(chat_template.substr(close.size(), end - close.size()));
    chat_template.remove_prefix(end + close.size());
  }
}

// -- families -------------------------------------------------------------------------------------

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

// -- what is stripped -----------------------------------------------------------------------------

bool is_stripped(std::string_view tag) {
  return contains(tag, "content") && contains_any(tag, {"| trim", "|trim", ".strip()"});
}

// Whether the expression of a user's turn, or of any turn, strips the message.
bool strips_user(const Tags& tags, ChatFamily family) {
  constexpr std::array<std::string_view, 6> kMarkers = {
      "<|im_start|>", "<|start_header_id|>", "<|user|>", "[INST]", "", "<|end|>"};
  const std::string_view marker = kMarkers[static_cast<std::size_t>(family)];
  return std::ranges::any_of(tags, [marker](std::string_view tag) {
    return is_stripped(tag) && contains(tag, marker) && !contains(tag, "assistant");
  });
}

// Templates that treat it apart take it from messages[0].
bool strips_system(const Tags& tags, bool strips_all) {
  bool apart = false;
  for (const std::string_view tag : tags) {
    if (!contains(tag, "messages[0]") || !contains(tag, "content")) continue;
    if (is_stripped(tag)) return true;
    apart = true;
  }
  return strips_all && !apart;
}

// -- what the template itself says ----------------------------------------------------------------

// "\n" in a Jinja string, as two characters.
std::string unescaped(std::string_view literal) {
  std::string text;
  for (std::size_t at = 0; at < literal.size(); ++at) {
    const bool escape = literal[at] == '\\' && at + 1 < literal.size();
    if (escape) ++at;
    text.push_back(escape && literal[at] == 'n' ? '\n' : literal[at]);
  }
  return text;
}

// The literals of a tag, without their quotes.
std::vector<std::string> literals_of(std::string_view tag) {
  std::vector<std::string> literals;
  for (std::size_t at = 0; at < tag.size(); ++at) {
    const char quote = tag[at];
    if (quote != '\'' && quote != '"') continue;
    std::size_t end = at + 1;
    while (end < tag.size() && tag[end] != quote) end += tag[end] == '\\' ? 2 : 1;
    if (end >= tag.size()) break;
    literals.push_back(unescaped(tag.substr(at + 1, end - at - 1)));
    at = end;
  }
  return literals;
}

// A literal that is a whole system turn.
std::string default_chatml_system(const Tags& tags) {
  constexpr std::string_view kBegin = "<|im_start|>system\n", kEnd = "<|im_end|>";
  for (const std::string_view tag : tags) {
    if (!contains(tag, "<|im_start|>system")) continue;
    for (const std::string& literal : literals_of(tag)) {
      const std::size_t end = literal.find(kEnd);
      if (!literal.starts_with(kBegin) || end == literal.npos || end == kBegin.size()) continue;
      return literal.substr(kBegin.size(), end - kBegin.size());
    }
  }
  return {};
}

// A variable that is set to a single literal: others put in the date of the day, which a prompt
// here never depends on, or take what the user gave.
std::string default_variable(const Tags& tags) {
  for (const std::string_view tag : tags) {
    if (!contains_any(tag, {"set default_system_message", "set system_message"})) continue;
    const std::vector<std::string> literals = literals_of(tag);
    if (literals.size() != 1 || literals.front().empty()) continue;
    if (!contains_any(tag, {"+", "~", "messages["})) return literals.front();
  }
  return {};
}

// "Cutting Knowledge Date: ..\nToday Date: ..\n\n", by the date that the template has for those who
// give none.
std::string llama3_dates(const Tags& tags) {
  constexpr std::string_view kKnowledge = "Cutting Knowledge Date: ", kToday = "Today Date: ";
  std::string knowledge, today, date;
  for (const std::string_view tag : tags) {
    const std::vector<std::string> literals = literals_of(tag);
    if (literals.empty()) continue;
    const std::string& first = literals.front();
    if (first.starts_with(kKnowledge)) knowledge = first;
    if (first.starts_with(kToday)) today = first;
    const bool sets_date = contains(tag, "set date_string") && !contains(tag, "strftime");
    if (sets_date) date = first;
  }
  if (knowledge.empty() || today.empty() || date.empty()) return {};
  return knowledge + today + date + "\n\n";
}

// What the literal that opens an answer says behind the opening itself.
std::string answer_preface(std::string_view chat_template) {
  constexpr std::string_view kOpening = "<|im_start|>assistant\n";
  const std::size_t asked = chat_template.rfind("add_generation_prompt");
  if (asked == chat_template.npos) return {};
  for (const std::string_view tag : tags_of(chat_template.substr(asked))) {
    const std::vector<std::string> literals = literals_of(tag);
    if (literals.empty()) continue;
    if (literals.size() > 1 || !literals.front().starts_with(kOpening)) return {};
    return literals.front().substr(kOpening.size());
  }
  return {};
}

// A newline in a Jinja string, as two characters or as one.
bool breaks_lines(std::string_view chat_template) {
  return contains_any(chat_template, {"|>\n", "|>\\n", "|>' + '\n", "|>' + '\\n"});
}

// The versions of mistral differ in the blanks beside the markers, and the models do notice.
void read_mistral(std::string_view chat_template, ChatReading& reading) {
  if (contains_any(chat_template, {"' [INST]", "\" [INST]"})) reading.lead = " ";
  if (contains(chat_template, "[INST] ")) reading.blank_before = " ";
  if (contains(chat_template, " [/INST]")) reading.blank_behind = " ";
  if (contains_any(chat_template, {"eos_token + ' '", "eos_token + \" \""})) reading.between = " ";
  if (contains(chat_template, "<<SYS>>")) reading.system = ChatReading::System::angled;
  if (contains(chat_template, "[SYSTEM_PROMPT]")) reading.system = ChatReading::System::marked;
  reading.begins_each_turn = contains_any(chat_template, {"bos_token + '[INST]", "'<s>[INST]"});
}

}  // namespace

std::string_view name_of(ChatFamily family) {
  constexpr std::array<std::string_view, 6> kNames = {"chatml",  "llama-3", "zephyr",
                                                      "mistral", "gemma",   "phi"};
  return kNames[static_cast<std::size_t>(family)];
}

std::optional<ChatReading> read_chat_template(std::string_view chat_template) {
  const std::optional<ChatFamily> family = family_of(chat_template);
  if (!family) return std::nullopt;
  const Tags tags = tags_of(chat_template);
  ChatReading reading;
  reading.family = *family;
  // All real templates of these three do, not all parts of them by which a family is told.
  reading.begins = contains(chat_template, "bos_token") || *family == ChatFamily::llama3 ||
                   *family == ChatFamily::mistral || *family == ChatFamily::gemma;
  reading.strips = strips_user(tags, *family);
  reading.strips_system = strips_system(tags, reading.strips);
  if (*family == ChatFamily::phi && !breaks_lines(chat_template)) reading.line.clear();
  if (*family == ChatFamily::mistral) {
    read_mistral(chat_template, reading);
    reading.default_system = default_variable(tags);
  }
  if (*family == ChatFamily::llama3) reading.system_preface = llama3_dates(tags);
  if (*family == ChatFamily::chatml) {
    reading.default_system = default_chatml_system(tags);
    if (reading.default_system.empty()) reading.default_system = default_variable(tags);
    reading.answer_preface = answer_preface(chat_template);
  }
  return reading;
}

}  // namespace pecia::kernels
