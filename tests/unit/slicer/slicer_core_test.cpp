// What the slicer answers, when it asks for a summary, and what it forgets.

#include "actors/slicer/slicer_core.hpp"

#include "tests/unit/slicer/slicer_fixture.hpp"

using namespace pecia::actors;
using namespace pecia::runtime;
using pecia::kernels::ErrorKind;
using pecia::kernels::fail;

namespace {

using Paths = std::vector<std::string>;

// Writes and ends a slice that says what it always says.
void finish(Slicing& s, const std::string& path) {
  s.write(path, bytes_of(text_of_slice(path)));
  s.end(path);
}

Expanded answer_of(const SlicerEffects& effects) {
  REQUIRE(effects.size() == 1);
  return std::get<Expanded>(effects[0]);
}

const Summarize& summarize_of(const SlicerEffects& effects) {
  REQUIRE(effects.size() == 1);
  return std::get<Summarize>(effects[0]);
}

// Asked for the summary of the first wave: four slices of six have ended.
struct Waiting : Slicing {
  Waiting() : Slicing(spec_of(6, ContextMode::summary)) {
    next_steps();
    for (const char* path : {"1", "2", "3", "4"}) finish(*this, path);
    asked = summarize_of(ask());
  }
  Summarize asked;
};

}  // namespace

TEST_CASE("without a context all slices are planned at once, and no token is kept") {
  Slicing s(spec_of(3));
  const Expanded answer = s.expanded();
  CHECK(answer.job == kJob);
  CHECK((answer.complete && answer.failure.empty() && answer.steps_ended == 0));
  REQUIRE(paths_of(answer.steps) == Paths{"1", "2", "3"});
  const JobPlan plan = plan_of(spec_of(3));
  for (std::size_t k = 0; k < 3; ++k)
    CHECK(answer.steps[k] == PlannedStep{JobPlan::path_of(k), {}, plan.prompt(k, ""), 200});
  s.plan(answer.steps);
  finish(s, "2");
  CHECK(s.core.tokens_kept() == 0);
}

TEST_CASE("what is planned already is not given again, and the plan stays complete") {
  Slicing s(spec_of(3));
  s.plan({s.expanded().steps[0]});
  CHECK(paths_of(s.expanded().steps) == Paths{"2", "3"});
  s.next_steps();
  const Expanded answer = s.expanded();
  CHECK((answer.steps.empty() && answer.complete));
}

TEST_CASE("a plan reaches a number of steps beyond the ended ones") {
  Slicing s(spec_of(140));
  CHECK(s.next_steps().size() == kStepsAhead);
  CHECK_FALSE(s.complete);
  CHECK(s.next_steps().empty());
  for (const char* path : {"5", "7"}) s.end(path);
  CHECK(paths_of(s.next_steps()) == Paths{"129", "130"});
  for (int k = 8; k < 18; ++k) s.end(std::to_string(k));
  CHECK(s.next_steps().size() == 10);
  CHECK(s.complete);
}

TEST_CASE("a plan has a number of prompt tokens in one answer, and one step at least") {
  JobSpec spec = spec_of(3);
  spec.outline.insert(0, std::string(kPlannedTokensMax * 2 / 5, 'x'));
  Slicing s(spec);
  CHECK(paths_of(s.next_steps()) == Paths{"1", "2"});
  CHECK_FALSE(s.complete);
  CHECK(paths_of(s.next_steps()) == Paths{"3"});
  CHECK(s.complete);
}

TEST_CASE(
    "a chain is planned link by link, each from the text before it, which is then forgotten") {
  const JobSpec spec = spec_of(3, ContextMode::direct);
  const JobPlan plan = plan_of(spec);
  Slicing s(spec);
  CHECK(s.next_steps() == std::vector{PlannedStep{"1", {}, plan.prompt(0, ""), 200}});
  CHECK_FALSE(s.complete);
  s.write("1", bytes_of("  Said.\n"));
  CHECK(s.next_steps().empty());  // not ended
  s.end("1");
  CHECK(s.core.tokens_kept() == 8);
  CHECK(s.next_steps() == std::vector{PlannedStep{"2", {"1"}, plan.prompt(1, "Said."), 200}});
  CHECK(s.core.tokens_kept() == 0);
  finish(s, "2");
  const std::string text = text_of_slice("2");
  CHECK(s.next_steps() == std::vector{PlannedStep{"3", {"2"}, plan.prompt(2, text), 200}});
  CHECK(s.complete);
  finish(s, "3");
  CHECK(s.core.tokens_kept() == 0);
}

