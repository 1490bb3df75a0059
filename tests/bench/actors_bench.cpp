// What the protocol costs: a job through coordinator, journal and workers against the same slices
// in one bare engine, and how many tokens a second coordinator and journal can commit at all.
//
//   actors_bench fake   [--slices 64 --tokens 2000]        committed tokens/s, no model at work
//   actors_bench engine -m MODEL [--slices 8 --tokens 64]  paired runs: actors / bare engine

#include <CLI/CLI.hpp>
#include <filesystem>

#include "actors/generator/engine_generator.hpp"
#include "actors/generator/job_sampling.hpp"
#include "actors/node/node.hpp"
#include "actors/slicer/job_plan.hpp"
#include "apps/pecia/compute_flags.hpp"
#include "apps/pecia/job_folder.hpp"
#include "kernels/cpu/kernel_table.hpp"
#include "kernels/engine/numerics.hpp"
#include "pecia/document_job.hpp"
#include "pecia/session.hpp"
#include "runtime/wire/codec.hpp"
#include "tests/bench/bench_support.hpp"
#include "tests/unit/actors/fake_generator.hpp"

namespace pecia::bench {
namespace {

using namespace kernels;

struct Options {
  pecia::ComputeOptions compute;
  int slices = 0, tokens = 0;  // tokens of a slice
  int runs = 5;
};

runtime::JobSpec spec_of(const Options& options) {
  runtime::JobSpec spec;
  spec.outline = "A field guide to birds.\n";
  for (int k = 1; k <= options.slices; ++k) spec.outline += fmt::format("# Bird {}\n", k);
  spec.tokens = options.slices * options.tokens;
  spec.ignore_eos = true;
  return spec;
}

[[noreturn]] void die(const Error& error) {
  fmt::print(stderr, "actors_bench: {}\n", error.message);
  std::exit(2);
}

template <class T>
T need(Expected<T> value) {
  if (!value) die(value.error());
  return std::move(*value);
}

using MakeGenerator = std::function<Expected<std::unique_ptr<actors::Generator>>(int)>;

// From submit to the end of the job; the node is up before.
double seconds_through_actors(const pecia::Session& session, const runtime::JobSpec& spec,
                              const runtime::Submit& submit, const MakeGenerator& make) {
  const apps::JobFolder folder = need(apps::JobFolder::open(""));
  runtime::Config config;
  config.write.cache = runtime::CacheMode::off;
  const auto node = need(
      actors::Node::start({config, actors::DocumentsPart{folder.journal(), session.tokenizer, {}},
                           actors::ComputePart{make, nullptr}}));
  pecia::DocumentJob job(*node, [] { return false; });
  return kernels::bench::seconds_of([&] {
    const pecia::DocumentJob::Reader reader = {.take = [](std::string_view) { return Status(); },
                                               .watch = [](const runtime::Viewed&) {},
                                               .stalled = [](std::string_view) {}};
    need(job.submit(submit, reader));
    node->start_workers();
    need(job.read(reader));
    const auto view = need(job.view());
    if (tokens_of(view) != static_cast<std::uint64_t>(spec.tokens)) std::abort();
  });
}

void measure_fake(const Options& options, const pecia::Session& session) {
  const runtime::JobSpec spec = spec_of(options);
  runtime::Submit submit;
  submit.spec = runtime::encode(spec);
  std::vector<double> rates;
  for (int run = 0; run < options.runs; ++run) {
    const double seconds = seconds_through_actors(session, spec, submit, [&](int) {
      return Expected<std::unique_ptr<actors::Generator>>(
          std::make_unique<actors::test::FakeGenerator>(session.tokenizer));
    });
    rates.push_back(spec.tokens / seconds);
    fmt::print("{} slices, {} tokens each: {:.0f} committed tokens/s\n", options.slices,
               options.tokens, rates.back());
  }
  fmt::print("median {:.0f} tokens/s\n", kernels::bench::median(rates));
}

EngineOptions options_of_engine(const actors::JobPlan& plan, const Options& options) {
  int context = 1;
  for (std::size_t k = 0; k < plan.slices(); ++k)
    context = std::max(
        context, static_cast<int>(plan.budget(k).prompt_tokens_max) + plan.budget(k).tokens_max);
  EngineOptions engine = pecia::engine_options(context, options.slices, 256);
  engine.prefix_cache = false;
  return engine;
}

double seconds_of_bare_engine(const pecia::Session& session, const runtime::JobSpec& spec,
                              const actors::JobPlan& plan, const Options& options) {
  Engine engine(session.model, session.tokenizer, *session.pool, session.isa,
                options_of_engine(plan, options));
  return kernels::bench::seconds_of([&] {
    for (std::size_t k = 0; k < plan.slices(); ++k) {
      Request request;
      request.prompt = plan.prompt(k, {});
      request.tokens_max = plan.budget(k).tokens_max;
      request.sampling = actors::sampling_params(spec.sampling);
      request.key = sampling_key(1, plan.budget(k).path);
      request.ignore_eos = true;
      need(engine.add(std::move(request)));
    }
    while (!engine.idle()) engine.step();
  });
}

void measure_engine(const Options& options, const pecia::Session& session) {
  const runtime::JobSpec spec = spec_of(options);
  const auto plan = need(actors::JobPlan::create(spec, session.tokenizer));
  runtime::Submit submit;
  submit.spec = runtime::encode(spec);
  submit.seed = 1;
  submit.model = session.model->id();
  submit.numerics = numerics_id(*session.pool, kernel_table(session.isa), *session.model);
  std::vector<double> ratios;
  for (int run = 0; run < options.runs; ++run) {
    const double bare = seconds_of_bare_engine(session, spec, plan, options);
    const double actors = seconds_through_actors(session, spec, submit, [&](int) {
      actors::EngineParts parts{session.model,
                                session.tokenizer,
                                need(pecia::start_threads(session.pool->threads())),
                                session.isa,
                                options_of_engine(plan, options),
                                {}};
      return Expected<std::unique_ptr<actors::Generator>>(
          actors::make_engine_generator(std::move(parts)));
    });
    ratios.push_back(bare / actors);
    fmt::print("bare engine {:.1f} tokens/s, through actors {:.1f}: {:.1f}%\n", spec.tokens / bare,
               spec.tokens / actors, 100 * ratios.back());
  }
  fmt::print("median {:.1f}%\n", 100 * kernels::bench::median(ratios));
}

}  // namespace
}  // namespace pecia::bench

