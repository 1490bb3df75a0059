#pragma once
// What the micro-benchmarks share: a clock, a median, and the choice of an instruction set.

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "kernels/cpu/kernel_table.hpp"
#include "kernels/cpu/thread_pool.hpp"

namespace pecia::kernels::bench {

constexpr int kRuns = 5;  // a figure is the median of as many, after one run that warms up

template <class Work>
double seconds_of(const Work& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

inline double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

template <class Work>
double median_seconds(int runs, const Work& work) {
  work();
  std::vector<double> seconds(static_cast<std::size_t>(runs));
  for (double& s : seconds) s = seconds_of(work);
  return median(seconds);
}

struct MachineOptions {
  int threads = 2;
  std::string isa;

  void add_to(CLI::App& app) {
    app.add_option("-t,--threads", threads, "threads")->check(CLI::Range(1, 1024));
    app.add_option("--cpu", isa, "avx512, avx2 or portable (default: the best this CPU has)");
  }
};

}  // namespace pecia::kernels::bench