TEST_CASE("a wave waits for the one before and for its summary, made of headings and texts") {
  Slicing s(spec_of(6, ContextMode::summary));
  CHECK(paths_of(s.next_steps()) == Paths{"1", "2", "3", "4"});
  CHECK_FALSE(s.complete);
  for (const char* path : {"4", "2", "1"}) finish(s, path);
  CHECK(s.next_steps().empty());
  CHECK(s.summaries.empty());
  s.write("3", {});  // says nothing
  s.end("3");
  const auto steps = s.next_steps();
  CHECK(paths_of(steps) == Paths{"5", "6"});
  CHECK(s.complete);
  REQUIRE(s.summaries.size() == 1);
  CHECK(s.summaries[0] ==
        Summarize{kJob, 1,
                  "# 1\n\n" + text_of_slice("1") + "\n\n# 2\n\n" + text_of_slice("2") +
                      "\n\n# 3\n\n# 4\n\n" + text_of_slice("4"),
                  kSummaryTokens});
  const std::string summary = summarize(s.summaries[0].text, 160, *s.tokenizer).value();
  const JobPlan plan = plan_of(spec_of(6, ContextMode::summary));
  CHECK(steps[1] == PlannedStep{"6", {"1", "2", "3", "4"}, plan.prompt(5, summary), 200});
}

TEST_CASE("a summary rolls on from the one before it, and what it read is forgotten") {
  Slicing s(spec_of(12, ContextMode::summary));
  s.next_steps();
  for (int k = 1; k <= 4; ++k) finish(s, std::to_string(k));
  CHECK(s.core.tokens_kept() > 0);
  s.next_steps();
  CHECK(s.core.tokens_kept() == 0);
  for (int k = 5; k <= 8; ++k) finish(s, std::to_string(k));
  s.next_steps();
  REQUIRE(s.summaries.size() == 2);
  const std::string first = summarize(s.summaries[0].text, 160, *s.tokenizer).value();
  CHECK(s.summaries[1].wave == 2);
  CHECK(s.summaries[1].text.starts_with(first + "\n\n# 5\n\nSlice 5 tells"));
  CHECK(s.complete);
  finish(s, "9");
  CHECK(s.core.tokens_kept() == 0);  // nobody reads the last wave
}

TEST_CASE("a start over a plan that is complete keeps no text and asks for no summary") {
  const JobSpec spec = spec_of(9, ContextMode::summary);
  Slicing s(spec);
  for (int k = 1; k <= 9; ++k) {
    s.next_steps();
    finish(s, std::to_string(k));
  }
  REQUIRE(s.complete);
  Slicing anew(spec);
  for (std::size_t i = 1; i < s.journal.size(); ++i) anew.tell(s.journal[i]);
  CHECK(anew.core.tokens_kept() == 0);
  anew.ended = 9;
  CHECK(answer_of(anew.ask()) == Expanded{kJob, 9, {}, true, {}});
}

TEST_CASE("a start amid a job has its summaries made again, one after another") {
  const JobSpec spec = spec_of(12, ContextMode::summary);
  Slicing s(spec);
  for (int k = 1; k <= 8; ++k) {
    s.next_steps();
    finish(s, std::to_string(k));
  }
  Slicing anew(spec);
  for (std::size_t i = 1; i < s.journal.size(); ++i) anew.tell(s.journal[i]);
  anew.ended = 8;
  CHECK(anew.expanded() == s.expanded());
  CHECK(anew.summaries == s.summaries);
  CHECK(anew.summaries.size() == 2);
}

TEST_CASE("whoever asks while a summary is made is answered with it, each once") {
  Waiting s;
  CHECK(s.ask().empty());
  CHECK(s.ask().empty());
  const SlicerEffects effects = s.core.on_summarized(kJob, 1, std::string("In short."));
  REQUIRE(effects.size() == 3);
  CHECK(s.core.tokens_kept() == 0);
  CHECK(paths_of(std::get<Expanded>(effects[0]).steps) == Paths{"5", "6"});
  CHECK((effects[1] == effects[0] && effects[2] == effects[0]));
  CHECK(s.core.on_summarized(kJob, 1, std::string("Late.")).empty());
}

