// The config file, and that of a cluster, over any bytes, and the environment over its lines. What
// is taken must be dumped and read back as the same config; what is refused must say so on one line
// a mistake.

#include <cstdint>
#include <cstdlib>

#include "runtime/config/cluster_file.hpp"
#include "runtime/config/dump.hpp"
#include "runtime/config/toml_file.hpp"

using namespace pecia::runtime;
using pecia::kernels::ErrorKind;
using pecia::kernels::Status;

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

void check_line(std::string_view line) {
  require(!line.empty());
  for (const char c : line) require(static_cast<unsigned char>(c) >= 0x20);
}

bool taken(const Status& status) {
  if (status) return true;
  const auto& [kind, message] = status.error();
  require(kind == ErrorKind::refuse);
  check_line(message);
  return false;
}

void check_round_trip(const LayeredConfig& config) {
  LayeredConfig again;
  require(read_toml(dump_config(config), "dump", again).ok());
  for (const Field& field : fields()) {
    require(field.get(config.config()) == field.get(again.config()));
  }
  require(config.check().ok() == again.check().ok());
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::optional<ClusterFile> read(std::string_view text) {
  std::vector<std::string> mistakes;
  auto file = read_cluster({text, "fuzz", "/folder", {}, {}}, mistakes);
  require(file.has_value() == mistakes.empty() && mistakes.size() <= kMistakesMax + 32);
  for (const std::string& mistake : mistakes) check_line(mistake);
  return file;
}

void check_cluster(std::string_view text) {
  const auto file = read(text);
  if (!file) return;
  const std::string dump = dump_cluster(file->cluster);
  if (dump.size() > kConfigBytesMax) return;  // its paths became absolute and quoted
  const auto again = read(dump);
  require(again && dump_cluster(again->cluster) == dump);
  require(fingerprint(again->cluster) == fingerprint(file->cluster));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t count) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), count);
  LayeredConfig file, environment;
  if (taken(read_toml(text, "fuzz", file))) check_round_trip(file);
  taken(file.check());
  check_cluster(text);
  if (taken(read_environment(lines_of(text), environment))) check_round_trip(environment);
  return 0;
}
