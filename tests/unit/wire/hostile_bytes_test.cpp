// Messages made by hand, word by word, as no encoder would make them.

#include <cstring>

#include "runtime/wire/codec.hpp"
#include "tests/catch.hpp"
#include "tests/unit/wire/allocation_watch.hpp"

using namespace pecia::runtime;

namespace {

using Words = std::vector<std::uint64_t>;

// Pointers of Cap'n Proto: `offset` words from behind the pointer to what it points to.
std::uint64_t to_struct(std::uint64_t offset, std::uint64_t data_words, std::uint64_t pointers) {
  return offset << 2 | data_words << 32 | pointers << 48;
}
std::uint64_t to_list(std::uint64_t offset, std::uint64_t kind, std::uint64_t count) {
  return 1 | offset << 2 | kind << 32 | count << 35;
}
std::uint64_t to_structs(std::uint64_t offset, std::uint64_t words) {
  return to_list(offset, 7, words);
}

// A planned record of a job of zeros, whose steps are what `steps_pointer` says; behind it the
// words that follow.
Words planned(std::uint64_t steps_pointer, const Words& follow) {
  Words words = {
      to_struct(0, 1, 1), 2, to_struct(0, 0, 3), to_list(2, 2, 16), 0, steps_pointer, 0, 0};
  words.insert(words.end(), follow.begin(), follow.end());
  return words;
}

// Steps "1" whose prompts are one and the same list of tokens.
Words steps_with_one_prompt(std::uint64_t steps, std::uint64_t tokens) {
  Words follow = {steps << 2 | std::uint64_t{1} << 32 | std::uint64_t{3} << 48};
  const std::uint64_t path_at = 1 + 4 * steps, prompt_at = path_at + 1;
  for (std::uint64_t i = 0; i < steps; ++i) {
    const std::uint64_t first = follow.size() + 1;  // of the pointers, behind the data
    follow.push_back(7);                            // tokens_max
    follow.push_back(to_list(path_at - first - 1, 2, 2));
    follow.push_back(0);
    follow.push_back(to_list(prompt_at - first - 3, 4, tokens));
  }
  follow.push_back('1');
  follow.resize(follow.size() + (tokens + 1) / 2, 0);
  return planned(to_structs(2, 4 * steps), follow);
}

pecia::kernels::Expected<Record> decode(const Words& words) {
  pecia::test::largest_allocation();
  return decode_record(std::as_bytes(std::span(words)));
}

std::string refusal(const Words& words) {
  const auto record = decode(words);
  return record.ok() ? "" : record.error().message;
}

}  // namespace

TEST_CASE("a record made by hand is understood") {
  const auto record = decode(steps_with_one_prompt(1, 100));
  INFO((record.ok() ? "" : record.error().message));
  REQUIRE(record.ok());
  CHECK(*record == Record(PlannedRecord{{}, "", {PlannedStep{"1", {}, TokenIds(100), 7}}}));
}

TEST_CASE("pointers that meet in one place are not followed again and again") {
  CHECK(refusal(steps_with_one_prompt(1'000, 100'000)).starts_with("record: damaged: "));
  CHECK(pecia::test::largest_allocation() <= 8 * 8 * (4 * 1'000 + 50'000));
}

TEST_CASE("a list that claims elements without a size takes nothing") {
  CHECK(refusal(planned(to_structs(2, 0), {Words{4'096 << 2}})).starts_with("record: damaged: "));
  CHECK(refusal(planned(to_list(2, 0, 536'870'911), {})) != "");
  CHECK(pecia::test::largest_allocation() < 4'096);
}

TEST_CASE("a list of more structs than its limit is refused by name") {
  const Words follow = {4'097 << 2 | std::uint64_t{4} << 32};
  Words words = planned(to_structs(2, 4 * 4'097), follow);
  words.resize(words.size() + 4 * 4'097);
  CHECK(refusal(words).starts_with("planned.steps: 4097 elements, at most 4096"));
}

TEST_CASE("pointers to other segments and out of bounds are refused") {
  for (const std::uint64_t pointer :
       {std::uint64_t{2}, std::uint64_t{2} | std::uint64_t{1} << 32, to_structs(1'000, 4),
        to_struct(0, 1, 3), std::uint64_t{3}, UINT64_MAX}) {
    INFO(pointer);
    CHECK(refusal(planned(pointer, {})).starts_with("record: damaged: "));
  }
}

TEST_CASE("a message that holds itself is refused") {
  // The inputs of the only step are the list of steps itself.
  Words words = steps_with_one_prompt(1, 2);
  words[11] = to_structs(static_cast<std::uint64_t>(-4) & 0x3FFF'FFFF, 4);
  CHECK(refusal(words).starts_with("record: damaged: "));
}
