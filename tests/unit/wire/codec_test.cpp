// Values and bytes: what comes back, and what is refused with which words.

#include "runtime/wire/codec.hpp"

#include <cmath>
#include <cstring>
#include <limits>
#include <set>
#include <type_traits>

#include "tests/catch.hpp"
#include "tests/unit/wire/allocation_watch.hpp"
#include "tests/unit/wire/wire_values.hpp"

using namespace pecia::runtime;
using pecia::kernels::ErrorKind;
using pecia::kernels::Expected;
using pecia::test::WireValues;

namespace {

Expected<Record> decode(const Record&, std::span<const std::byte> bytes) {
  return decode_record(bytes);
}
Expected<ToCoordinator> decode(const ToCoordinator&, std::span<const std::byte> bytes) {
  return decode_to_coordinator(bytes);
}
Expected<ToWorker> decode(const ToWorker&, std::span<const std::byte> bytes) {
  return decode_to_worker(bytes);
}
Expected<ToClient> decode(const ToClient&, std::span<const std::byte> bytes) {
  return decode_to_client(bytes);
}
Expected<JobSpec> decode(const JobSpec&, std::span<const std::byte> bytes) {
  return decode_job_spec(bytes);
}

// Runs `check` with values of every type, `rounds` of each.
template <class Check>
void for_all(std::uint64_t seed, int rounds, Check check) {
  WireValues values(seed);
  for (int i = 0; i < rounds; ++i) {
    for (std::size_t k = 0; k < std::variant_size_v<Record>; ++k) check(values.kind<Record>(k));
    for (std::size_t k = 0; k < std::variant_size_v<ToCoordinator>; ++k)
      check(values.kind<ToCoordinator>(k));
    for (std::size_t k = 0; k < std::variant_size_v<ToWorker>; ++k) check(values.kind<ToWorker>(k));
    for (std::size_t k = 0; k < std::variant_size_v<ToClient>; ++k) check(values.kind<ToClient>(k));
    check(values.spec());
  }
}

template <class Value>
void check_round_trip(const Value& value) {
  const auto room = measure(value);
  REQUIRE(room.ok());
  const Bytes bytes = encode(value);
  REQUIRE(bytes.size() % 8 == 0);
  REQUIRE(bytes.size() <= *room);
  const auto back = decode(value, bytes);
  INFO((back.ok() ? "" : back.error().message));
  REQUIRE(back.ok());
  REQUIRE(*back == value);
  REQUIRE(encode(*back) == bytes);
}

// What decode says when each aligned place of `width` bytes in turn holds `poison`.
template <class Value>
std::set<std::string> refusals(const Value& value, std::uint64_t poison, std::size_t width) {
  std::set<std::string> messages;
  const Bytes whole = encode(value);
  for (std::size_t at = 0; at + width <= whole.size(); at += width) {
    Bytes bytes = whole;
    std::memcpy(bytes.data() + at, &poison, width);
    const auto back = decode(value, bytes);
    if (!back) messages.insert(back.error().message);
  }
  return messages;
}

bool any_begins(const std::set<std::string>& messages, std::string_view start) {
  return std::any_of(messages.begin(), messages.end(),
                     [&](const std::string& message) { return message.starts_with(start); });
}

template <class Value>
std::string refusal(const Value& value) {
  const auto room = measure(value);
  return room.ok() ? "" : room.error().message;
}

// A value of defaults but for one member.
template <class Struct, class Member>
Struct only(Member Struct::*member, std::type_identity_t<Member> value) {
  Struct all;
  all.*member = std::move(value);
  return all;
}

PlannedStep planned_step(Path path, std::vector<Path> inputs = {}, TokenIds prompt = {},
                         int tokens_max = 0) {
  return {std::move(path), std::move(inputs), std::move(prompt), tokens_max};
}

Record planned(std::vector<PlannedStep> steps) { return PlannedRecord{{}, "", std::move(steps)}; }

Order order_of_step() { return only(&Order::step, {Id{1}, "1"}); }

Record tokens_record(TokenIds ids) {
  return TokensRecord{{Id{1}, "2.5"}, 3, std::move(ids), Id{9}, {4, 5}};
}

// A list of `elements` things of 2^k bits each (the kinds of Cap'n Proto: 2 bytes, 4 words of 32
// bits, 6 pointers) claims one more; a zero word behind the message keeps it in bounds.
Bytes grown(Bytes bytes, std::uint64_t kind, std::uint64_t elements) {
  int found = 0;
  for (std::size_t at = 0; at < bytes.size(); at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + at, 8);
    if ((word & 3) != 1 || word >> 32 != (elements << 3 | kind)) continue;
    word += std::uint64_t{1} << 35;
    std::memcpy(bytes.data() + at, &word, 8);
    ++found;
  }
  REQUIRE(found == 1);
  bytes.resize(bytes.size() + 8);
  return bytes;
}

}  // namespace

