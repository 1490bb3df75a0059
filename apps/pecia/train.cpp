// pecia train: a model from text. Started again with the same flags, it goes on where it stopped.

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "apps/pecia/command.hpp"
#include "apps/pecia/file_roles.hpp"
#include "apps/pecia/fma_peak.hpp"
#include "apps/pecia/interrupt.hpp"
#include "apps/pecia/output.hpp"
#include "apps/pecia/progress.hpp"
#include "apps/pecia/seed.hpp"
#include "apps/pecia/train_options.hpp"
#include "apps/pecia/training_log.hpp"
#include "apps/pecia/training_material.hpp"
#include "kernels/training/import_model.hpp"
#include "kernels/weights/atomic_file.hpp"
#include "pecia/session.hpp"

namespace pecia::apps {

using namespace kernels;

namespace {

// What training computes with, and on.
struct Workplace {
  std::unique_ptr<ThreadPool> pool;
  Isa isa = Isa::portable;
  std::optional<ModelFile> tokenizer_file;
  std::shared_ptr<const Tokenizer> tokenizer;
  std::optional<TrainingMaterial> material;
  std::unique_ptr<Curriculum> curriculum;
  std::unique_ptr<Trainer> trainer;
};

Status read_first_weights(const std::string& path, TrainingOptions& training) {
  if (path.empty()) return {};
  if (Status fits = check_trainable(training.shape); !fits) return fits;
  const Expected<ModelFile> model = ModelFile::open(path);
  if (!model) return model.error();
  auto weights = import_model(*model, training.shape, ParameterTable(training.shape));
  if (!weights) return weights.error();
  training.first_weights = std::move(*weights);
  return {};
}

Status make_trainer(const TrainOptions& options, std::uint64_t seed, Workplace& place) {
  const int vocabulary = place.tokenizer->size();
  place.curriculum = std::make_unique<Curriculum>(vocabulary, seed, place.material->stages());
  TrainingOptions training = options.training;
  training.shape.vocabulary = vocabulary;
  training.shape.tied_embeddings = !options.untied;
  training.seed = seed;
  training.rate.steps = place.curriculum->steps();
  training.rate.warmup_steps = std::min(training.rate.warmup_steps, training.rate.steps);
  training.rate.floor = training.rate.peak * options.rate_floor_share;
  if (Status read = read_first_weights(options.from, training); !read) return read;
  auto trainer =
      Trainer::create(training, *place.pool, kernel_table(place.isa), *place.curriculum, nullptr);
  if (!trainer) return trainer.error();
  place.trainer = std::move(*trainer);
  return {};
}

Expected<Workplace> open_workplace(const TrainOptions& options) {
  Workplace place;
  const Expected<Isa> isa = isa_from_environment();
  if (!isa) return isa.error();
  place.isa = *isa;
  const Expected<std::uint64_t> seed = resolve_seed(options.seed);
  if (!seed) return seed.error();
  auto file = ModelFile::open(options.tokenizer);
  if (!file) return file.error();
  const auto tokenizer = load_tokenizer(*file);
  if (!tokenizer) return tokenizer.error();
  place.tokenizer_file = *file;
  place.tokenizer = *tokenizer;
  auto pool = start_threads(options.threads);
  if (!pool) return pool.error();
  place.pool = std::move(*pool);
  auto material = TrainingMaterial::open(options, *place.tokenizer, *seed);
  if (!material) return material.error();
  place.material = std::move(*material);
  if (Status s = make_trainer(options, *seed, place); !s) return s.error();
  if (::access(options.checkpoint.c_str(), F_OK) == 0) {
    if (Status s = place.trainer->resume(options.checkpoint); !s) return s.error();
    tell(fmt::format("{}: goes on at step {} of {}", options.checkpoint, place.trainer->steps(),
                     place.curriculum->steps()));
  }
  return place;
}

// Speed of this sitting.
struct Pace {
  double seconds = 0;  // of steps alone
  std::uint64_t rows_before = 0;
  std::uint64_t steps_before = 0;
  double peak_gflop_s = 0;

