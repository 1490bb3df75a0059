// A host program with a node of pecia in it: writes a document, shows it as it grows, and says what
// became of it.
//
//   embed                          a short chronicle, by the built-in model
//   embed OUTLINE.md [TOKENS]      what `pecia write --outline OUTLINE.md -n TOKENS` prints
//   embed OUTLINE.md TOKENS CLUSTER.toml    the same by the workers of a cluster
//
// It builds by itself against an installed library, and inside the tree:
//
//   cmake -S apps/embed -B build-embed -DCMAKE_PREFIX_PATH=PREFIX && cmake --build build-embed

#include <pecia/node.hpp>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

namespace {

constexpr const char* kOutline =
    "Title: The glazier of Dunmarsh\n\n# 1. A letter for Gerrit\n\n# 2. The promise of Gerrit\n";

std::string read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw pecia::Error(pecia::ErrorKind::refuse, path + ": cannot be read");
  return {std::istreambuf_iterator<char>(file), {}};
}

pecia::NodeOptions options_of(int count, char** arguments) {
  pecia::NodeOptions options;
  if (count > 3) options = pecia::NodeOptions::client_of(arguments[3]);
  options.log = [](std::string_view line) { std::cerr << "embed: " << line << "\n"; };
  return options;
}

pecia::Job job_of(int count, char** arguments) {
  pecia::Job job;
  job.outline = count > 1 ? read(arguments[1]) : kOutline;
  job.tokens = count > 2 ? std::atoi(arguments[2]) : count > 1 ? -1 : 200;
  // On a thread of the library's, one call after the other, in the order of the document.
  job.on_text = [](std::string_view text) { std::cout << text << std::flush; };
  job.on_progress = [](const pecia::Progress& progress) {
    std::cerr << "embed: " << progress.tokens << " tokens, " << progress.slices_done << " of "
              << progress.slices << " slices done\n";
  };
  return job;
}

}  // namespace

int main(int count, char** arguments) {
  try {
    pecia::Node node{options_of(count, arguments)};
    pecia::Submission submission = node.submit(job_of(count, arguments));
    const pecia::Document document = submission.document.get();
    std::cerr << "embed: job " << document.id << ": " << document.tokens << " tokens, "
              << document.text.size() << " bytes\n";
    return std::cout.good() ? EXIT_SUCCESS : EXIT_FAILURE;
  } catch (const pecia::Error& error) {
    std::cerr << "embed: " << error.what() << "\n";
    return error.kind() == pecia::ErrorKind::refuse ? 2 : EXIT_FAILURE;
  }
}
