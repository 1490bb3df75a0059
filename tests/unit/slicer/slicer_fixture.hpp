#pragma once
// Specs and a tokenizer whose tokens are bytes, so that a text has as many tokens as bytes; and a
// slicer with everything around it in the hands of a test.

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "actors/slicer/slicer_core.hpp"
#include "actors/summarizer/summarizer_core.hpp"
#include "runtime/wire/codec.hpp"
#include "tests/catch.hpp"
#include "tests/unit/text/tokenizer_fixture.hpp"

namespace pecia::actors {

using kernels::TokenId;
using runtime::JobSpec;
using runtime::PlannedStep;
using runtime::Record;
using runtime::TokenIds;
using SharedTokenizer = std::shared_ptr<const kernels::Tokenizer>;

inline constexpr runtime::JobId kJob{1};
inline constexpr std::string_view kChatml = "<|im_start|>user <|im_end|>";

// "abc" is one token that no text is encoded to: "ab" is joined first.
inline constexpr TokenId kAbc = 258;
inline SharedTokenizer bytes_tokenizer(std::string_view chat_template = {}) {
  auto file =
      kernels::test::byte_vocabulary({"a b", "b c", "a bc"}, {"<|im_start|>", "<|im_end|>"});
  if (!chat_template.empty()) file.text("tokenizer.chat_template", std::string(chat_template));
  return std::make_shared<const kernels::Tokenizer>(file.load().value());
}

inline TokenIds bytes_of(std::string_view text) {
  TokenIds ids;
  for (const char c : text) ids.push_back(static_cast<unsigned char>(c));
  return ids;
}

// "# 1" to "# n", behind a preamble.
inline JobSpec spec_of(int sections, runtime::ContextMode context = runtime::ContextMode::none) {
  JobSpec spec;
  spec.outline = "About.\n";
  for (int k = 1; k <= sections; ++k) spec.outline += "# " + std::to_string(k) + "\n";
  spec.context = context;
  spec.tokens = 200 * sections;
  return spec;
}

inline JobPlan plan_of(const JobSpec& spec, SharedTokenizer tokenizer = bytes_tokenizer()) {
  return JobPlan::create(spec, std::move(tokenizer)).value();
}

class Slicing {
 public:
  explicit Slicing(const JobSpec& spec) : Slicing(runtime::encode(spec)) {}
  explicit Slicing(runtime::Bytes spec) {
    tell(runtime::OpenedRecord{kJob, std::move(spec), 7, {}, "numerics", 0});
  }

  // -- the journal
  void tell(const Record& record) {
    journal.push_back(record);
    core.follow(record);
  }
  void plan(std::vector<PlannedStep> steps) {
    tell(runtime::PlannedRecord{kJob, {}, std::move(steps)});
  }
  void write(const std::string& path, const TokenIds& ids) {
    const auto half = ids.begin() + static_cast<std::ptrdiff_t>(ids.size() / 2);
    tell(runtime::TokensRecord{{kJob, path}, 0, {ids.begin(), half}, {}, {}});
    tell(runtime::TokensRecord{{kJob, path}, ids.size() / 2, {half, ids.end()}, {}, {}});
  }
  void end(const std::string& path) {
    tell(runtime::EndedRecord{{kJob, path}, runtime::StepEnd::eos, 0, 0, {}});
    ++ended;
  }
  void close() { tell(runtime::ClosedRecord{kJob, runtime::JobEnd::cancelled, {}}); }

  // -- the coordinator and the summarizer
  SlicerEffects ask() { return core.on_expand(kJob, ended); }
  // Asks, and has summaries made until there is an answer.
  Expanded expanded() {
    SlicerEffects effects = ask();
    while (effects.size() == 1 && std::holds_alternative<Summarize>(effects[0])) {
      summaries.push_back(std::get<Summarize>(effects[0]));
      const Summarize& asked = summaries.back();
      effects =
          core.on_summarized(kJob, asked.wave, summarize(asked.text, asked.tokens_max, *tokenizer));
    }
    REQUIRE(effects.size() == 1);
    return std::get<Expanded>(effects[0]);
  }
  // Asks, and has what comes planned.
  std::vector<PlannedStep> next_steps() {
    const Expanded answer = expanded();
    REQUIRE(answer.failure.empty());
    if (!answer.steps.empty()) plan(answer.steps);
    complete = answer.complete;
    return answer.steps;
  }

  SharedTokenizer tokenizer = bytes_tokenizer();
  SlicerCore core{tokenizer};
  std::vector<Record> journal;
  std::vector<Summarize> summaries;  // asked for, in order
  std::size_t ended = 0;
  bool complete = false;
};

// What any slice says: words of its own.
inline std::string text_of_slice(const std::string& path) {
  return "Slice " + path + " tells of bees. Its hive is number " + path + ". All is well.";
}

inline std::vector<std::string> paths_of(const std::vector<PlannedStep>& steps) {
  std::vector<std::string> paths;
  for (const PlannedStep& step : steps) paths.push_back(step.path);
  return paths;
}

}  // namespace pecia::actors