  double tokens_s(const Trainer& trainer) const {
    return static_cast<double>(trainer.rows() - rows_before) / std::max(seconds, 1e-9);
  }
  double gflop_s(const Trainer& trainer) const {
    return trainer.flop() * 1e-9 / std::max(seconds, 1e-9);
  }
  double share(const Trainer& trainer) const {
    return peak_gflop_s > 0 ? gflop_s(trainer) / peak_gflop_s : 0;
  }
};

std::string describe_time(double seconds) {
  const auto minutes = static_cast<std::uint64_t>(seconds / 60);
  if (minutes < 1) return fmt::format("{:.0f} s", seconds);
  return minutes < 120 ? fmt::format("{} min", minutes)
                       : fmt::format("{} h {:02} min", minutes / 60, minutes % 60);
}

class Run {
 public:
  Run(const TrainOptions& options, Workplace& place, TrainingLog log, Output& out)
      : options_(options),
        place_(place),
        trainer_(*place.trainer),
        log_(std::move(log)),
        out_(out),
        progress_("training") {
    pace_.peak_gflop_s = fma_peak_gflop_s(*place.pool, place.isa);
    pace_.rows_before = trainer_.rows();
    pace_.steps_before = trainer_.steps();
  }

  Status until_done() {
    const std::uint64_t steps = place_.curriculum->steps();
    while (trainer_.steps() < steps && !interrupted()) {
      const Stopwatch watch;
      const Expected<StepReport> report = trainer_.step();
      if (!report) return report.error();
      pace_.seconds += watch.seconds();
      last_ = *report;
      draw();
      if (Status s = after_step(*report); !s) return s;
    }
    progress_.end();
    if (Status s = trainer_.save(options_.checkpoint); !s) return s;
    return draw_curve();
  }

  nlohmann::ordered_json to_json() const {
    return {{"output", options_.output},
            {"steps", trainer_.steps()},
            {"tokens", trainer_.rows()},
            {"parameters", trainer_.table().floats()},
            {"loss", last_ ? nlohmann::ordered_json(last_->loss) : nullptr},
            {"held_out_loss", held_out_loss_ ? nlohmann::ordered_json(*held_out_loss_) : nullptr},
            {"tokens_s", pace_.tokens_s(trainer_)},
            {"gflop_s", pace_.gflop_s(trainer_)},
            {"peak_gflop_s", pace_.peak_gflop_s},
            {"share_of_peak", pace_.share(trainer_)}};
  }

  std::string speed() const {
    return fmt::format("{:.0f} tokens/s, {:.0f} GFLOP/s ({:.0f}% of {:.0f} measured)",
                       pace_.tokens_s(trainer_), pace_.gflop_s(trainer_),
                       100 * pace_.share(trainer_), pace_.peak_gflop_s);
  }

 private:
  bool is_last(const StepReport& report) const {
    return report.step + 1 == place_.curriculum->steps();
  }

  Status after_step(const StepReport& report) {
    std::optional<double> held_out;
    const bool evaluates = (report.step + 1) % options_.evaluate_every == 0 || is_last(report);
    // Again, for the first may have been taken on a busy machine.
    if (evaluates) {
      pace_.peak_gflop_s = std::max(pace_.peak_gflop_s, fma_peak_gflop_s(*place_.pool, place_.isa));
    }
    if (evaluates && !place_.material->held_out().empty()) {
      const Expected<double> loss = trainer_.evaluate(place_.material->held_out());
      if (!loss) return loss.error();
      held_out = held_out_loss_ = *loss;
    }
    if (Status s = log_.append(report, held_out); !s) return s;
    if (evaluates && !options_.json) {
      if (Status s = tell_step(report, held_out); !s) return s;
    }
    if (trainer_.steps() % options_.save_every != 0) return {};
    return trainer_.save(options_.checkpoint);
  }

  Status draw_curve() const {
    const auto points = TrainingLog::points(options_.log);
    if (!points) return points.error();
    std::vector<StageMark> marks;
    std::uint64_t first_step = 0;
    for (std::size_t i = 0; i < options_.stages.size(); ++i) {
      marks.push_back({first_step, options_.stages[i]});
      first_step += place_.material->stages()[i].steps;
    }
    auto file = AtomicFile::create(options_.curve);
    if (!file) return file.error();
    if (Status s = file->write(loss_curve_svg(*points, marks)); !s) return s;
    return file->commit();
  }