TEST_CASE("every record, message and spec comes back as it was, whatever is in it") {
  int cases = 0;
  for_all(1, 250, [&](const auto& value) { check_round_trip(value), ++cases; });
  CHECK(cases == 250 * 30);
}

TEST_CASE("default values come back as they were") {
  check_round_trip(Record(TermRecord{}));
  check_round_trip(Record(OpenedRecord{}));
  check_round_trip(Record(ClosedRecord{}));
  check_round_trip(ToCoordinator(Submit{}));
  check_round_trip(ToCoordinator(Report{}));
  check_round_trip(ToWorker(Drain{}));
  check_round_trip(ToClient(Text{}));
  check_round_trip(ToClient(Explained{}));
  check_round_trip(JobSpec{});
}

TEST_CASE("a record of a program that said no times comes back with none") {
  // Written by format 1 of the journal: closed, job 01.., failed, "x".
  const Bytes with = encode(Record(ClosedRecord{Id{1}, JobEnd::failed, "x", 77}));
  const Bytes without = encode(Record(ClosedRecord{Id{1}, JobEnd::failed, "x", 0}));
  const auto back = decode_record(without);
  REQUIRE(back.ok());
  CHECK(std::get<ClosedRecord>(*back).unix_ms == 0);
  CHECK(std::get<ClosedRecord>(*decode_record(with)).unix_ms == 77);
}

TEST_CASE("values at their limits come back as they were") {
  Order order = only(&Order::step, {Id{1}, std::string(kPathBytesMax, '7')});
  order.spec = Bytes(kSpecBytesMax, std::byte{5});
  order.prompt = TokenIds(kPromptTokensMax, INT32_MAX);
  order.committed = TokenIds(kPromptTokensMax, 1);
  order.numerics = std::string(kNumericsBytesMax, 'n');
  check_round_trip(ToWorker(order));
  Text text = only(&Text::bytes, std::string(kTextBytesMax, '\xFF'));
  text.why = std::string(kWhyBytesMax, 'w');
  check_round_trip(ToClient(text));
  JobSpec spec = only(&JobSpec::outline, std::string(kOutlineBytesMax, '#'));
  spec.stop.assign(kStopTextsMax, "stop");
  spec.sampling.logit_bias.assign(kLogitBiasMax, {INT32_MAX, -100.0f});
  spec.tokens = INT32_MAX;
  check_round_trip(spec);
  Report report = only(&Report::from, {std::string(kNodeNameBytesMax, 'n'), 1});
  report.held.resize(kHeldMax, only(&HeldAttempt::step, {Id{1}, "2"}));
  check_round_trip(ToCoordinator(report));
  std::vector<PlannedStep> steps(kPlannedStepsMax, planned_step("1"));
  steps[0].inputs.resize(kInputsMax, "2");
  check_round_trip(planned(steps));
}

TEST_CASE("the same struct gives the same bytes, and those of a spec have no slack") {
  std::vector<Bytes> first, second;
  for_all(2, 20, [&](const auto& value) { first.push_back(encode(value)); });
  for_all(2, 20, [&](const auto& value) { second.push_back(encode(value)); });
  CHECK(first == second);
  const JobSpec bare = only(&JobSpec::sampling, {0, 0, 0, 0, 0, 0, 0, 0, {}});
  const JobSpec late = only(&JobSpec::sampling, {0, 0, 0, 0, 0, 0, 0, 1, {}});
  const JobSpec biased = only(&JobSpec::sampling, {0, 0, 0, 0, 0, 0, 0, 0, {{0, 0}}});
  CHECK(encode(bare).size() < encode(late).size());  // zeros at the end are not written
  // Nor is a list without elements: a pointer, a tag and an element more.
  CHECK(encode(bare).size() + 3 * 8 == encode(biased).size());
  check_round_trip(biased);
}

