#include "kernels/weights/hf_pretokenizer.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string_view>
#include <tuple>
#include <vector>

#include "kernels/base/base64.hpp"
#include "kernels/weights/quoted.hpp"
#include "kernels/weights/vocabulary_format.hpp"
#include "kernels/weights/word_patterns.hpp"

namespace pecia::kernels {
namespace {

constexpr int kSequenceDepthMax = 4;
constexpr std::size_t kStepsMax = 16;

constexpr const char* kEastAsian = "split [\u4e00-\u9fa5\u0800-\u4e00\uac00-\ud7ff]+";
constexpr const char* kLines = "split [\r\n]";
// Several hundred letters of an early Unicode follow, the same in every file.
constexpr const char* kDeepseekLetters =
    "split \\s?[A-Za-z\u00b5\u00c0-\u00d6\u00d8-\u00f6\u00f8-*";
constexpr const char* kDeepseekSigns =
    "split \\s?[!-/:-~\uff01-\uff0f\uff1a-\uff5e\u2018-\u201f\u3000-\u3002]+";

struct Cuts {
  const char* name;
  std::vector<std::string> steps;  // a '*' at the end of one stands for whatever follows
};

std::string split_by(const char* pattern) { return std::string("split ") + pattern; }

const std::vector<Cuts>& known_cuts() {
  static const std::vector<Cuts> kKnown = {
      {"gpt-2", {"words"}},
      {"llama-bpe", {split_by(kLlama3Words), "bytes"}},
      {"qwen2", {split_by(kQwen2Words), "bytes"}},
      {"tekken", {split_by(kTekkenWords), "bytes"}},
      {"gpt-4o", {split_by(kGpt4oWords), "bytes"}},
      {"starcoder", {"digits", "words"}},
      {"falcon", {"punctuation Contiguous", "words", "numbers", "split [0-9][0-9][0-9]"}},
      {"deepseek-coder",
       {kLines, R"(split \s?\p{L}+)", R"(split \s?\p{P}+)", kEastAsian, "digits", "bytes"}},
      {"deepseek-llm",
       {kLines, kDeepseekLetters, kDeepseekSigns, R"(split \s+$)", kEastAsian, "digits", "bytes"}},
      {"deepseek-llm",
       {kLines, kDeepseekLetters, kDeepseekSigns, R"(split \s+$)", kEastAsian, "numbers", "bytes"}},
      {"deepseek-v3",
       {R"(split \p{N}{1,3})", "split [\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+",
        split_by(kDeepseek3Words), "bytes"}},
  };
  return kKnown;
}

bool is_step(std::string_view step, std::string_view pattern) {
  if (!pattern.ends_with('*')) return step == pattern;
  return step.starts_with(pattern.substr(0, pattern.size() - 1));
}

bool flag_of(const Json& object, const char* key, bool fallback) {
  const auto found = object.find(key);
  return found != object.end() && found->is_boolean() ? found->get<bool>() : fallback;
}

const Json* member(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

// "split PATTERN" where the matches and what lies between them all become pieces.
std::string split_step(const Json& step) {
  const Json* pattern = member(step, "pattern");
  const std::string behavior = text_of(step, "behavior");
  const bool invert = flag_of(step, "invert", false);
  // Patterns that match every character leave nothing between: then the two are the same.
  const bool isolated = behavior == "Isolated" && !invert;
  const bool kept = behavior == "Removed" && invert;
  if (pattern == nullptr || !pattern->is_object() || !(isolated || kept)) return step.dump();
  const std::string regex = text_of(*pattern, "Regex");
  if (regex.empty() || (kept && !regex.ends_with(R"(|\s+)"))) return step.dump();
  return "split " + regex;
}

std::string step_of(const Json& step) {
  const std::string type = text_of(step, "type");
  if (type == "ByteLevel" && !flag_of(step, "add_prefix_space", true)) {
    return flag_of(step, "use_regex", true) ? "words" : "bytes";
  }
  if (type == "Digits") return flag_of(step, "individual_digits", false) ? "digits" : "numbers";
  if (type == "Punctuation") return "punctuation " + text_of(step, "behavior");
  if (type == "Split") return split_step(step);
  return step.dump();
}

void add_steps(const Json& step, int depth, const char* list_key, std::vector<const Json*>& steps) {
  const Json* list = step.is_object() ? member(step, list_key) : nullptr;
  const bool sequence = list != nullptr && list->is_array() && text_of(step, "type") == "Sequence";
  if (!sequence || depth == 0) return steps.push_back(&step);
  for (const Json& part : *list) add_steps(part, depth - 1, list_key, steps);
}

std::vector<const Json*> steps_of(const Json* value, const char* list_key) {
  std::vector<const Json*> steps;
  if (value != nullptr && !value->is_null()) {
    add_steps(*value, kSequenceDepthMax, list_key, steps);
  }
  return steps;
}

std::string pattern_of(const Json& step) {
  const Json* pattern = member(step, "pattern");
  if (pattern == nullptr || !pattern->is_object()) return {};
  const std::string regex = text_of(*pattern, "Regex");
  return regex.empty() ? text_of(*pattern, "String") : regex;
}

bool reads_as_replacing(const Json& step, HfSpaces& spaces) {
  const std::string pattern = pattern_of(step), content = text_of(step, "content");
  if (pattern == " {2,}") {
    return spaces.extra_removed = true, content == " " || content == kSpaceMark;
  }
  return spaces.marked_early = true, pattern == " " && content == kSpaceMark;
}

// Puts no space where the normalizer put one.
bool reads_as_metaspace(const Json& step, HfSpaces& spaces) {
  const std::string scheme = text_of(step, "prepend_scheme");
  spaces.marked = true;
  spaces.cut = flag_of(step, "split", true);
  if (!spaces.prefix) {
    spaces.prefix = scheme.empty() ? flag_of(step, "add_prefix_space", true) : scheme != "never";
    spaces.prefix_once = scheme == "first";
    spaces.prefix_missing = true;
  }
  return text_of(step, "replacement") == kSpaceMark;
}

// Whether the step is one that turns spaces into marks; what it says goes to `spaces`.
bool reads_as_spaces(const Json& step, HfSpaces& spaces) {
  const std::string type = step.is_object() ? text_of(step, "type") : std::string();
  if (type == "Prepend") {
    return spaces.prefix = true, text_of(step, "prepend") == kSpaceMark;
  }
  if (type == "Replace") return reads_as_replacing(step, spaces);
  if (type == "Metaspace") return reads_as_metaspace(step, spaces);
  if (type == "Precompiled") {
    const auto bytes = from_base64(text_of(step, "precompiled_charsmap"));
    if (bytes) spaces.charsmap = *bytes;
    return bytes.has_value();
  }
  if (type == "Strip") {  // of what is at the end, before runs of spaces become one
    spaces.last_removed = !spaces.extra_removed;
    return spaces.last_removed && !flag_of(step, "strip_left", true) &&
           flag_of(step, "strip_right", true);
  }
  if (type == "Split" && spaces.marked_early) {  // then it finds none
    return pattern_of(step) == " " && text_of(step, "behavior") == "MergedWithPrevious";
  }
  return false;
}

}  // namespace

std::vector<std::string> hf_cuts(const Json* pre_tokenizer) {
  std::vector<std::string> cuts;
  for (const Json* step : steps_of(pre_tokenizer, "pretokenizers")) {
    if (cuts.size() == kStepsMax) break;  // longer than any list it will be compared with
    cuts.push_back(step->is_object() ? step_of(*step) : step->dump());
  }
  return cuts;
}

std::string hf_cuts_name(const std::vector<std::string>& cuts, bool ignore_merges) {
  for (const Cuts& known : known_cuts()) {
    if (!std::ranges::equal(cuts, known.steps, is_step)) continue;
    const std::string_view name = known.name;
    const bool ignores = name == "llama-bpe" || name == "tekken";
    if (ignores == ignore_merges) return known.name;
    return name == "llama-bpe" ? "smaug-bpe" : "";
  }
  return "";
}

std::string hf_cuts_names() {
  std::string names;
  std::string_view last;
  for (const Cuts& known : known_cuts()) {
    if (known.name != last) names.append(names.empty() ? "" : ", ").append(known.name);
    last = known.name;
  }
  return names;
}

Expected<HfSpaces> hf_spaces(const Json* normalizer, const Json* pre_tokenizer,
                             const std::string& name) {
  HfSpaces spaces;
  for (const auto& [value, key, list] :
       {std::tuple{normalizer, "normalizer", "normalizers"},
        std::tuple{pre_tokenizer, "pre_tokenizer", "pretokenizers"}}) {
    for (const Json* step : steps_of(value, list)) {
      if (reads_as_spaces(*step, spaces)) continue;
      return fail(ErrorKind::refuse,
                  "{}: '{}' is not supported in '{}' of a SentencePiece vocabulary, which may only "
                  "turn spaces into U+2581",
                  name, quoted(step->dump()), key);
    }
  }
  if (spaces.marked || spaces.marked_early) return spaces;
  return fail(ErrorKind::refuse,
              "{}: neither 'normalizer' nor 'pre_tokenizer' turns spaces into U+2581, as a "
              "SentencePiece vocabulary needs",
              name);
}

std::optional<bool> hf_composes(const Json* normalizer) {
  const std::vector<const Json*> steps = steps_of(normalizer, "normalizers");
  const bool known = std::ranges::all_of(
      steps, [](const Json* step) { return step->is_object() && text_of(*step, "type") == "NFC"; });
  return known ? std::optional(!steps.empty()) : std::nullopt;
}

}  // namespace pecia::kernels
