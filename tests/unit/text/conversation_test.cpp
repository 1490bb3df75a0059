#include "kernels/text/conversation.hpp"

#include <algorithm>

#include "kernels/text/chat_template.hpp"
#include "tests/catch.hpp"
#include "tests/unit/text/tokenizer_fixture.hpp"

namespace pecia::kernels {
namespace {

using Ids = std::vector<TokenId>;

constexpr std::string_view kTemplates[] = {"<|im_start|>user<|im_end|>",
                                           "'<|start_header_id|>' + content | trim + '<|eot_id|>'",
                                           "{{ '<|user|>\n' + content + eos_token }}",
                                           "{{ bos_token }}{{ '[INST] ' + content + ' [/INST]' }}",
                                           "'<start_of_turn>' + content | trim + '<end_of_turn>'",
                                           "{{ '<|user|>\n' + content + '<|end|>\n' }}"};

std::shared_ptr<const Tokenizer> tokenizer_with(std::string_view chat_template) {
  std::vector<std::string> markers;
  for (const std::string_view marker : chat_markers()) markers.emplace_back(marker);
  auto file = test::byte_vocabulary({}, markers);
  const auto eos = std::find(markers.begin(), markers.end(), "</s>") - markers.begin();
  file.number("tokenizer.ggml.eos_token_id", static_cast<std::uint32_t>(256 + eos));
  file.text("tokenizer.chat_template", chat_template);
  return std::make_shared<const Tokenizer>(file.load().value());
}

Ids bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

bool begins_with(const Ids& ids, const Ids& beginning) {
  return ids.size() >= beginning.size() &&
         std::equal(beginning.begin(), beginning.end(), ids.begin());
}

}  // namespace

TEST_CASE("a turn's prompt begins with the last prompt and what the model wrote, in each family") {
  for (const std::string_view chat_template : kTemplates) {
    INFO(chat_template);
    auto conversation = Conversation::create(tokenizer_with(chat_template)).value();
    conversation.begin_anew("Be brief.");
    Ids before;
    for (const char* answer : {"one", "", "three <|im_end|> times"}) {
      const Ids prompt = conversation.ask("and then?");
      REQUIRE(begins_with(prompt, before));
      REQUIRE(prompt.size() > before.size());
      before = prompt;
      const Ids written = bytes_of(answer);  // not as the tokenizer would cut it
      before.insert(before.end(), written.begin(), written.end());
      conversation.answered(prompt, written);
    }
    CHECK(conversation.turns() == 3);
    CHECK(conversation.tokens() == before.size());
    CHECK(begins_with(conversation.ask("?"), before));
  }
}

TEST_CASE("an answer that ended by itself and one that was stopped lead to the same next prompt") {
  for (const std::string_view chat_template : kTemplates) {
    const auto tokenizer = tokenizer_with(chat_template);
    auto ended = Conversation::create(tokenizer).value(), stopped = ended;
    const Ids prompt = ended.ask("a");
    const Ids end = tokenizer->encode(ended.format().next("").front().text,
                                      {.add_bos = false, .parse_special = true});
    REQUIRE(end.size() == 1);
    Ids whole = bytes_of("yes");
    stopped.answered(prompt, whole);
    whole.push_back(end.front());
    ended.answered(prompt, whole);
    CHECK(ended.ask("b") == stopped.ask("b"));
    CHECK(ended.ask("b")[prompt.size() + 3] == end.front());
  }
}

TEST_CASE("the tokens of a whole conversation are those of its text") {
  const auto tokenizer = tokenizer_with(kTemplates[0]);
  auto conversation = Conversation::create(tokenizer).value();
  conversation.begin_anew("S");
  conversation.answered(conversation.ask("a"), bytes_of("b"));
  CHECK(conversation.ask("c") ==
        tokenizer->encode("<|im_start|>system\nS<|im_end|>\n<|im_start|>user\na<|im_end|>\n"
                          "<|im_start|>assistant\nb<|im_end|>\n<|im_start|>user\nc<|im_end|>\n"
                          "<|im_start|>assistant\n",
                          {.parse_special = true}));
}

TEST_CASE("a question that was not answered leaves no trace") {
  auto conversation = Conversation::create(tokenizer_with(kTemplates[0])).value();
  const Ids first = conversation.ask("a");
  CHECK(conversation.ask("b") != first);
  CHECK(conversation.ask("a") == first);
  conversation.answered(first, {});
  conversation.begin_anew("");
  CHECK(conversation.ask("a") == first);
  CHECK(conversation.turns() == 0);
}

TEST_CASE("where no token ends an answer, the text of the marker does") {
  using Texts = std::vector<std::string>;
  const Texts own = {"stop"};
  CHECK(stop_texts(own, *tokenizer_with(kTemplates[0]), true) == own);
  CHECK(stop_texts(own, *tokenizer_with(""), true) == own);
  auto file = test::byte_vocabulary({}, {"<|im_start|>"});
  file.text("tokenizer.chat_template", kTemplates[0]);
  const Tokenizer without = file.load().value();
  CHECK(stop_texts(own, without, true) == Texts{"stop", "<|im_end|>"});
  CHECK(stop_texts(own, without, false) == own);
}

TEST_CASE("a model without a template, or with a strange one, holds no conversation") {
  const auto none = Conversation::create(tokenizer_with(""));
  CHECK(none.error().message.find("no chat template") != std::string::npos);
  const auto strange = Conversation::create(tokenizer_with("{{ '<|start_of_role|>' }}"));
  CHECK(strange.error().message ==
        "tokenizer.chat_template is of no known family (chatml, llama-3, zephyr, mistral, gemma, "
        "phi)");
}

}  // namespace pecia::kernels