TEST_CASE("bytes are read where they begin between two words") {
  WireValues values(3);
  for (std::size_t shift = 0; shift < 8; ++shift) {
    const Record record = values.any<Record>();
    const Bytes bytes = encode(record);
    Bytes shifted(shift);
    shifted.insert(shifted.end(), bytes.begin(), bytes.end());
    const auto back = decode_record(std::span(shifted).subspan(shift));
    REQUIRE(back.ok());
    CHECK(*back == record);
  }
}

TEST_CASE("a message cut short is refused or says the same") {
  for_all(4, 3, [](const auto& value) {
    const Bytes bytes = encode(value);
    if (bytes.size() > 2'000) return;
    for (std::size_t length = 0; length < bytes.size(); ++length) {
      const auto back = decode(value, std::span(bytes).first(length));
      if (back) {
        REQUIRE(*back == value);
      } else {
        REQUIRE(back.error().kind == ErrorKind::refuse);
      }
    }
  });
}

TEST_CASE("whatever byte flips, what is taken is a value, and no memory is taken for nothing") {
  WireValues values(5);
  int flips = 0, taken = 0;
  while (flips < 12'000) {
    for_all(1'000 + flips, 1, [&](const auto& value) {
      Bytes bytes = encode(value);
      for (int i = 0; i < 8; ++i, ++flips) {
        bytes[values.below(bytes.size())] ^= static_cast<std::byte>(1 + values.below(255));
        pecia::test::largest_allocation();
        const auto back = decode(value, bytes);
        // A step of 88 bytes may come from 4 words, a text of 32 from one.
        REQUIRE(pecia::test::largest_allocation() <= 8 * bytes.size() + 4'096);
        if (!back) {
          REQUIRE(back.error().kind == ErrorKind::refuse);
          continue;
        }
        ++taken;
        check_round_trip(*back);
      }
    });
  }
  CHECK(taken > 1'000);
}

TEST_CASE("a value beyond a limit is refused by the name of its field") {
  const std::string broken = "\xC3(";
  const float nan = std::nanf(""), infinity = std::numeric_limits<float>::infinity();
  using V = std::vector<std::pair<std::string, std::string>>;
  const V table = {
      {"opened.spec", refusal(Record(only(&OpenedRecord::spec, Bytes(kSpecBytesMax + 1))))},
      {"opened.numerics", refusal(Record(only(&OpenedRecord::numerics, broken)))},
      {"opened.unix_ms", refusal(Record(only(&OpenedRecord::unix_ms, kTimeMsMax + 1)))},
      {"planned.parent", refusal(Record(only(&PlannedRecord::parent, "0")))},
      {"planned.steps", refusal(planned(std::vector(kPlannedStepsMax + 1, planned_step("1"))))},
      {"planned.steps.path", refusal(planned({planned_step("")}))},
      {"planned.steps.inputs",
       refusal(planned({planned_step("1", std::vector<Path>(kInputsMax + 1, "2"))}))},
      {"planned.steps.prompt", refusal(planned({planned_step("1", {}, {5, -1})}))},
      {"planned.steps.tokens_max", refusal(planned({planned_step("1", {}, {}, -1)}))},
      {"planned.all of it",
       refusal(planned(std::vector(17, planned_step("1", {}, TokenIds(kPromptTokensMax)))))},
      {"tokens.step.path", refusal(Record(only(&TokensRecord::step, {Id{1}, "1..2"})))},
      {"tokens.ids", refusal(tokens_record(TokenIds(kOfferTokensMax + 1)))},
      {"ended.tokens",
       refusal(Record(EndedRecord{{Id{1}, "1"}, StepEnd::eos, kPositionMax + 1, 0, {}}))},
      {"closed.why", refusal(Record(only(&ClosedRecord::why, std::string(kWhyBytesMax + 1, 'x'))))},
      {"submit.spec", refusal(ToCoordinator(only(&Submit::spec, Bytes(kSpecBytesMax + 1))))},
      {"read.offset", refusal(ToCoordinator(only(&Read::offset, kTextOffsetMax + 1)))},
      {"report.from", refusal(ToCoordinator(only(&Report::from, {std::string(65, 'n'), 1})))},
      {"report.free_slots", refusal(ToCoordinator(only(&Report::free_slots, -1)))},
      {"report.held",
       refusal(ToCoordinator(only(&Report::held, std::vector<HeldAttempt>(kHeldMax + 1))))},
      {"offer.step.path", refusal(ToCoordinator(Offer{}))},
      {"broke.why", refusal(ToCoordinator(only(&Broke::why, broken)))},
      {"order.committed", refusal([] {
         Order order = order_of_step();
         order.committed = {-7};
         return ToWorker(order);
       }())},
      {"order.numerics", refusal([] {
         Order order = order_of_step();
         order.numerics.assign(kNumericsBytesMax + 1, 'n');
         return ToWorker(order);
       }())},
      {"committed.to", refusal(ToWorker(only(&Committed::to, kPositionMax + 1)))},
      {"drain.deadline_ms", refusal(ToWorker(only(&Drain::deadline_ms, UINT64_MAX)))},
      {"refused.why", refusal(ToClient(only(&Refused::why, broken)))},
      {"text.bytes", refusal(ToClient(only(&Text::bytes, std::string(kTextBytesMax + 1, 'x'))))},
      {"spec.outline", refusal(only(&JobSpec::outline, broken))},
      {"spec.tokens", refusal(only(&JobSpec::tokens, -2))},
      {"spec.sampling.temperature", refusal(only(&JobSpec::sampling, {.temperature = nan}))},
      {"spec.sampling.presence_penalty",
       refusal(only(&JobSpec::sampling, {.presence_penalty = infinity}))},
      {"spec.sampling.logit_bias",
       refusal(
           only(&JobSpec::sampling, {.logit_bias = std::vector<LogitBias>(kLogitBiasMax + 1)}))},
      {"spec.sampling.logit_bias.id",
       refusal(only(&JobSpec::sampling, {.logit_bias = {{3, 1}, {-1, 1}}}))},
      {"spec.sampling.logit_bias.value",
       refusal(only(&JobSpec::sampling, {.logit_bias = {{3, -infinity}}}))},
      {"spec.stop", refusal(only(&JobSpec::stop, std::vector<std::string>(kStopTextsMax + 1)))},
      {"spec.stop", refusal(only(&JobSpec::stop, {std::string(4'000, 'a'), std::string(97, 'b')}))},
  };
  for (const auto& [field, message] : table) {
    INFO(field << " expected in: " << message);
    CHECK(message.starts_with(field + ": "));
  }
}

TEST_CASE("notes and rows of a story beyond a limit are refused by the name of their field") {
  const std::string broken = "\xC3(";
  const std::vector<std::pair<std::string, std::string>> table = {
      {"placed.node", refusal(Record([] {
         PlacedRecord placed = only(&PlacedRecord::step, {Id{1}, "1"});
         placed.node.node.assign(kNodeNameBytesMax + 1, 'n');
         return placed;
       }()))},
      {"left.why", refusal(Record([&] {
         LeftRecord left = only(&LeftRecord::step, {Id{1}, "1"});
         left.why = broken;
         return left;
       }()))},
      {"stalled.for_ms", refusal(Record(only(&StalledRecord::for_ms, kTimeMsMax + 1)))},
      {"explained.rows",
       refusal(ToClient(only(&Explained::rows, std::vector<ExplainRow>(kExplainRowsMax + 1))))},
      {"rows.grew.path", refusal(ToClient(only(&Explained::rows, {ExplainRow(GrewRow{})})))},
  };
  for (const auto& [field, message] : table) {
    INFO(field << " expected in: " << message);
    CHECK(message.starts_with(field + ": "));
  }
}

TEST_CASE("numbers outside their sets and ranges are refused in bytes too, by name") {
  const EndedRecord ended{{Id{1}, "2"}, StepEnd::eos, 3, 4, Id{5}};
  const auto enums = refusals(Record(ended), 0x7FFF, 2);
  CHECK(any_begins(enums, "record: 32767 is no kind of it"));
  CHECK(any_begins(enums, "ended.reason: 32767 is none of its values"));
  const auto large = refusals(Record(ended), UINT64_MAX, 8);
  CHECK(any_begins(large, "ended.tokens: "));
  CHECK(any_begins(large, "ended.bytes: "));
  CHECK(any_begins(refusals(tokens_record({1, 2}), 0x8000'0000, 4), "tokens.ids: -2147483648"));
  CHECK(any_begins(refusals(tokens_record({1, 2}), '0', 1), "tokens.step.path: "));
  CHECK(
      any_begins(refusals(Record(only(&ClosedRecord::why, "\xC3\xA9")), 0xFF, 1), "closed.why: "));
  const JobSpec spec = only(&JobSpec::sampling, {.logit_bias = {{5, 1.0f}}});
  CHECK(any_begins(refusals(spec, 0x8000'0000, 4), "spec.tokens: -2147483648 is below -1"));
  CHECK(any_begins(refusals(spec, 0, 4), "spec.sampling.logit_bias.id: -1 is below 0"));
  const auto nans = refusals(spec, 0x7FC0'0000, 4);
  for (const char* field : {"temperature", "top_p", "min_p", "repeat_penalty", "frequency_penalty",
                            "presence_penalty", "logit_bias.value"}) {
    CHECK(any_begins(nans, std::string("spec.sampling.") + field));
  }
}

TEST_CASE("what is not there is refused by name") {
  const Offer offer{0, {"n", 1}, {1, 2}, {Id{1}, "2"}, 0, Id{3}, {7}, {}};
  const auto missing = refusals(ToCoordinator(offer), 0, 8);
  for (const char* message :
       {"message to a coordinator: is empty", "offer.from_node: is not there",
        "offer.attempt: is not there", "offer.step: is not there",
        "offer.step.job: 0 bytes, an id has 16", "offer.chain: 0 bytes, an id has 16"}) {
    INFO(message);
    CHECK(any_begins(missing, message));
  }
  CHECK(any_begins(refusals(JobSpec{}, 0, 8), "spec: is empty"));
  CHECK(any_begins(refusals(JobSpec{}, 0, 8), "spec.sampling: is not there"));
  CHECK_FALSE(decode_job_spec(Bytes(8)).ok());
  CHECK_FALSE(decode_record({}).ok());
}

TEST_CASE("a length beyond its limit is refused before anything is taken for it") {
  const auto check = [](const auto& value, std::uint64_t kind, std::uint64_t elements,
                        const std::string& message) {
    const Bytes bytes = grown(encode(value), kind, elements);
    pecia::test::largest_allocation();
    const auto back = decode(value, bytes);
    CHECK(pecia::test::largest_allocation() < 1'000);
    REQUIRE_FALSE(back.ok());
    CHECK(back.error().message.starts_with(message));
  };
  check(Record(only(&OpenedRecord::spec, Bytes(kSpecBytesMax))), 2, kSpecBytesMax,
        "opened.spec: 16777217 bytes, at most 16777216");
  check(Record(only(&OpenedRecord::numerics, std::string(kNumericsBytesMax, 'n'))), 2,
        kNumericsBytesMax + 1, "opened.numerics: 257 bytes");
  check(Record(only(&ClosedRecord::why, std::string(kWhyBytesMax, 'w'))), 2, kWhyBytesMax + 1,
        "closed.why: 4097 bytes");
  check(tokens_record(TokenIds(kOfferTokensMax)), 4, kOfferTokensMax, "tokens.ids: 4097 tokens");
  check(planned({planned_step("1", std::vector<Path>(kInputsMax, "2"))}), 6, kInputsMax,
        "planned.steps.inputs: 4097 texts");
  Order order = order_of_step();
  order.prompt.resize(kPromptTokensMax);
  check(ToWorker(order), 4, kPromptTokensMax, "order.prompt: 1048577 tokens");
  check(ToClient(only(&Text::bytes, std::string(kTextBytesMax, 'x'))), 2, kTextBytesMax,
        "text.bytes: 1048577 bytes");
  check(only(&JobSpec::outline, std::string(kOutlineBytesMax, '#')), 2, kOutlineBytesMax + 1,
        "spec.outline: 8388609 bytes");
  check(only(&JobSpec::stop, std::vector<std::string>(kStopTextsMax)), 6, kStopTextsMax,
        "spec.stop: 65 texts");
  const auto large = decode_record(Bytes(kEncodedBytesMax + 8));
  REQUIRE_FALSE(large.ok());
  CHECK(large.error().message ==
        "record: 67108872 bytes; right are whole words of 8, at most "
        "67108864");
}
TEST_CASE("a reason from anywhere becomes one that a record takes") {
  CHECK(clean_why("full") == "full");
  CHECK(clean_why("a\nb") == "a b");
  CHECK(clean_why("/j\xff/x") == "/j?/x");
  const std::string long_one = clean_why(std::string(kWhyBytesMax - 1, 'a') + "\u00e4\u00e4");
  CHECK(long_one == std::string(kWhyBytesMax - 1, 'a'));
  CHECK(measure(Record(ClosedRecord{{}, JobEnd::failed, clean_why("\xf0\x9f\x98")})).ok());
}