TEST_CASE("a summary that nobody waits for changes nothing") {
  Waiting s;
  CHECK(s.core.on_summarized(kJob, 2, std::string("Of another wave.")).empty());
  CHECK(s.core.on_summarized(JobId{9}, 1, std::string("Of another job.")).empty());
  const Expanded answer = answer_of(s.core.on_summarized(kJob, 1, std::string("In short.")));
  const JobPlan plan = plan_of(spec_of(6, ContextMode::summary));
  CHECK(answer.steps.at(0).prompt == plan.prompt(4, "In short."));
}

TEST_CASE("a job that closes while its summary is made is answered when that is there") {
  for (const bool fails : {false, true}) {
    Waiting s;
    s.close();
    CHECK(s.ask().empty());
    const auto summary = fails ? pecia::kernels::Expected<std::string>(fail(ErrorKind::bug, "no"))
                               : std::string("In short.");
    const SlicerEffects effects = s.core.on_summarized(kJob, 1, summary);
    REQUIRE(effects.size() == 2);
    CHECK(effects[0] == SlicerEffect(Expanded{kJob, 4, {}, true, {}}));
    CHECK(effects[1] == effects[0]);
  }
}

TEST_CASE("a summary that cannot be made fails the plan") {
  Waiting s;
  const auto failed = s.core.on_summarized(kJob, 1, fail(ErrorKind::refuse, "too\nlong"));
  CHECK(answer_of(failed).failure == "summary for wave 2: too long");
  CHECK(answer_of(failed).steps_ended == 4);
}

TEST_CASE("a job that is unknown or closed has no further step, and nothing of it is kept") {
  Slicing s(spec_of(3, ContextMode::direct));
  s.next_steps();
  finish(s, "1");
  CHECK(s.core.tokens_kept() > 0);
  s.close();
  CHECK(s.core.open_jobs() == 0);
  CHECK(s.core.tokens_kept() == 0);
  CHECK(answer_of(s.ask()) == Expanded{kJob, 1, {}, true, {}});
  CHECK(answer_of(s.core.on_expand(JobId{9}, 3)) == Expanded{JobId{9}, 3, {}, true, {}});
}

TEST_CASE("a spec that cannot be read or planned fails, with one line that says why") {
  Slicing broken(Bytes(8, std::byte{0xFF}));
  const Expanded undecodable = broken.expanded();
  CHECK(undecodable.failure.starts_with("spec: "));
  CHECK((undecodable.steps.empty() && !undecodable.complete));
  JobSpec spec = spec_of(1);
  spec.outline = "no heading\n";
  CHECK(Slicing(spec).expanded().failure.starts_with("outline line 1: ends without a heading"));
}

TEST_CASE("a prompt beyond what an order takes fails the plan by the name of its slice") {
  JobSpec spec = spec_of(2);
  spec.outline.insert(0, std::string(kPromptTokensMax, 'x'));
  const Expanded answer = Slicing(spec).expanded();
  CHECK(answer.failure.starts_with("slice 1: its prompt has 10485"));
  CHECK(answer.steps.empty());
}

TEST_CASE("a token that the vocabulary does not have fails the plan that reads it") {
  Slicing s(spec_of(2, ContextMode::direct));
  s.next_steps();
  s.write("1", {65, 1'000'000});
  s.end("1");
  CHECK(s.expanded().failure.starts_with("slice 1: token 1000000 is none of the vocabulary"));
}

TEST_CASE("a journal that has a wave planned before an earlier one had ended fails the job") {
  Slicing s(spec_of(12, ContextMode::summary));
  s.next_steps();
  std::vector<PlannedStep> wave;
  for (const char* path : {"5", "6", "7", "8"}) wave.push_back({path, {}, {1}, 9});
  s.plan(wave);
  for (const PlannedStep& step : wave) finish(s, step.path);
  CHECK(s.expanded().failure.starts_with("slice 1: has not ended"));
}

TEST_CASE("a journal that has a slice planned before the one in front of it fails the job") {
  Slicing s(spec_of(3));
  s.plan({{"2", {}, {1}, 9}});
  CHECK(s.expanded().failure.starts_with("slice 2: is planned"));
}

TEST_CASE("a failure for people has room in a record, whatever it was made from") {
  Waiting s;
  std::string message(kWhyBytesMax - 30, 'x');
  for (int i = 0; i < 20; ++i) message += "\xE6\xBC\xA2";
  const Expanded answer =
      answer_of(s.core.on_summarized(kJob, 1, fail(ErrorKind::refuse, "{}", message)));
  CHECK(answer.failure.size() > kWhyBytesMax - 3);
  CHECK(measure(Record(ClosedRecord{kJob, JobEnd::failed, answer.failure})).ok());
}
