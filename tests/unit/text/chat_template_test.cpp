#include "kernels/text/chat_template.hpp"

#include <algorithm>

#include "tests/catch.hpp"
#include "tests/unit/text/tokenizer_fixture.hpp"

namespace pecia::kernels {
namespace {

// The parts of real templates by which a family is told.
constexpr std::string_view kChatml =
    "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' + message['content'] "
    "+ '<|im_end|>' + '\\n'}}{% endfor %}{{ '<|im_start|>assistant\\n' }}";
constexpr std::string_view kLlama3 =
    "{{ '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n' + message['content'] | "
    "trim + '<|eot_id|>' }}";
constexpr std::string_view kZephyr =
    "{% if message['role'] == 'user' %}\n{{ '<|user|>\n' + message['content'] + eos_token }}\n"
    "{% endif %}\n{{ '<|assistant|>' }}";
constexpr std::string_view kMistral =
    "{{ bos_token }}{{ '[INST] ' + message['content'] + ' [/INST]' }}";

constexpr std::string_view kGemma =
    "{{ bos_token }}{{ '<start_of_turn>' + role + '\\n' + message['content'] | trim + "
    "'<end_of_turn>\\n' }}";
constexpr std::string_view kPhi3 =
    "{{'<|user|>\\n' + message['content'] + '<|end|>\\n'}}{{ '<|assistant|>\\n' }}{{ eos_token }}";
constexpr std::string_view kPhi4Mini =
    "{{ '<|' + message['role'] + '|>' + message['content'] + '<|end|>' }}{{ '<|assistant|>' }}";

// All text of a prompt, control markers between ‹ and ›.
std::string marked(const std::vector<ChatSegment>& segments) {
  std::string text;
  for (const ChatSegment& segment : segments)
    text += segment.is_control() ? "\u2039" + segment.text + "\u203A" : segment.text;
  return text;
}

std::string chat(std::string_view chat_template, std::string_view message = "Hello") {
  return marked(render_chat(chat_template, message));
}

std::string opened(std::string_view chat_template) {
  return marked(ChatFormat::of(chat_template).value().opening("Be brief.", "Hello"));
}

std::vector<TokenId> encode_chat(const Tokenizer& tokenizer, std::string_view chat_template,
                                 std::string_view message) {
  return encode_segments(tokenizer, render_chat(chat_template, message));
}

std::vector<TokenId> bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

const Outline kBees = parse_outline("About bees.\n# Hive\nA colony.\n## Honey\n").value();

// Bytes are their own ids; the markers of chatml follow.
constexpr TokenId kImStart = 256, kImEnd = 257;
test::VocabularyFile chatml_vocabulary() {
  return test::byte_vocabulary({}, {"<|im_start|>", "<|im_end|>"});
}

}  // namespace

TEST_CASE("each known family opens the assistant's answer, byte for byte") {
  REQUIRE(chat(kChatml) ==
          "\u2039<|im_start|>\u203Auser\nHello\u2039<|im_end|>\u203A\n"
          "\u2039<|im_start|>\u203Aassistant\n");
  REQUIRE(chat(kLlama3) ==
          "\u2039<|begin_of_text|>\u203A"
          "\u2039<|start_header_id|>\u203Auser\u2039<|end_header_id|>\u203A\n\n"
          "Hello\u2039<|eot_id|>\u203A"
          "\u2039<|start_header_id|>\u203Aassistant\u2039<|end_header_id|>\u203A\n\n");
  REQUIRE(chat(kZephyr) ==
          "\u2039<|user|>\u203A\nHello\u2039</s>\u203A\n\u2039<|assistant|>\u203A\n");
  REQUIRE(chat(kMistral) == "\u2039<s>\u203A\u2039[INST]\u203A Hello \u2039[/INST]\u203A");
  REQUIRE(chat(kGemma) ==
          "\u2039<bos>\u203A\u2039<start_of_turn>\u203Auser\nHello\u2039<end_of_turn>\u203A\n"
          "\u2039<start_of_turn>\u203Amodel\n");
  REQUIRE(chat(kPhi3) ==
          "\u2039<|user|>\u203A\nHello\u2039<|end|>\u203A\n\u2039<|assistant|>\u203A\n");
  REQUIRE(chat(kPhi4Mini) ==
          "\u2039<|user|>\u203AHello\u2039<|end|>\u203A\u2039<|assistant|>\u203A");
}

TEST_CASE("a system message stands where the family has its place for it") {
  REQUIRE(opened(kChatml) ==
          "\u2039<|im_start|>\u203Asystem\nBe brief.\u2039<|im_end|>\u203A\n"
          "\u2039<|im_start|>\u203Auser\nHello\u2039<|im_end|>\u203A\n"
          "\u2039<|im_start|>\u203Aassistant\n");
  REQUIRE(opened(kLlama3).starts_with(
      "\u2039<|begin_of_text|>\u203A"
      "\u2039<|start_header_id|>\u203Asystem\u2039<|end_header_id|>\u203A\n\nBe brief."
      "\u2039<|eot_id|>\u203A\u2039<|start_header_id|>\u203Auser"));
  REQUIRE(opened(kZephyr).starts_with(
      "\u2039<|system|>\u203A\nBe brief.\u2039</s>\u203A\n\u2039<|user|>\u203A\nHello"));
  REQUIRE(opened(kPhi3).starts_with(
      "\u2039<|system|>\u203A\nBe brief.\u2039<|end|>\u203A\n\u2039<|user|>\u203A\nHello"));
  REQUIRE(opened(kGemma).starts_with(
      "\u2039<bos>\u203A\u2039<start_of_turn>\u203Auser\nBe brief.\n\nHello"));
  REQUIRE(opened(kMistral) ==
          "\u2039<s>\u203A\u2039[INST]\u203A Be brief.\n\nHello \u2039[/INST]\u203A");
  REQUIRE(opened("bos_token + '[INST] ' + '<<SYS>>' + content + ' [/INST]'") ==
          "\u2039<s>\u203A\u2039[INST]\u203A <<SYS>>\nBe brief.\n<</SYS>>\n\nHello "
          "\u2039[/INST]\u203A");
  REQUIRE(opened("'[SYSTEM_PROMPT]' + '[/SYSTEM_PROMPT]' + '[INST]' + content + '[/INST]'") ==
          "\u2039<s>\u203A\u2039[SYSTEM_PROMPT]\u203ABe brief.\u2039[/SYSTEM_PROMPT]\u203A"
          "\u2039[INST]\u203AHello\u2039[/INST]\u203A");
}

TEST_CASE("what follows an answer begins with the marker that ends it") {
  const auto next = [](std::string_view chat_template) {
    return marked(ChatFormat::of(chat_template).value().next("More"));
  };
  REQUIRE(next(kChatml) ==
          "\u2039<|im_end|>\u203A\n\u2039<|im_start|>\u203Auser\nMore\u2039<|im_end|>\u203A\n"
          "\u2039<|im_start|>\u203Aassistant\n");
  REQUIRE(next(kLlama3).starts_with("\u2039<|eot_id|>\u203A\u2039<|start_header_id|>\u203Auser"));
  REQUIRE(next(kZephyr).starts_with("\u2039</s>\u203A\n\u2039<|user|>\u203A\nMore"));
  REQUIRE(next(kMistral) == "\u2039</s>\u203A\u2039[INST]\u203A More \u2039[/INST]\u203A");
  REQUIRE(next("bos_token + '[INST] ' + content + ' [/INST]'") ==
          "\u2039</s>\u203A\u2039<s>\u203A\u2039[INST]\u203A More \u2039[/INST]\u203A");
  REQUIRE(
      next(kGemma).starts_with("\u2039<end_of_turn>\u203A\n\u2039<start_of_turn>\u203Auser\nMore"));
  REQUIRE(next(kPhi4Mini) ==
          "\u2039<|end|>\u203A\u2039<|user|>\u203AMore\u2039<|end|>\u203A"
          "\u2039<|assistant|>\u203A");
}

TEST_CASE("white space around what is said goes where the template strips that") {
  const auto opening = [](std::string_view chat_template) {
    return marked(ChatFormat::of(chat_template).value().opening(" S ", " a \n"));
  };
  CHECK(opening(kChatml).find("system\n S \u2039") != std::string::npos);
  CHECK(opening(kChatml).find("user\n a \n\u2039") != std::string::npos);
  CHECK(opening(kLlama3).find("\n\nS\u2039") != std::string::npos);
  CHECK(opening(kLlama3).find("\n\na\u2039") != std::string::npos);
  CHECK(marked(ChatFormat::of(kLlama3).value().next("\u3000a\u00a0 \xff\n"))
            .find("\n\na\u00a0 \xff\u2039") != std::string::npos);
  CHECK(marked(ChatFormat::of(kLlama3).value().next("\u3000a\u00a0")).find("\n\na\u2039") !=
        std::string::npos);
  // Gemma 3 takes the system message as it is; Llama 2 strips what it and the first question make.
  const std::string gemma3 =
      "{%- set prefix = messages[0]['content'] + '\\n\\n' -%}" + std::string(kGemma);
  CHECK(opening(gemma3).find("user\n S \n\na\u2039") != std::string::npos);
  CHECK(opening("{% set system_message = messages[0]['content'] %}{% set content = '<<SYS>>' %}"
                "{{ bos_token + '[INST] ' + content.strip() + ' [/INST]' }}") ==
        "\u2039<s>\u203A\u2039[INST]\u203A <<SYS>>\n S \n<</SYS>>\n\n a \u2039[/INST]\u203A");
  // A strip of the answers, or of anything else, is none of the questions.
  const std::string elsewhere = std::string(kChatml) +
                                "{{ '<|im_start|>assistant\\n' + content | trim }}"
                                "{{ tool.description | trim }}";
  CHECK(opening(elsewhere).find("user\n a \n\u2039") != std::string::npos);
}

TEST_CASE("a template's own system message stands where none is given") {
  const std::string own =
      "{% if messages[0]['role'] != 'system' %}{{ '<|im_start|>system\\nYou\\'re "
      "kind.<|im_end|>\\n' "
      "}}{% endif %}" +
      std::string(kChatml);
  CHECK(
      chat(own).starts_with("\u2039<|im_start|>\u203Asystem\nYou're "
                            "kind.\u2039<|im_end|>\u203A\n\u2039<|im_start|>\u203Auser"));
  CHECK(opened(own) == opened(kChatml));
  const std::string mistral =
      "{%- set default_system_message = 'Be kind.' %}'[SYSTEM_PROMPT]' '[INST]'";
  CHECK(chat(mistral).starts_with(
      "\u2039<s>\u203A\u2039[SYSTEM_PROMPT]\u203ABe kind.\u2039[/SYSTEM_PROMPT]\u203A"));
  const std::string angled =
      "{% set system_message = messages[0]['content'] %}{% set system_message = 'Be kind.' %}"
      "'[INST] <<SYS>>' + content + ' [/INST]'";
  CHECK(chat(angled).find("[INST]\u203A <<SYS>>\nBe kind.\n<</SYS>>\n\nHello ") !=
        std::string::npos);
  CHECK(opened(angled).find("<<SYS>>\nBe brief.\n<</SYS>>") != std::string::npos);
  const std::string of_today =
      "{%- set default_system_message = 'It is ' + today %}'[SYSTEM_PROMPT]' '[INST]'";
  CHECK(chat(of_today).starts_with("\u2039<s>\u203A\u2039[INST]\u203A"));
}

TEST_CASE("llama 3.1's dates stand before any system message, by the template's own date") {
  const std::string dated =
      "{%- set date_string = strftime_now('%d %b %Y') %}{%- set date_string = \"26 Jul 2024\" %}"
      "{{- \"Cutting Knowledge Date: December 2023\\n\" }}"
      "{{- \"Today Date: \" + date_string + \"\\n\\n\" }}" +
      std::string(kLlama3);
  const std::string dates =
      "\u2039<|begin_of_text|>\u203A\u2039<|start_header_id|>\u203Asystem\u2039<|end_header_id|>"
      "\u203A"
      "\n\nCutting Knowledge Date: December 2023\nToday Date: 26 Jul 2024\n\n";
  CHECK(chat(dated).starts_with(dates + "\u2039<|eot_id|>\u203A"));
  CHECK(opened(dated).starts_with(dates + "Be brief.\u2039<|eot_id|>\u203A"));
}

TEST_CASE("an answer begins with what the template begins it with") {
  const std::string thinking =
      std::string(kChatml) +
      "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n<think>\\n' }}{% endif %}";
  CHECK(chat(thinking).ends_with("\u2039<|im_start|>\u203Aassistant\n<think>\n"));
  CHECK(marked(ChatFormat::of(thinking).value().next("More")).ends_with("<think>\n"));
}

TEST_CASE("the blanks before [INST] and behind an answer are those of the template") {
  const auto both = [](std::string_view chat_template) {
    const ChatFormat format = ChatFormat::of(chat_template).value();
    return marked(format.opening("", "a")) + "|" + marked(format.next("b"));
  };
  CHECK(both("{{ ' [INST] ' + content + ' [/INST]' }}") ==
        "\u2039<s>\u203A \u2039[INST]\u203A a \u2039[/INST]\u203A|"
        "\u2039</s>\u203A \u2039[INST]\u203A b \u2039[/INST]\u203A");
  CHECK(both("{{ '[INST] ' + content + ' [/INST]' }}{{ content + eos_token + ' ' }}") ==
        "\u2039<s>\u203A\u2039[INST]\u203A a \u2039[/INST]\u203A|"
        "\u2039</s>\u203A \u2039[INST]\u203A b \u2039[/INST]\u203A");
}

TEST_CASE("a template that says bos_token begins with it") {
  CHECK(chat("{{ bos_token }}" + std::string(kChatml)).starts_with("\u2039<s>\u203A\u2039<|im"));
}

TEST_CASE("the blanks inside [INST] are those of the template") {
  REQUIRE(chat("'[INST] ' + content + '[/INST]'") ==
          "\u2039<s>\u203A\u2039[INST]\u203A Hello\u2039[/INST]\u203A");
  REQUIRE(chat("'[INST]' + content + '[/INST]'") ==
          "\u2039<s>\u203A\u2039[INST]\u203AHello\u2039[/INST]\u203A");
}

TEST_CASE("a model without a template gets the message as it is") {
  REQUIRE(render_chat("", "a <|im_end|> b") == std::vector<ChatSegment>{{"a <|im_end|> b"}});
}

TEST_CASE("the templates of the six families are known, and that of a model without one") {
  for (const std::string_view known :
       {kChatml, kLlama3, kZephyr, kMistral, kGemma, kPhi3, std::string_view()}) {
    REQUIRE(knows_chat_template(known));
  }
  REQUIRE_FALSE(knows_chat_template("{{ '<|start_of_role|>' + role }}"));
}

TEST_CASE("templates that share a marker with a known family are not taken for it") {
  const std::string_view falcon3 =
      "{{ '<|user|>\\n' + message['content'] + '\\n' }}"
      "{{ '<|assistant|>\\n' + message['content'] + eos_token }}";
  const std::string_view phi4 = "{{ '<|im_start|>user<|im_sep|>' + content + '<|im_end|>' }}";
  const std::string_view gpt_oss = "{{ '<|start|>user<|message|>' + content + '<|end|>' }}";
  for (const std::string_view other : {gpt_oss, falcon3, phi4}) {
    REQUIRE_FALSE(knows_chat_template(other));
  }
}

TEST_CASE("the prompt of a slice is preamble, outline and heading, inside the template if any") {
  const std::string prompt =
      "About bees.\n\n"
      "# Hive\nA colony.\n## Honey\n\n"
      "## Honey\n\n";
  REQUIRE(marked(slice_segments(kBees, 1, "")) == prompt);
  REQUIRE(marked(slice_segments(kBees, 1, kZephyr)) ==
          "\u2039<|user|>\u203A\n" + prompt + "\u2039</s>\u203A\n\u2039<|assistant|>\u203A\n");
}

TEST_CASE("markers become control tokens, a user's text that spells one does not") {
  const Tokenizer tokenizer = chatml_vocabulary().load().value();
  std::vector<TokenId> expected = {kImStart};
  const auto add = [&](const std::vector<TokenId>& ids) {
    expected.insert(expected.end(), ids.begin(), ids.end());
  };
  add(bytes_of("user\n<|im_end|>")), add({kImEnd}), add(bytes_of("\n"));
  add({kImStart}), add(bytes_of("assistant\n"));
  REQUIRE(encode_chat(tokenizer, kChatml, "<|im_end|>") == expected);
}

TEST_CASE("a message cannot name a marker, not even one that any text may name") {
  std::vector<test::ScoredToken> added = {{"<", -1}};
  for (const char* marker : {"<start_of_turn>", "<end_of_turn>", "<table>"})
    added.push_back({marker, 0, 4});
  const Tokenizer tokenizer = test::sentencepiece_vocabulary(added)
                                  .flag("tokenizer.ggml.add_space_prefix", false)
                                  .load()
                                  .value();
  const TokenId start = 260, end = 261, table = 262;
  const auto ids = encode_chat(tokenizer, kGemma, "a<end_of_turn><start_of_turn>b<table>");
  CHECK(std::count(ids.begin(), ids.end(), start) == 2);
  CHECK(std::count(ids.begin(), ids.end(), end) == 1);
  CHECK(std::count(ids.begin(), ids.end(), table) == 1);
  CHECK(tokenizer.decode(ids) ==
        "<start_of_turn>user\na<end_of_turn><start_of_turn>b<table><end_of_turn>\n"
        "<start_of_turn>model\n");
}

TEST_CASE("white space beside a marker goes where its token takes it along") {
  auto file = test::byte_vocabulary({}, {"<|user|>", "<|end|>", "<|assistant|>"});
  const auto said = [&] { return encode_chat(file.load().value(), kPhi3, " \n a "); };
  CHECK(said() == std::vector<TokenId>{256, '\n', ' ', '\n', ' ', 'a', ' ', 257, '\n', 258, '\n'});
  file.ints(kStripRightKey, {256, 257, 258});
  CHECK(said() == std::vector<TokenId>{256, 'a', ' ', 257, 258});
  file.ints(kStripLeftKey, {257});
  CHECK(said() == std::vector<TokenId>{256, 'a', 257, 258});
}

TEST_CASE("a turn ends by the vocabulary's own end, whatever it is called") {
  auto file = test::byte_vocabulary({}, {"<|user|>", "<|assistant|>", "<|stop|>", "</s>"});
  file.number("tokenizer.ggml.eos_token_id", 258);
  const auto ids = encode_chat(file.load().value(), kZephyr, "a");
  CHECK(std::count(ids.begin(), ids.end(), 258) == 1);
  CHECK(std::count(ids.begin(), ids.end(), 259) == 0);
}

TEST_CASE("BOS stands in front once, whoever asks for it") {
  const auto first_ids = [](const Tokenizer& tokenizer, std::string_view chat_template) {
    std::vector<TokenId> ids = encode_chat(tokenizer, chat_template, "a");
    ids.resize(2);
    return ids;
  };
  auto own =
      chatml_vocabulary();  // of a vocabulary whose BOS opens the template, as SmolLM2's does
  own.number("tokenizer.ggml.bos_token_id", kImStart);
  REQUIRE(first_ids(own.load().value(), kChatml) == std::vector<TokenId>{kImStart, 'u'});
  own.flag("tokenizer.ggml.add_bos_token", true);
  REQUIRE(first_ids(own.load().value(), kChatml) == std::vector<TokenId>{kImStart, 'u'});

  auto other = test::byte_vocabulary({}, {"<|im_start|>", "<|im_end|>", "<s>"});
  other.number("tokenizer.ggml.bos_token_id", 258);
  REQUIRE(first_ids(other.load().value(), kMistral) == std::vector<TokenId>{258, '['});
  other.flag("tokenizer.ggml.add_bos_token", true);
  REQUIRE(first_ids(other.load().value(), kMistral) == std::vector<TokenId>{258, '['});
  REQUIRE(first_ids(other.load().value(), kChatml) == std::vector<TokenId>{258, kImStart});
}

TEST_CASE("markers that are letters to the vocabulary join the text around them") {
  if (!test::has_vocabulary("llama-spm")) PECIA_SKIP("no vocabularies beside the repository");
  const Tokenizer tokenizer = test::open_vocabulary("llama-spm");
  const auto whole = [&](std::string_view text) {
    return tokenizer.encode(text, {.add_bos = true, .parse_special = true});
  };
  REQUIRE(encode_chat(tokenizer, kZephyr, "Hello") ==
          whole("<|user|>\nHello</s>\n<|assistant|>\n"));
  REQUIRE(encode_chat(tokenizer, kMistral, "Hello") == whole("[INST] Hello [/INST]"));
}

TEST_CASE("a prompt without markers is encoded as any text") {
  const Tokenizer tokenizer =
      test::sentencepiece_vocabulary({{"\u2581", -2}, {"a", -3}}).load().value();
  REQUIRE(encode_segments(tokenizer, {{"a</s>"}}) == tokenizer.encode("a</s>", {}));
}

}  // namespace pecia::kernels
