#include "kernels/chronicle/script.hpp"

#include <algorithm>
#include <cassert>

#include "kernels/chronicle/text_lines.hpp"

namespace pecia::kernels {

namespace {

// Pools first: a scene names only what is known.
constexpr std::string_view kSceneTexts[] = {
#include "kernels/chronicle/scenes/road.inl"
    ,
#include "kernels/chronicle/scenes/memory.inl"
    ,
#include "kernels/chronicle/scenes/departure.inl"
    ,
#include "kernels/chronicle/scenes/mentor.inl"
    ,
#include "kernels/chronicle/scenes/obstacles.inl"
    ,
#include "kernels/chronicle/scenes/rival.inl"
    ,
#include "kernels/chronicle/scenes/village.inl"
    ,
#include "kernels/chronicle/scenes/lost.inl"
    ,
#include "kernels/chronicle/scenes/prize.inl"
    ,
#include "kernels/chronicle/scenes/theft.inl"
    ,
#include "kernels/chronicle/scenes/homecoming.inl"
    ,
#include "kernels/chronicle/scenes/short.inl"
};

constexpr std::array<std::string_view, kPartCount> kPartNames = {
    "departure", "mentor", "obstacle", "rival",  "village",    "lost",
    "found",     "prize",  "theft",    "regain", "homecoming", "short"};

// Lines with their continuations joined: a line indented by more than two blanks goes on the one
// before.
std::vector<std::string> joined_lines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    if (line.starts_with("   ")) {
      lines.back() += ' ';
      lines.back() += trim(line);
    } else if (!trim(line).empty()) {
      lines.emplace_back(line);
    }
  }
  return lines;
}

class ScriptReader {
 public:
  Script read() {
    for (const std::string_view text : kSceneTexts) {
      for (const std::string& line : joined_lines(text)) add_line(line);
    }
    return std::move(script_);
  }

 private:
  void add_line(std::string_view line) {
    if (line.starts_with("  ")) return add_sentence(trim(line));
    const std::size_t space = std::min(line.find(' '), line.size());
    const std::string_view word = line.substr(0, space), rest = trim(line.substr(space));
    if (word == "pool") return begin_pool(rest);
    if (word == "chapter") return begin_scene(rest);
    Scene& scene = script_.scenes.back();
    if (word == "heading") {
      scene.headings.push_back(keep(rest));
    } else if (word == "note") {
      scene.notes.push_back(keep(rest));
    } else if (word == "ends") {
      for (const auto place : split(rest, '|')) scene.ends.push_back(place_index(place));
    } else if (word == "para") {
      scene.paragraphs.emplace_back();
    } else {
      assert(word == "must" || word == "maybe");
      begin_step(word == "maybe", rest);
    }
  }

  void begin_pool(std::string_view name) {
    script_.pools.push_back({std::string(name), {}});
    is_prose_ = name != "state" && name != "title";
    in_pool_ = true;
  }

  void begin_scene(std::string_view rest) {
    const auto names = split(rest, ' ');
    const auto* part = std::find(kPartNames.begin(), kPartNames.end(), names.front());
    assert(part != kPartNames.end());
    script_.scenes.push_back(
        {static_cast<Part>(part - kPartNames.begin()), std::string(names.back()), {}, {}, {}, {}});
    is_prose_ = true;
    in_pool_ = false;
  }

  void begin_step(bool optional, std::string_view pool) {
    Step step{optional, {}};
    if (!pool.empty()) step.sentences = script_.pool(pool).sentences;
    script_.scenes.back().paragraphs.back().push_back(std::move(step));
  }

  void add_sentence(std::string_view text) {
    const SentenceId id = keep(text);
    script_.prose_templates += is_prose_ ? 1 : 0;
    auto& sentences = in_pool_ ? script_.pools.back().sentences
                               : script_.scenes.back().paragraphs.back().back().sentences;
    sentences.push_back(id);
  }

  SentenceId keep(std::string_view text) {
    script_.sentences.push_back(parse_template(text));
    return static_cast<SentenceId>(script_.sentences.size() - 1);
  }

  int place_index(std::string_view place) {
    auto& places = script_.places;
    const auto found = std::find(places.begin(), places.end(), place);
    if (found == places.end())
      return places.emplace_back(place), static_cast<int>(places.size()) - 1;
    return static_cast<int>(found - places.begin());
  }

  Script script_;
  bool in_pool_ = false, is_prose_ = true;
};

}  // namespace

const Pool& Script::pool(std::string_view name) const {
  const auto found =
      std::find_if(pools.begin(), pools.end(), [&](const Pool& each) { return each.name == name; });
  assert(found != pools.end());
  return *found;
}

const Script& script() {
  static const Script read = ScriptReader().read();
  return read;
}

}  // namespace pecia::kernels
