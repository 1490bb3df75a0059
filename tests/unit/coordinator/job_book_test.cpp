#include "actors/coordinator/job_book.hpp"

#include <algorithm>

#include "tests/catch.hpp"
#include "tests/unit/coordinator/coordinator_fixture.hpp"

using namespace pecia::actors;
using namespace pecia::runtime;

namespace {

const StepName kStep{kJob, "1"};

JobBook with_step() {
  JobBook book;
  for (const Record& each : {Record(opened()), Record(PlannedRecord{kJob, {}, {plan("1")}})}) {
    book.record(each);
    book.confirm(each);
  }
  return book;
}

}  // namespace

TEST_CASE("paths stand in the order of the document, not of their letters") {
  std::vector<Path> paths = {"10", "2.1", "1", "2.10", "2", "2.9", "1.1.1", "11"};
  std::ranges::sort(paths, PathOrder{});
  CHECK(paths == std::vector<Path>{"1", "1.1.1", "2", "2.1", "2.9", "2.10", "10", "11"});
}

TEST_CASE("a path is neither before nor behind itself") {
  CHECK_FALSE(PathOrder{}("2.5", "2.5"));
  CHECK_FALSE(PathOrder{}("", ""));
  CHECK(PathOrder{}("2", "2.1"));
  CHECK_FALSE(PathOrder{}("2.1", "2"));
}

TEST_CASE("whatever decides the tokens of a step is in the hash of its input") {
  const Id base = input_of(opened(), plan("1", {"2"}));
  OpenedRecord spec = opened(), seed = opened(), model = opened(), numerics = opened();
  spec.spec = {std::byte{8}};
  seed.seed = 12;
  model.model = Id{4};
  numerics.numerics = "others";
  for (const OpenedRecord& other : {spec, seed, model, numerics})
    CHECK(input_of(other, plan("1", {"2"})) != base);
  PlannedStep prompt = plan("1", {"2"}), budget = plan("1", {"2"});
  prompt.prompt.push_back(4);
  budget.tokens_max = 51;
  for (const PlannedStep& other : {prompt, budget, plan("1", {"3"}), plan("1")})
    CHECK(input_of(opened(), other) != base);
}

TEST_CASE("when a job was opened, and under which id, is no part of a step's input") {
  OpenedRecord later = opened(JobId{2});
  later.unix_ms += 1'000;
  CHECK(input_of(later, plan("1")) == input_of(opened(), plan("1")));
}

TEST_CASE("tokens are recorded at once, and durable when they are confirmed") {
  JobBook book = with_step();
  const Record first = past_tokens("1", 0, 3), second = past_tokens("1", 3, 5);
  book.record(first);
  book.record(second);
  CHECK(book.find(kStep)->recorded() == 5);
  CHECK(book.find(kStep)->durable == 0);
  book.confirm(first);
  CHECK(book.find(kStep)->durable == 3);
  CHECK(book.find(kStep)->ids == text(0, 5));
}

TEST_CASE("the chain of a step grows by every token from its name and input") {
  JobBook book = with_step();
  book.record(past_tokens("1", 0, 3));
  const Step& step = *book.find(kStep);
  const Chain start = chain_start(kStep, step.input);
  REQUIRE(step.chains.size() == 4);
  for (std::size_t i = 0; i <= 3; ++i) CHECK(step.chains[i] == chain_after(start, text(0, i)));
}

TEST_CASE("a step takes tokens until its end is recorded") {
  JobBook book = with_step();
  CHECK(book.takes_tokens(kStep));
  CHECK_FALSE(book.takes_tokens({kJob, "2"}));
  CHECK_FALSE(book.takes_tokens({JobId{2}, "1"}));
  book.record(EndedRecord{kStep, StepEnd::eos, 0, 0, {}});
  CHECK_FALSE(book.takes_tokens(kStep));
}

TEST_CASE("no step of a job takes tokens once the job's end is recorded") {
  JobBook book = with_step();
  book.record(ClosedRecord{kJob, JobEnd::done, {}});
  CHECK_FALSE(book.takes_tokens(kStep));
  CHECK_FALSE(book.find(kJob)->closed);
  CHECK(book.open_jobs() == 1);
  book.confirm(ClosedRecord{kJob, JobEnd::done, {}});
  CHECK(book.find(kJob)->closed);
  CHECK(book.open_jobs() == 0);
}

TEST_CASE("a job runs from its durable opening to its recorded end") {
  JobBook book;
  book.record(opened());
  CHECK_FALSE(book.find(kJob)->runs());
  book.confirm(opened());
  CHECK(book.find(kJob)->runs());
  book.record(ClosedRecord{kJob, JobEnd::cancelled, {}});
  CHECK_FALSE(book.find(kJob)->runs());
}

TEST_CASE("a durable token clears the crashes of its step") {
  JobBook book = with_step();
  book.find(kStep)->crashes = 2;
  book.record(past_tokens("1", 0, 1));
  CHECK(book.find(kStep)->crashes == 2);
  book.confirm(past_tokens("1", 0, 1));
  CHECK(book.find(kStep)->crashes == 0);
}

TEST_CASE("jobs stand in the order in which they were opened") {
  JobBook book;
  for (const JobId& job : {JobId{3}, JobId{1}, JobId{2}}) book.record(opened(job));
  CHECK(book.order() == std::vector<JobId>{JobId{3}, JobId{1}, JobId{2}});
}
