// pecia models: what is found by name, and whether it fits into the memory of this machine.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <nlohmann/json.hpp>

#include "apps/pecia/command.hpp"
#include "apps/pecia/input.hpp"
#include "apps/pecia/model_facts.hpp"
#include "pecia/model_lookup.hpp"

namespace pecia::apps {

using namespace kernels;

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kReasonBytesMax = 200;

struct Row {
  FoundModel model;
  ModelFacts facts;
};

std::string gigabytes(std::uint64_t bytes) {
  const double gb = static_cast<double>(bytes) / 1e9;
  return gb < 0.0995 ? fmt::format("{:.3f} GB", gb) : fmt::format("{:.1f} GB", gb);
}

std::optional<std::uint64_t> memory_here() {
  const auto text = read_text("/proc/meminfo");
  return text ? available_memory_bytes(*text) : std::nullopt;
}

std::string fit_of(const ModelFacts& facts, std::optional<std::uint64_t> memory) {
  if (!memory) return "unknown";
  if (facts.needs_bytes() <= *memory) return "yes";
  return facts.bytes <= *memory ? "shorter context" : "no";
}

// The reason names the file in front, which the row does already.
std::string reason_of(const Row& row) {
  std::string_view reason = row.facts.problem;
  if (reason.starts_with(row.model.path + ": ")) reason.remove_prefix(row.model.path.size() + 2);
  return printable(reason, kReasonBytesMax);
}

Json to_json(const Row& row, std::optional<std::uint64_t> memory) {
  const ModelFacts& facts = row.facts;
  Json object = {{"name", row.model.name},
                 {"path", row.model.path},
                 {"bytes", facts.bytes},
                 {"format", facts.format},
                 {"architecture", facts.architecture}};
  if (!facts.problem.empty()) {
    object["problem"] = facts.problem;
    return object;
  }
  object["context"] = facts.context;
  object["kv_bytes"] = facts.kv_bytes;
  object["needs_bytes"] = facts.needs_bytes();
  object["fits"] = memory ? Json(facts.needs_bytes() <= *memory) : Json(nullptr);
  object["chat"] = facts.has_chat;
  return object;
}

std::string to_text(const std::vector<Row>& rows, std::optional<std::uint64_t> memory) {
  std::size_t width = 4;
  for (const Row& row : rows) width = std::max(width, printable(row.model.name).size());
  std::string text = fmt::format("{:<{}}  {:>9}  {:<16}  {:<8}  {:>7}  {:>9}  {}\n", "NAME", width,
                                 "SIZE", "FORMAT", "ARCH", "CONTEXT", "NEEDS", "FITS");
  for (const Row& row : rows) {
    const ModelFacts& facts = row.facts;
    const std::string name = printable(row.model.name);
    const auto shown = [](const std::string& word) { return word.empty() ? "-" : printable(word); };
    if (!facts.problem.empty()) {
      text += fmt::format("{:<{}}  {:>9}  {:<16}  {:<8}  {:>7}  {:>9}  {}\n", name, width,
                          gigabytes(facts.bytes), shown(facts.format), shown(facts.architecture),
                          "-", "-", "cannot be used: " + reason_of(row));
      continue;
    }
    text += fmt::format("{:<{}}  {:>9}  {:<16}  {:<8}  {:>7}  {:>9}  {}\n", name, width,
                        gigabytes(facts.bytes), shown(facts.format), shown(facts.architecture),
                        facts.context, gigabytes(facts.needs_bytes()), fit_of(facts, memory));
  }
  if (!memory) return text;
  return text + fmt::format(
                    "\n{} of memory are available; NEEDS is weights and the keys and values "
                    "of the whole context\n",
                    gigabytes(*memory));
}

std::string layout_name(ModelRoot::Layout layout) {
  if (layout == ModelRoot::Layout::hub) return "hub";
  return layout == ModelRoot::Layout::ollama ? "ollama" : "plain";
}

Expected<int> execute(bool json, Output& out) {
  const ModelListing listing = find_models();
  const auto memory = memory_here();
  std::vector<Row> rows;
  for (const FoundModel& model : listing.models)
    rows.push_back({model, facts_of_model(model.path)});
  Status printed;
  if (json) {
    Json object = {{"available_bytes", memory ? Json(*memory) : Json(nullptr)}};
    object["models"] = Json::array();
    for (const Row& row : rows) object["models"].push_back(to_json(row, memory));
    object["folders"] = Json::array();
    for (const ModelRoot& root : listing.roots)
      object["folders"].push_back({{"path", root.path}, {"layout", layout_name(root.layout)}});
    object["complete"] = listing.is_whole;
    printed = out.write_json(object);
  } else {
    printed = out.write(to_text(rows, memory));
  }
  if (!printed) return printed.error();
  if (!listing.is_whole && !json)
    tell(fmt::format("not all folders were looked through: at most {} entries of one and {} models",
                     kModelEntriesMax, kModelsMax));
  return kExitDone;
}

}  // namespace

Command add_models(CLI::App& root) {
  auto json = std::make_shared<bool>(false);
  CLI::App* parser = root.add_subcommand("models", "models on this machine that -m takes by name");
  add_json_flag(*parser, *json);
  parser->footer(
      "Looks in PECIA_MODELS (folders between colons), ~/.local/share/pecia/models, and the caches "
      "of\n"
      "llama.cpp (LLAMA_CACHE), Hugging Face (HF_HUB_CACHE, HF_HOME) and ollama (OLLAMA_MODELS). "
      "-m\n"
      "takes such a name, the beginning of one that fits no other, a file, or a folder.\n"
      "\n"
      "Examples:\n"
      "  pecia models\n"
      "  PECIA_MODELS=/data/models pecia models --json | jq -r '.models[] | select(.fits) .name'\n"
      "  pecia chat -m qwen2.5-0.5b-instruct-q4_k_m");
  return {parser, [json](Output& out) { return execute(*json, out); }};
}

}  // namespace pecia::apps
