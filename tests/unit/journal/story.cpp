#include "tests/unit/journal/story.hpp"

#include <algorithm>
#include <iterator>

#include "kernels/base/philox.hpp"

namespace pecia::runtime::test {

JobId job_of(std::uint8_t number) { return JobId{number, 0x77}; }

Record opened(std::uint8_t job) {
  return OpenedRecord{job_of(job), {std::byte{1}, std::byte{2}}, 7, Id{3}, "cpu-1", 1'000};
}

Record planned(std::uint8_t job, int steps) {
  PlannedRecord record{job_of(job), "", {}};
  for (int step = 1; step <= steps; ++step) {
    record.steps.push_back({std::to_string(step), {}, {1, 2, 3}, 256});
  }
  return record;
}

Record tokens(std::uint8_t job, const Path& step, std::uint64_t from, int count) {
  TokensRecord record{{job_of(job), step}, from, {}, Chain{9}, {1, 2}};
  for (int i = 0; i < count; ++i) record.ids.push_back(static_cast<std::int32_t>(from) + i);
  return record;
}

Record ended(std::uint8_t job, const Path& step, std::uint64_t tokens) {
  return EndedRecord{{job_of(job), step}, StepEnd::eos, tokens, 100, Id{4}};
}

Record closed(std::uint8_t job) { return ClosedRecord{job_of(job), JobEnd::done, ""}; }

std::vector<Transaction> story(std::uint64_t seed, int jobs, int steps, int rounds) {
  std::vector<Transaction> all;
  for (int number = 1; number <= jobs; ++number) {
    const auto job = static_cast<std::uint8_t>(number);
    all.push_back({opened(job), planned(job, steps)});
    std::vector<std::uint64_t> recorded(static_cast<std::size_t>(steps), 0);
    for (int round = 1; round <= rounds; ++round) {
      for (int step = 1; step <= steps; ++step) {
        std::uint64_t& from = recorded[static_cast<std::size_t>(step - 1)];
        const auto count = static_cast<int>(kernels::philox64(seed, all.size(), 0) % 24) + 1;
        Transaction transaction{tokens(job, std::to_string(step), from, count)};
        from += static_cast<std::uint64_t>(count);
        if (round == rounds) transaction.push_back(ended(job, std::to_string(step), from));
        all.push_back(std::move(transaction));
      }
    }
    all.push_back({closed(job)});
  }
  return all;
}

std::vector<Record> flat(std::span<const Transaction> transactions) {
  std::vector<Record> records;
  for (const Transaction& one : transactions) {
    records.insert(records.end(), one.begin(), one.end());
  }
  return records;
}

std::vector<Record> without_terms(const std::vector<Record>& records) {
  std::vector<Record> rest;
  std::copy_if(records.begin(), records.end(), std::back_inserter(rest),
               [](const Record& record) { return !std::holds_alternative<TermRecord>(record); });
  return rest;
}

}  // namespace pecia::runtime::test
