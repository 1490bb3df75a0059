#pragma once
// The grammar of the chronicles, read once from scenes/*.inl: pools of sentences that any chapter
// may use, and scenes, each the pattern of one chapter. The text of a scene file:
//
//   pool NAME                  sentences follow, one a line; a deeper indented line goes on
//   chapter PART NAME          the part of the plot it can play (plot.hpp)
//   ends PLACE | PLACE         where it may leave the hero
//   heading TEMPLATE           one of these is the heading
//   note TEMPLATE              all whose state fits are the outline's notes
//   para                       a new paragraph
//   must, maybe                a step: one of the sentences below; maybe: only where there is room
//   must POOL, maybe POOL      the same with the sentences of a pool
//
// Thread rule: immutable, any thread.

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/chronicle/template.hpp"

namespace pecia::kernels {

using SentenceId = int;  // index into Script::sentences

struct Step {
  bool optional = false;
  std::vector<SentenceId> sentences;
};

enum class Part : std::uint8_t {
  departure,
  mentor,
  obstacle,
  rival,
  village,
  lost,
  found,
  prize,
  theft,
  regain,
  homecoming,
  short_tale,
};
inline constexpr std::size_t kPartCount = 12;

struct Scene {
  Part part;
  std::string name;
  std::vector<int> ends;  // indices into Script::places
  std::vector<SentenceId> headings, notes;
  std::vector<std::vector<Step>> paragraphs;
};

struct Pool {
  std::string name;
  std::vector<SentenceId> sentences;
};

struct Script {
  std::vector<Template> sentences;  // headings and notes among them
  std::vector<Pool> pools;
  std::vector<Scene> scenes;
  std::vector<std::string> places;
  std::size_t prose_templates = 0;  // sentences without headings, notes, titles and state lines

  const Pool& pool(std::string_view name) const;  // REQUIRES that it exists
};

const Script& script();

}  // namespace pecia::kernels