int main(int argc, char** argv) {
  using namespace pecia;
  CLI::App app("what the protocol costs");
  app.require_subcommand(1);
  bench::Options options;
  const auto add = [&](const char* name, const char* help, int slices, int tokens) {
    CLI::App* parser = app.add_subcommand(name, help);
    apps::add_compute_flags(*parser, options.compute);
    parser->add_option("--slices", options.slices, "slices of the job")->check(CLI::Range(1, 4096));
    parser->add_option("--tokens", options.tokens, "tokens of a slice")
        ->check(CLI::Range(1, 100'000));
    parser->add_option("--runs", options.runs, "runs")->check(CLI::Range(1, 100));
    parser->parse_complete_callback([&options, slices, tokens] {
      if (options.slices == 0) options.slices = slices;
      if (options.tokens == 0) options.tokens = tokens;
    });
    return parser;
  };
  const CLI::App* fake = add("fake", "committed tokens/s without a model at work", 64, 2'000);
  add("engine", "a job through actors against the same slices in a bare engine", 8, 64);
  CLI11_PARSE(app, argc, argv);
  const auto session = pecia::open_session(options.compute);
  if (!session) bench::die(session.error());
  if (*fake) {
    bench::measure_fake(options, *session);
  } else {
    bench::measure_engine(options, *session);
  }
}
