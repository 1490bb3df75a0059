// Config files that a slip of the hand, or worse, has changed.

#include <algorithm>
#include <random>

#include "runtime/config/dump.hpp"
#include "tests/catch.hpp"
#include "tests/unit/config/cluster_fixture.hpp"
#include "tests/unit/config/config_fixture.hpp"

using namespace pecia::runtime;
using namespace pecia::runtime::tests;

namespace {

constexpr int kMutations = 5'000;
constexpr int kEditsMax = 8;

class Mutator {
 public:
  explicit Mutator(std::string text) : original_(std::move(text)) {}

  std::string next() {
    std::string text = original_;
    const std::size_t edits = 1 + below(kEditsMax);
    for (std::size_t i = 0; i < edits && !text.empty(); ++i) edit(text);
    return text;
  }

 private:
  std::size_t below(std::size_t end) { return chance_() % end; }

  // Half of the edits fall on what stands behind an '=', for comments are most of the text.
  std::size_t place(const std::string& text) {
    const std::size_t at = below(text.size());
    if (below(2) == 0) return at;
    const std::size_t value = text.find(" = ", at);
    return value == text.npos ? at : std::min(value + below(6), text.size() - 1);
  }

  void edit(std::string& text) {
    static constexpr std::string_view kTelling = "0123456789=[]{}\"'#.,_-+ \n\r\\eE:T";
    const std::size_t at = place(text);
    const std::size_t count = 1 + below(4);
    switch (below(6)) {
      case 0:
        text[at] = static_cast<char>(below(256));
        break;
      case 1:
        text.insert(at, 1, kTelling[below(kTelling.size())]);
        break;
      case 2:
        text.erase(at, count);
        break;
      case 3:
        text.insert(at, text.substr(below(text.size()), 1 + below(64)));
        break;
      case 4:
        text[at] = kTelling[below(kTelling.size())];
        break;
      default:
        if (below(16) == 0) text.resize(at);
    }
  }

  std::string original_;
  std::mt19937_64 chance_{20'240'229};
};

// "x.toml:LINE:COLUMN: ..." on one line.
bool names_place(const std::string& message) {
  const auto digits = [&message](std::size_t from, std::size_t to) {
    return from < to && std::all_of(message.begin() + static_cast<long>(from),
                                    message.begin() + static_cast<long>(to),
                                    [](char c) { return c >= '0' && c <= '9'; });
  };
  constexpr std::string_view kName = "x.toml:";
  if (!message.starts_with(kName) || message.find('\n') != std::string::npos) return false;
  const std::size_t line_end = message.find(':', kName.size());
  if (line_end == std::string::npos || !digits(kName.size(), line_end)) return false;
  const std::size_t column_end = message.find(':', line_end + 1);
  return column_end != std::string::npos && digits(line_end + 1, column_end);
}

}  // namespace

TEST_CASE("5,000 mutations of the defaults give a valid config or one line with its place") {
  Mutator mutator(dump_config(Config{}));
  int taken = 0, refused = 0;
  for (int i = 0; i < kMutations; ++i) {
    const std::string text = mutator.next();
    const std::string message = refusal(text);
    if (message.empty()) {
      ++taken;
      LayeredConfig config, again;
      REQUIRE(read_toml(text, "x.toml", config).ok());
      REQUIRE(read_toml(dump_config(config), "again.toml", again).ok());
      REQUIRE(same(config.config(), again.config()));
      REQUIRE(again.check().ok());
    } else {
      ++refused;
      INFO(i << ": " << message);
      REQUIRE(names_place(message));
    }
  }
  CHECK(taken > kMutations / 20);
  CHECK(refused > kMutations / 4);
}

TEST_CASE("2,000 mutations of a cluster's config give a cluster or lines that name their places") {
  const std::string text =
      "[cluster]\nname = \"c\"\ndata_dir = \"d\"\n[security]\nsecret_file = \"s\"\n" +
      std::string(kOneNode.substr(21)) +
      "[[node]]\nname = \"b\"\naddress = \"10.0.0.1:7401\"\nroles = [\"worker\"]\n"
      "model = \"m\"\ndevice = \"cpu\"\nthreads = 1\nbatch_max = 2\n";
  REQUIRE(mistakes_of(text).empty());
  Mutator mutator(text);
  int taken = 0, refused = 0;
  for (int i = 0; i < 2'000; ++i) {
    const ClusterRead read = read_text(mutator.next());
    if (read.file) {
      ++taken;
      const std::string dump = dump_cluster(read.file->cluster);
      REQUIRE(dump_cluster(cluster_of(dump)) == dump);
    } else {
      ++refused;
      for (const std::string& mistake : read.mistakes) {
        INFO(i << ": " << mistake);
        REQUIRE(names_place(mistake));
      }
    }
  }
  CHECK(taken > 20);
  CHECK(refused > 500);
}
