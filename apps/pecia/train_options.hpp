#pragma once
// The flags of `pecia train`, and what they mean for the trainer.

#include <cstdint>
#include <string>
#include <vector>

#include "apps/pecia/chronicle_documents.hpp"
#include "kernels/base/expected.hpp"
#include "kernels/training/curriculum.hpp"
#include "kernels/training/trainer.hpp"

namespace CLI {
class App;
}

namespace pecia::apps {

struct TrainOptions {
  std::string tokenizer;   // GGUF
  std::string text;        // documents; may be empty
  std::string from;        // GGUF in F32 whose weights are the first ones; may be empty
  std::string output;      // GGUF
  std::string checkpoint;  // default: output + ".checkpoint"
  std::string log;         // default: output + ".log.jsonl"
  std::string curve;       // default: output + ".svg"
  std::string name;        // of the model; default: the output's file name
  kernels::TrainingOptions training;
  std::vector<std::string> stages;  // as given
  double rate_floor_share = 0.1;    // of the peak
  std::string seed = "1";
  bool untied = false;
  int threads = 0;
  std::uint64_t save_every = 100;  // steps
  std::uint64_t evaluate_every = 100;
  std::size_t held_out = 0;  // documents
  bool json = false;
};

void add_train_flags(CLI::App& parser, TrainOptions& options);

// What the sequences of a stage are cut from.
enum class StageKind : std::uint8_t { text, repeats, chronicles };

struct StagePlan {
  kernels::Stage stage;  // its documents not yet known
  StageKind kind = StageKind::text;
  ChronicleContent content = ChronicleContent::tales;  // of chronicles
};

// "LENGTH:STEPS:SEQUENCES" or "LENGTH:STEPS:SEQUENCES:KIND".
kernels::Expected<StagePlan> parse_stage(const std::string& text);

}  // namespace pecia::apps
