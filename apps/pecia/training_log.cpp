#include "apps/pecia/training_log.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <string_view>

#include "apps/pecia/input.hpp"
#include "apps/pecia/output.hpp"
#include "kernels/weights/atomic_file.hpp"

namespace pecia::apps {

using namespace kernels;

namespace {

using Json = nlohmann::json;

bool is_log_line(const Json& object) {
  const auto is = [&object](const char* key, bool (Json::*kind)() const noexcept) {
    return object.contains(key) && (object[key].*kind)();
  };
  return object.is_object() && is("step", &Json::is_number_unsigned) &&
         is("loss", &Json::is_number) &&
         (!object.contains("held_out_loss") || object["held_out_loss"].is_number());
}

// Every line of the file, as text and as object. A last line cut short by a kill is no error.
template <typename Visit>
Status visit_lines(const std::string& path, const Visit& visit) {
  const Expected<std::string> text = read_text(path);
  if (!text) return text.error();
  for (std::size_t at = 0; at < text->size();) {
    const std::size_t newline = text->find('\n', at);
    if (newline == std::string::npos) break;
    const std::string_view line = std::string_view(*text).substr(at, newline + 1 - at);
    const Json object = Json::parse(line, nullptr, false);
    if (!is_log_line(object)) {
      return fail(ErrorKind::refuse, "{}: byte {} begins no line of a training log", path, at);
    }
    visit(line, object);
    at = newline + 1;
  }
  return {};
}

// The lines of steps below `first_step`.
Expected<std::string> kept_lines(const std::string& path, std::uint64_t first_step) {
  std::string kept;
  const Status read = visit_lines(path, [&](std::string_view line, const Json& object) {
    if (object["step"].get<std::uint64_t>() < first_step) kept += line;
  });
  if (!read) return read.error();
  return kept;
}

}  // namespace

void TrainingLog::Closer::operator()(int* descriptor) const {
  ::close(*descriptor);
  delete descriptor;
}

TrainingLog::TrainingLog(std::string path, int descriptor)
    : path_(std::move(path)), descriptor_(new int(descriptor)) {}

Expected<TrainingLog> TrainingLog::open(const std::string& path, std::uint64_t first_step) {
  std::string kept;
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0) {
    if (!S_ISREG(status.st_mode)) {
      return fail(ErrorKind::refuse, "{}: is no regular file; a training log must be one", path);
    }
    Expected<std::string> lines = kept_lines(path, first_step);
    if (!lines) return lines.error();
    kept = std::move(*lines);
  }
  Expected<AtomicFile> file = AtomicFile::create(path);
  if (!file) return file.error();
  if (Status s = file->write(kept); !s) return s.error();
  if (Status s = file->commit(); !s) return s.error();
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  if (descriptor >= 0) return TrainingLog(path, descriptor);
  return fail(ErrorKind::refuse, "{}: cannot open: {}", path, std::strerror(errno));
}

Expected<std::vector<LossPoint>> TrainingLog::points(const std::string& path) {
  std::vector<LossPoint> points;
  const Status read = visit_lines(path, [&points](std::string_view, const Json& object) {
    LossPoint point{object["step"].get<std::uint64_t>(), object["loss"].get<double>(), {}};
    if (object.contains("held_out_loss")) point.held_out = object["held_out_loss"].get<double>();
    points.push_back(point);
  });
  if (!read) return read.error();
  return points;
}

Status TrainingLog::append(const StepReport& report, std::optional<double> held_out_loss) {
  nlohmann::ordered_json line = {{"step", report.step},
                                 {"loss", report.loss},
                                 {"gradient_norm", report.gradient_norm},
                                 {"rate", report.rate},
                                 {"tokens", report.rows}};
  if (held_out_loss) line["held_out_loss"] = *held_out_loss;
  Status written = Output(*descriptor_).write_json(line);
  if (written) return {};
  return fail(written.error().kind, "{}: cannot write: {}", path_, std::strerror(errno));
}

}  // namespace pecia::apps