  Status tell_step(const StepReport& report, std::optional<double> held_out) {
    progress_.end();
    const std::string held = held_out ? fmt::format(", held out {:.4f}", *held_out) : "";
    return out_.write(
        fmt::format("step {}: loss {:.4f}{}, {}\n", report.step + 1, report.loss, held, speed()));
  }

  void draw() {
    const Curriculum& curriculum = *place_.curriculum;
    // By what stages ask for, for documents are shorter than their stage by much the same share.
    const auto asked = [&curriculum](std::uint64_t from, std::uint64_t to) {
      return static_cast<double>(curriculum.targets_before(to) - curriculum.targets_before(from));
    };
    const double seconds = pace_.seconds * asked(trainer_.steps(), curriculum.steps()) /
                           asked(pace_.steps_before, trainer_.steps());
    const std::string state = fmt::format("steps, loss {:.3f}, {}, {} left", last_->loss, speed(),
                                          describe_time(seconds));
    progress_.update(trainer_.steps(), curriculum.steps(), state);
  }

  const TrainOptions& options_;
  Workplace& place_;
  Trainer& trainer_;
  TrainingLog log_;
  Output& out_;
  Progress progress_;
  Pace pace_;
  std::optional<StepReport> last_;
  std::optional<double> held_out_loss_;
};

// Now, so that nobody trains for hours towards a file that has no place.
Status check_files(const TrainOptions& options) {
  const std::vector<FileRole> outputs = {{"-o", options.output},
                                         {"--checkpoint", options.checkpoint},
                                         {"--log", options.log},
                                         {"--curve", options.curve}};
  Status roles = check_file_roles(
      {{"--tokenizer", options.tokenizer}, {"-f", options.text}, {"--from", options.from}},
      outputs);
  if (!roles) return roles;
  for (const FileRole& output : outputs) {
    const auto file = AtomicFile::create(output.path);
    if (!file) return file.error();
  }
  return {};
}

Expected<int> execute(TrainOptions options, Output& out) {
  if (options.checkpoint.empty()) options.checkpoint = options.output + ".checkpoint";
  if (options.log.empty()) options.log = options.output + ".log.jsonl";
  if (options.curve.empty()) options.curve = options.output + ".svg";
  if (options.name.empty()) options.name = std::filesystem::path(options.output).stem().string();
  if (Status s = check_files(options); !s) return s.error();
  Expected<Workplace> place = open_workplace(options);
  if (!place) return place.error();
  Expected<TrainingLog> log = TrainingLog::open(options.log, place->trainer->steps());
  if (!log) return log.error();
  watch_interrupts();
  Run run(options, *place, std::move(*log), out);
  if (Status done = run.until_done(); !done) return done.error();
  if (interrupted()) {
    tell(fmt::format("stopped at step {}; the same command goes on from {}",
                     place->trainer->steps(), options.checkpoint));
    return kExitInterrupted;
  }
  const Status exported =
      place->trainer->export_gguf(options.output, options.name, *place->tokenizer_file);
  if (!exported) return exported.error();
  const Status told = options.json
                          ? out.write_json(run.to_json())
                          : out.write(fmt::format("{}: {} parameters, {} tokens, {}\n",
                                                  options.output, place->trainer->table().floats(),
                                                  place->trainer->rows(), run.speed()));
  if (!told) return told.error();
  return kExitDone;
}

}  // namespace

Command add_train(CLI::App& root) {
  auto options = std::make_shared<TrainOptions>();
  CLI::App* parser = root.add_subcommand("train", "a llama model from text, resumable");
  add_train_flags(*parser, *options);
  parser->footer(
      "Weights and loss curve are a function of flags and text: threads, kills and resumes change\n"
      "no bit. Started again, the command goes on from its checkpoint.\n"
      "\n"
      "Examples:\n"
      "  pecia train --tokenizer vocabulary.gguf -f stories.txt -o stories.gguf \\\n"
      "    --stage 64:200:64:repeats --stage 128:2000:64 --stage 1024:500:8\n"
      "  pecia convert stories.gguf stories-q8_0.gguf --to q8_0");
  return {parser, [options](Output& out) { return execute(*options, out); }};
}

}  // namespace pecia::apps
