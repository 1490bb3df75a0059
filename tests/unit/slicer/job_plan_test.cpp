// What a spec alone decides: slices, shares, inputs, budgets and the prompts.

#include "actors/slicer/job_plan.hpp"

#include "kernels/text/chat_template.hpp"
#include "runtime/wire/limits.hpp"
#include "tests/unit/slicer/slicer_fixture.hpp"

using namespace pecia::actors;
using namespace pecia::kernels;
using pecia::runtime::ContextMode;

namespace {

using Paths = std::vector<std::string>;
using Ids = std::vector<TokenId>;

JobPlan direct_plan(int sections = 3) { return plan_of(spec_of(sections, ContextMode::direct)); }

Ids encoded(const std::string& message) {
  return encode_segments(*bytes_tokenizer(), render_chat("", message));
}

}  // namespace

TEST_CASE("without a context the prompts are those of the slices, inside the template if any") {
  for (const std::string_view chat_template : {std::string_view(), kChatml}) {
    const SharedTokenizer tokenizer = bytes_tokenizer(chat_template);
    const JobPlan plan = plan_of(spec_of(3), tokenizer);
    REQUIRE(plan.slices() == 3);
    for (std::size_t k = 0; k < 3; ++k) {
      const Ids prompt =
          encode_segments(*tokenizer, slice_segments(plan.outline(), k, chat_template));
      CHECK(plan.prompt(k, "") == prompt);
      CHECK(plan.prompt(k, "not looked at") == prompt);
      CHECK(plan.budget(k).prompt_tokens_max == prompt.size());
      CHECK(plan.budget(k).path == std::to_string(k + 1));
      CHECK(plan.inputs(k).empty());
    }
  }
}

TEST_CASE("a slice ends by the text of its template's marker where no token says it") {
  auto file = test::byte_vocabulary({}, {"<|im_start|>"});
  file.text("tokenizer.chat_template", std::string(kChatml));
  const auto tokenizer = std::make_shared<const Tokenizer>(file.load().value());
  JobSpec spec = spec_of(2);
  CHECK(plan_of(spec, tokenizer).text_of(bytes_of("Said.<|im_end|>More.")).value() == "Said.");
  spec.chat_template = false;
  CHECK(plan_of(spec, tokenizer).text_of(bytes_of("a<|im_end|>b")).value() == "a<|im_end|>b");
}

TEST_CASE("no template is used where it is not wanted, or of no known family") {
  JobSpec spec = spec_of(2);
  const Ids bare = plan_of(spec).prompt(1, "");
  CHECK(plan_of(spec, bytes_tokenizer("{{ '<start_of_turn>' }}")).prompt(1, "") == bare);
  CHECK(plan_of(spec, bytes_tokenizer(kChatml)).prompt(1, "") != bare);
  spec.chat_template = false;
  CHECK(plan_of(spec, bytes_tokenizer(kChatml)).prompt(1, "") == bare);
}

TEST_CASE("the tokens of the document are shared over its slices, 256 each by default") {
  const auto shares = [](int tokens) {
    JobSpec spec = spec_of(3);
    spec.tokens = tokens;
    const JobPlan plan = plan_of(spec);
    return std::vector{plan.tokens_max(0), plan.budget(1).tokens_max, plan.tokens_max(2)};
  };
  CHECK(shares(-1) == std::vector{256, 256, 256});
  CHECK(shares(0) == std::vector{0, 0, 0});
  CHECK(shares(11) == share_tokens(11, 3));
}

TEST_CASE("a slice of more tokens than an order repeats is refused by its share") {
  constexpr int kMax = pecia::runtime::kPromptTokensMax;
  JobSpec spec = spec_of(2);
  for (const bool one_stream : {false, true}) {
    spec.one_stream = one_stream;
    spec.tokens = one_stream ? kMax : 2 * kMax;
    CHECK(plan_of(spec).tokens_max(0) == kMax);
    ++spec.tokens;
    const auto plan = JobPlan::create(spec, bytes_tokenizer());
    REQUIRE_FALSE(plan.ok());
    CHECK(plan.error().kind == ErrorKind::refuse);
    CHECK(plan.error().message.starts_with("slice 1: its share of -n is 1048577 tokens"));
  }
}

TEST_CASE("in one stream the document is one slice behind its first heading, in any context") {
  for (const ContextMode context : {ContextMode::none, ContextMode::direct, ContextMode::summary}) {
    JobSpec spec = spec_of(3, context);
    spec.one_stream = true;
    const SharedTokenizer tokenizer = bytes_tokenizer(kChatml);
    const JobPlan plan = plan_of(spec, tokenizer);
    REQUIRE(plan.slices() == 1);
    CHECK(plan.context() == ContextMode::none);
    CHECK(plan.outline().sections.size() == 1);
    CHECK(plan.tokens_max(0) == 600);
    CHECK(plan.prompt(0, "") == tokenizer->encode("About.\n\n# 1\n\n", EncodeOptions{}));
    spec.tokens = -1;
    CHECK(plan_of(spec, tokenizer).tokens_max(0) == 3 * 256);
    spec.tokens = 0;
    CHECK(plan_of(spec, tokenizer).tokens_max(0) == 0);
  }
}

