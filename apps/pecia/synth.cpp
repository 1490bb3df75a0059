// pecia synth: a random model of a real shape, to measure speed with.

#include "kernels/weights/synth.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "apps/pecia/command.hpp"
#include "apps/pecia/flag_checks.hpp"
#include "apps/pecia/interrupt.hpp"
#include "apps/pecia/progress.hpp"
#include "apps/pecia/weight_format.hpp"

namespace pecia::apps {

using namespace kernels;

namespace {

struct SynthOptions {
  std::string shape, output;
  WeightRecipe format;
  std::uint64_t seed = 1;
  bool json = false;
};

std::vector<std::string> shape_names() {
  std::vector<std::string> names;
  for (const SynthShape& shape : synth_shapes()) names.emplace_back(shape.name);
  return names;
}

Expected<int> execute(const SynthOptions& options, Output& out) {
  const SynthShape* shape = synth_shape_named(options.shape);
  if (shape == nullptr) {
    return fail(ErrorKind::refuse, "--shape '{}': not known; give one of {}", options.shape,
                fmt::join(shape_names(), ", "));
  }
  watch_interrupts();
  Progress progress("making");
  const Status made =
      synthesise(*shape, options.format, options.seed, options.output, until_interrupted(progress));
  progress.end();
  if (!made && interrupted()) return kExitInterrupted;
  if (!made) return made.error();
  const std::string_view format = name_of(options.format);
  const Status told =
      options.json ? out.write_json({{"output", options.output},
                                     {"shape", options.shape},
                                     {"format", format},
                                     {"seed", options.seed}})
                   : out.write(fmt::format("{}: random weights, shape {}, {}, seed {}\n",
                                           options.output, options.shape, format, options.seed));
  if (!told) return told.error();
  return kExitDone;
}

}  // namespace

Command add_synth(CLI::App& root) {
  auto options = std::make_shared<SynthOptions>();
  CLI::App* parser = root.add_subcommand("synth", "a random model of a real shape");
  parser
      ->add_option("--shape", options->shape,
                   fmt::format("one of {}", fmt::join(shape_names(), ", ")))
      ->required()
      ->type_name("NAME");
  add_format_flag(*parser, "--quant", options->format, known_recipes(), "weight format")
      ->required();
  parser->add_option("-o,--output", options->output, "where the file appears, complete")
      ->required()
      ->check(not_empty())
      ->type_name("FILE");
  parser->add_option("-s,--seed", options->seed, "of the weights")->capture_default_str();
  add_json_flag(*parser, options->json);
  parser->footer(
      "A valid GGUF file with a usable tokenizer; the text it writes is noise, its speed is that "
      "of\n"
      "the real model. The same flags give the same bytes. Q4_K_M and Q5_K_M mix Q6_K in as\n"
      "llama.cpp does; a matrix whose rows are no whole number of blocks takes Q5_0 for Q4_K, "
      "Q5_1\n"
      "for Q5_K, Q8_0 for Q6_K, else F16.\n"
      "\n"
      "Examples:\n"
      "  pecia synth --shape smollm2-135m --quant q8_0 -o model.gguf\n"
      "  pecia bench -m model.gguf -t 2");
  return {parser, [options](Output& out) { return execute(*options, out); }};
}

}  // namespace pecia::apps
