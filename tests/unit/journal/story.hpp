#pragma once
// Histories that follow the rules, for tests of journals.

#include <cstdint>
#include <span>
#include <vector>

#include "runtime/wire/records.hpp"

namespace pecia::runtime::test {

using Transaction = std::vector<Record>;

JobId job_of(std::uint8_t number);
Record opened(std::uint8_t job);
Record planned(std::uint8_t job, int steps);  // "1", "2", ...
Record tokens(std::uint8_t job, const Path& step, std::uint64_t from, int count = 4);
Record ended(std::uint8_t job, const Path& step, std::uint64_t tokens);
Record closed(std::uint8_t job);

// Transactions after a first term, drawn by `seed`: jobs of some steps each, tokens of all steps in
// turn, ends in the transaction of the last tokens, and the closing. A job has `steps` steps of
// `rounds` token records.
std::vector<Transaction> story(std::uint64_t seed, int jobs, int steps, int rounds);

std::vector<Record> flat(std::span<const Transaction> transactions);

// `records` without terms, which depend on how often a journal was opened.
std::vector<Record> without_terms(const std::vector<Record>& records);

}  // namespace pecia::runtime::test
