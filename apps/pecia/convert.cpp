// pecia convert: a model in another weight format.

#include "kernels/weights/convert.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "apps/pecia/command.hpp"
#include "apps/pecia/compute_flags.hpp"
#include "apps/pecia/file_roles.hpp"
#include "apps/pecia/interrupt.hpp"
#include "apps/pecia/progress.hpp"
#include "apps/pecia/weight_format.hpp"
#include "kernels/weights/gguf_split.hpp"
#include "kernels/weights/hf_folder.hpp"
#include "kernels/weights/quantise.hpp"
#include "pecia/model_lookup_core.hpp"

namespace pecia::apps {

using namespace kernels;

namespace {

struct ConvertOptions {
  std::string input, output;
  WeightRecipe format;
  bool json = false;
};

nlohmann::ordered_json to_json(const ConvertOptions& options, const ConvertReport& report) {
  return {{"output", options.output},      {"format", name_of(options.format)},
          {"tensors", report.tensors},     {"bytes_in", report.bytes_in},
          {"bytes_out", report.bytes_out}, {"fallbacks", report.fallbacks}};
}

std::string to_text(const ConvertOptions& options, const ConvertReport& report) {
  std::string text =
      fmt::format("{}: {}, {} tensors, {} bytes (from {})\n", options.output,
                  name_of(options.format), report.tensors, report.bytes_out, report.bytes_in);
  for (const std::string& tensor : report.fallbacks) {
    text += fmt::format("  {} becomes F16: its rows are no whole number of blocks\n",
                        printable(tensor));
  }
  return text;
}

// Every file that the model may lie in: the parts of a split one, all that a folder holds.
std::vector<FileRole> files_of(const std::string& model) {
  std::vector<FileRole> files = {{"the input", model}};
  if (is_folder(model)) {
    std::error_code failed;
    for (std::filesystem::directory_iterator at(model, failed), end; !failed && at != end;
         at.increment(failed)) {
      files.push_back({"a file of the input", at->path().string()});
    }
  } else if (const auto part = split_part(std::filesystem::path(model).filename().string())) {
    const auto count = std::min<std::uint64_t>(std::uint64_t(part->count), kSplitPartsMax);
    for (std::uint64_t number = 0; number < count; ++number) {
      files.push_back(
          {"a part of the input", split_part_name(model, number, std::uint64_t(part->count))});
    }
  }
  return files;
}

Expected<int> execute(const ConvertOptions& options, Output& out) {
  const Status roles = check_file_roles(files_of(options.input), {{"the output", options.output}});
  if (!roles) return roles.error();
  const auto source = ModelFile::open(options.input);
  if (!source) return source.error();
  watch_interrupts();
  Progress progress("converting");
  const auto report =
      convert_gguf(*source, options.format.most, options.output, until_interrupted(progress));
  progress.end();
  if (!report && interrupted()) return kExitInterrupted;
  if (!report) return report.error();
  const Status told = options.json ? out.write_json(to_json(options, *report))
                                   : out.write(to_text(options, *report));
  if (!told) return told.error();
  return kExitDone;
}

}  // namespace

Command add_convert(CLI::App& root) {
  auto options = std::make_shared<ConvertOptions>();
  CLI::App* parser = root.add_subcommand("convert", "a model as a GGUF file in a weight format");
  parser
      ->add_option("input", options->input,
                   fmt::format("GGUF file ({}), any part of a split one, a Hugging Face folder, or "
                               "a name of 'pecia models'",
                               dequantised_types()))
      ->required()
      ->transform(resolved_model());
  parser->add_option("output,-o,--output", options->output, "where the new file appears, complete")
      ->required();
  add_format_flag(
      *parser, "-q,--to", options->format,
      {TensorType::f32, TensorType::f16, TensorType::bf16, TensorType::q8_0, TensorType::q4_0},
      "weight format of the new file")
      ->required();
  add_json_flag(*parser, options->json);
  parser->footer(
      "Matrices are converted, vectors become F32, metadata is copied. A matrix whose rows are no\n"
      "whole number of blocks becomes F16 and is named.\n"
      "\n"
      "Examples:\n"
      "  pecia convert model-f16.gguf model-q8_0.gguf --to q8_0\n"
      "  pecia convert SmolLM2-135M -o smollm2.gguf -q f16\n"
      "  pecia convert model-f16.gguf model-q4_0.gguf --to q4_0 --json");
  return {parser, [options](Output& out) { return execute(*options, out); }};
}

}  // namespace pecia::apps
