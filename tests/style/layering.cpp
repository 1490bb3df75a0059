// Who may include whom. CMake cannot hold this: system headers lie where every target sees them.

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

#include "tests/style/rules.hpp"

namespace pecia::style {

namespace {

using Names = std::span<const std::string_view>;

struct Layer {
  std::string_view prefix;
  Names may_include;  // prefixes of quoted includes
};

constexpr std::string_view kKernels[] = {"kernels/"};
// Errors as values and names made from content are the words of every layer.
constexpr std::string_view kRuntime[] = {"runtime/", "kernels/base/"};
constexpr std::string_view kActors[] = {"kernels/", "runtime/", "actors/"};
constexpr std::string_view kHost[] = {"kernels/", "runtime/", "actors/", "pecia/"};
constexpr std::string_view kApps[] = {"kernels/", "runtime/", "actors/", "pecia/", "apps/"};
constexpr std::string_view kTests[] = {"kernels/", "runtime/", "actors/",
                                       "pecia/",   "apps/",    "tests/"};
constexpr Layer kLayers[] = {{"kernels/", kKernels}, {"runtime/", kRuntime}, {"actors/", kActors},
                             {"pecia/", kHost},      {"apps/", kApps},       {"tests/", kTests}};

// What kernels may take from the system besides the standard library, and which part of them.
struct Door {
  std::string_view folder;
  std::string_view header;  // a whole header, or a folder of headers ending in '/'
};
constexpr Door kKernelDoors[] = {
    {"kernels/", "fmt/"},
    {"kernels/", "immintrin.h"},
    {"kernels/base/", "xmmintrin.h"},
    {"kernels/base/", "openssl/"},
    {"kernels/base/", "xxhash.h"},
    {"kernels/base/", "xxh_x86dispatch.h"},
    {"kernels/cpu/", "cpuid.h"},
    {"kernels/cpu/", "sys/mman.h"},
    {"kernels/cpu/", "thread"},
    {"kernels/cpu/", "mutex"},
    {"kernels/cpu/", "condition_variable"},
    {"kernels/cpu/", "atomic"},
    {"kernels/engine/model.", "mutex"},
    {"kernels/training/local_exchange.", "mutex"},
    {"kernels/text/", "unicode/"},
    {"kernels/text/", "pcre2.h"},
    {"kernels/weights/", "nlohmann/"},
    {"kernels/weights/", "fcntl.h"},
    {"kernels/weights/", "strings.h"},
    {"kernels/weights/", "sys/mman.h"},
    {"kernels/weights/", "sys/stat.h"},
    {"kernels/weights/", "unistd.h"},
    {"kernels/weights/", "fstream"},
    {"kernels/weights/", "filesystem"},
    {"kernels/weights/", "cerrno"},
    {"kernels/weights/", "cstdio"},
};

// Standard headers that carry a clock, chance, threads or I/O: behind a door, or not at all.
constexpr std::string_view kImpureStandard[] = {
    "atomic",       "barrier",    "cerrno",     "chrono",     "condition_variable",
    "cstdio",       "ctime",      "fstream",    "filesystem", "future",
    "iostream",     "latch",      "mutex",      "random",     "semaphore",
    "shared_mutex", "stop_token", "syncstream", "thread",     "time.h"};

// What one place of runtime/ hides from all others, whatever folder they are in.
constexpr Door kSoleDoors[] = {
    {"runtime/wire/schema.hpp", "runtime/wire/pecia.capnp.h"},
    {"runtime/wire/", "capnp/"},
    {"runtime/wire/", "kj/"},
};

// Headers that are installed: they have no others of ours around them there.
constexpr std::string_view kInstalled[] = {"pecia/error.hpp", "pecia/job.hpp", "pecia/node.hpp"};

// Headers no core may see; '/' at the end means the whole folder.
constexpr std::string_view kForeignToCores[] = {"caf/",    "capnp/",    "kj/",   "sqlite3.h",
                                                "sys/",    "netinet/",  "arpa/", "unistd.h",
                                                "fcntl.h", "pthread.h", "poll.h"};

bool is_standard(std::string_view header) {
  return header.find_first_of("./") == std::string_view::npos;
}

bool matches(std::string_view header, std::string_view pattern) {
  return pattern.ends_with('/') ? header.starts_with(pattern) : header == pattern;
}

bool any_matches(std::string_view header, Names patterns) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](std::string_view pattern) { return matches(header, pattern); });
}

bool kernel_may_take(std::string_view path, std::string_view header) {
  for (const Door& door : kKernelDoors) {
    if (path.starts_with(door.folder) && matches(header, door.header)) return true;
  }
  return is_standard(header) && !any_matches(header, kImpureStandard);
}

bool installed_may_include(const Include& include) {
  return include.quoted ? any_matches(include.target, kInstalled) : is_standard(include.target);
}

bool is_hidden_from(std::string_view path, std::string_view header) {
  return std::any_of(std::begin(kSoleDoors), std::end(kSoleDoors), [&](const Door& door) {
    return matches(header, door.header) && !path.starts_with(door.folder);
  });
}

}  // namespace

Findings check_include_direction(const SourceFile& file) {
  Findings findings;
  const auto* layer = std::find_if(std::begin(kLayers), std::end(kLayers), [&](const Layer& one) {
    return file.path.starts_with(one.prefix);
  });
  if (layer == std::end(kLayers) || !is_cpp(file.path)) return findings;
  for (const Include& include : includes(file)) {
    if (include.quoted && !any_matches(include.target, layer->may_include)) {
      findings.push_back({file.path, include.line,
                          std::string(layer->prefix) + " may not include " + include.target});
    }
    if (!include.quoted && layer->prefix == "kernels/" &&
        !kernel_may_take(file.path, include.target)) {
      findings.push_back({file.path, include.line,
                          "no door in kernels/ leads to <" + include.target + "> from here"});
    }
    if (any_matches(file.path, kInstalled) && !installed_may_include(include)) {
      findings.push_back({file.path, include.line,
                          "where this header is installed there is no " + include.target});
    }
    if (is_hidden_from(file.path, include.target)) {
      findings.push_back({file.path, include.line,
                          "another file hides <" + include.target + "> behind plain structs"});
    }
  }
  return findings;
}

Findings check_core_purity(const SourceFile& file) {
  Findings findings;
  if (file.path.find("_core.") == std::string::npos) return findings;
  for (const Include& include : includes(file)) {
    if (any_matches(include.target, kImpureStandard) ||
        any_matches(include.target, kForeignToCores)) {
      findings.push_back(
          {file.path, include.line,
           "a core takes events and returns effects; it may not see <" + include.target + ">"});
    }
  }
  return findings;
}

}  // namespace pecia::style