TEST_CASE("a slice in a chain reads the one before it") {
  const JobPlan plan = direct_plan();
  CHECK(plan.inputs(0).empty());
  CHECK(plan.inputs(1) == Paths{"1"});
  CHECK(plan.inputs(2) == Paths{"2"});
  CHECK(plan.prompt(0, "") == plan_of(spec_of(3)).prompt(0, ""));
  CHECK(plan.prompt(2, "Said before.") ==
        encoded("About.\n\n# 1\n# 2\n# 3\n\n# 2\n\nSaid before.\n\n# 3\n\n"));
  CHECK(plan.prompt(2, "") == encoded("About.\n\n# 1\n# 2\n# 3\n\n# 2\n\n# 3\n\n"));
}

TEST_CASE("a chain goes on inside the template of the model") {
  const SharedTokenizer tokenizer = bytes_tokenizer(kChatml);
  const JobPlan plan = plan_of(spec_of(2, ContextMode::direct), tokenizer);
  const std::string message = continued_prompt(plan.outline(), 1, "Said.");
  CHECK(plan.prompt(1, "Said.") == encode_segments(*tokenizer, render_chat(kChatml, message)));
}

TEST_CASE("the text before is cut from its front to what the slice before may have written") {
  const JobPlan plan = direct_plan();
  const std::size_t max = plan.budget(1).prompt_tokens_max;
  // Two bytes more than the text may be: those of the blank line behind it.
  CHECK(max == plan.prompt(1, "").size() + 200);
  CHECK(plan.prompt(1, std::string(198, 'x')).size() == max);
  const std::string words = "one two " + std::string(180, 'x') + " three four";
  CHECK(plan.prompt(1, words) == plan.prompt(1, words.substr(4)));
  CHECK(plan.prompt(1, words).size() <= max);
  CHECK(plan.prompt(1, std::string(199, 'x')) == plan.prompt(1, ""));
}

TEST_CASE("a text of tokens that no encoder makes is cut like any other that is too long") {
  const JobPlan plan = direct_plan();
  TokenIds ids;
  for (int i = 0; i < 100; ++i) {
    ids.push_back(' ');
    ids.push_back(kAbc);
  }
  const std::string text = plan.text_of(ids).value();
  REQUIRE(text.size() == 399);
  const Ids prompt = plan.prompt(1, text);
  CHECK(prompt.size() <= plan.budget(1).prompt_tokens_max);
  CHECK(prompt.size() > plan.budget(1).prompt_tokens_max - 3);
}

TEST_CASE("slices of a wave read all slices of the wave before, and a summary") {
  const JobPlan plan = plan_of(spec_of(10, ContextMode::summary));
  for (const std::size_t k : {0, 3}) CHECK(plan.inputs(k).empty());
  for (const std::size_t k : {4, 7}) CHECK(plan.inputs(k) == Paths{"1", "2", "3", "4"});
  for (const std::size_t k : {8, 9}) CHECK(plan.inputs(k) == Paths{"5", "6", "7", "8"});
  CHECK((plan.wave(2).begin == 8 && plan.wave(2).end == 10));
  CHECK(plan.prompt(3, "") == plan_of(spec_of(10)).prompt(3, ""));
  CHECK(plan.prompt(4, "In short.") == encoded(summary_prompt(plan.outline(), 4, "In short.")));
}

TEST_CASE("a summary that needs more tokens than it may is cut further") {
  const JobPlan plan = plan_of(spec_of(5, ContextMode::summary));
  const std::size_t max = plan.budget(4).prompt_tokens_max;
  CHECK(max == plan.prompt(4, "").size() + kSummaryTokens + kSummaryJointTokens);
  std::string summary;
  while (summary.size() < kSummaryTokens) summary += "bee ";
  CHECK(plan.prompt(4, summary) == encoded(summary_prompt(plan.outline(), 4, summary)));
  while (summary.size() < 2 * kSummaryTokens) summary += "bee ";
  CHECK(plan.prompt(4, summary).size() <= max);
  CHECK(plan.prompt(4, summary).size() > max - 5);
}

TEST_CASE("a path names a slice of the plan, or none") {
  const JobPlan plan = direct_plan(12);
  CHECK(plan.slice_of("1") == 0U);
  CHECK(plan.slice_of("12") == 11U);
  for (const char* path : {"", "0", "13", "01", "2.1", "1x", "-1", "99999999999999999999"})
    CHECK_FALSE(plan.slice_of(path));
}

TEST_CASE("the text of a slice is the visible one, without stop text and white space") {
  JobSpec spec = spec_of(2);
  spec.stop = {"END"};
  const JobPlan plan = plan_of(spec);
  CHECK(plan.text_of(bytes_of("\n Said.\n\nEND and more")).value() == "Said.");
  CHECK(plan.text_of({}).value() == "");
  const auto foreign = plan.text_of(TokenIds{65, 999});
  REQUIRE_FALSE(foreign.ok());
  CHECK(foreign.error().message.starts_with("token 999 is none of the vocabulary of"));
}

TEST_CASE("a spec whose outline is none has no plan, and it is said why") {
  JobSpec spec;
  spec.outline = "no heading";
  const auto plan = JobPlan::create(spec, bytes_tokenizer());
  REQUIRE_FALSE(plan.ok());
  CHECK(plan.error().message.starts_with("outline line 1: ends without a heading"));
}
