#include "kernels/chronicle/plot.hpp"

#include <algorithm>
#include <cassert>

namespace pecia::kernels {

namespace {

// What may stand together between two fixed chapters.
struct Episode {
  std::vector<Part> parts;
  int times_max;
  bool before_prize, after_prize;
};

const std::vector<Episode>& episodes() {
  static const std::vector<Episode> all = {
      {{Part::obstacle}, 2, true, true},
      {{Part::rival}, 1, true, false},
      {{Part::village}, 1, true, true},
      {{Part::lost, Part::found}, 1, true, true},
      {{Part::theft, Part::regain}, 1, false, true},
  };
  return all;
}

// Indices of episodes that fill exactly `room` chapters.
std::vector<std::size_t> draw_episodes(std::size_t room, Draws& draws) {
  std::vector<std::size_t> bag, chosen;
  for (std::size_t e = 0; e < episodes().size(); ++e)
    bag.insert(bag.end(), episodes()[e].times_max, e);
  draws.shuffle(bag);
  for (const std::size_t e : bag) {
    const std::size_t size = episodes()[e].parts.size();
    if (size > room) continue;
    chosen.push_back(e);
    room -= size;
  }
  return chosen;
}

}  // namespace

std::vector<Part> draw_plot(int chapters, Draws& draws) {
  assert(chapters >= kChaptersMin && chapters <= kChaptersMax);
  std::vector<Part> before, after;
  for (const std::size_t e :
       draw_episodes(static_cast<std::size_t>(chapters - kChaptersMin), draws)) {
    const Episode& episode = episodes()[e];
    const bool early = episode.before_prize && (!episode.after_prize || draws.below(3) < 2);
    // The thief strikes at once, while the prize is new.
    const bool first = episode.parts.front() == Part::theft;
    auto& parts = early ? before : after;
    parts.insert(first ? parts.begin() : parts.end(), episode.parts.begin(), episode.parts.end());
  }
  std::vector<Part> plot = {Part::departure};
  // One obstacle may stand between home and the mentor.
  const bool late_mentor =
      !before.empty() && before.front() == Part::obstacle && draws.below(2) == 0;
  if (late_mentor) {
    plot.push_back(before.front());
    before.erase(before.begin());
  }
  plot.push_back(Part::mentor);
  plot.insert(plot.end(), before.begin(), before.end());
  plot.push_back(Part::prize);
  plot.insert(plot.end(), after.begin(), after.end());
  plot.push_back(Part::homecoming);
  return plot;
}

std::vector<const Scene*> draw_scenes(const std::vector<Part>& parts, Draws& draws) {
  std::vector<const Scene*> scenes;
  for (const Part part : parts) {
    std::vector<const Scene*> fitting;
    for (const Scene& scene : script().scenes) {
      const bool used = std::find(scenes.begin(), scenes.end(), &scene) != scenes.end();
      if (scene.part == part && !used) fitting.push_back(&scene);
    }
    assert(!fitting.empty());
    scenes.push_back(draws.pick(fitting));
  }
  return scenes;
}

}  // namespace pecia::kernels
