#pragma once
// A shell script that stands for a writer whose journal is a number: the line it has reached.

#include <string>
#include <string_view>

#include "tests/process/workshop.hpp"

namespace pecia::tests {

// What it does once it goes on with a job that was killed; `faithful` is right.
enum class Conduct {
  faithful,    // prints what it had printed, then the rest
  forgetful,   // goes on with other text
  changeable,  // prints other text in place of what it had printed
  failing,     // says why on stderr and exits with 3
  stuck,       // never ends
  spent,       // goes on rightly, but prints nothing once the job is finished
};

inline std::string_view on_resume(Conduct conduct) {
  switch (conduct) {
    case Conduct::faithful:
    case Conduct::spent:
      return ":";
    case Conduct::forgetful:
      return "later='other line'";
    case Conduct::changeable:
      return "earlier='changed line'";
    case Conduct::failing:
      return "echo 'no room left' >&2; exit 3";
    case Conduct::stuck:
      return "exec sleep 1000";
  }
  return "";
}

// The path of the script; started with --job-dir DIR it prints `lines` lines, slowly.
inline std::string resumable_writer(const Workshop& shop, Conduct conduct, int lines) {
  std::string script =
      "#!/bin/sh\n"
      "while [ $# -gt 1 ]; do [ \"$1\" != --job-dir ] || job=$2; shift; done\n"
      "earlier=line later=line reached=0 n=0\n"
      "if [ -f \"$job/finished\" ]; then\n"
      "  echo 'pecia: the job is finished' >&2\n"
      "  WHEN_FINISHED\n"
      "elif [ -f \"$job/reached\" ]; then\n"
      "  echo 'pecia: going on with the job' >&2\n"
      "  read -r reached <\"$job/reached\"\n"
      "  ON_RESUME\n"
      "fi\n"
      "while [ $n -lt LINES ]; do\n"
      "  n=$((n + 1))\n"
      "  if [ $n -le $reached ]; then echo \"$earlier $n\"; continue; fi\n"
      "  echo $n >\"$job/next\"\n"
      "  mv \"$job/next\" \"$job/reached\"\n"
      "  echo \"$later $n\"\n"
      "  sleep 0.02\n"
      "done\n"
      ": >\"$job/finished\"\n";
  const auto fill = [&script](std::string_view name, std::string_view text) {
    for (std::size_t at = script.find(name); at != script.npos; at = script.find(name, at)) {
      script.replace(at, name.size(), text);
    }
  };
  fill("ON_RESUME", on_resume(conduct));
  fill("WHEN_FINISHED", conduct == Conduct::spent ? "exit 0" : "reached=LINES");
  fill("LINES", std::to_string(lines));
  std::string path = shop.write("writer.sh", script);
  std::filesystem::permissions(path, std::filesystem::perms::owner_all);
  return path;
}

}  // namespace pecia::tests
