#include "kernels/chronicle/teller.hpp"

#include <algorithm>
#include <cassert>
#include <cstdlib>

namespace pecia::kernels {

namespace {

constexpr int kAttempts = 16;
constexpr int kWordsNear = 8;  // from the words wanted, and good enough

// What falls from the sky in spring, summer, autumn and winter.
const std::vector<std::string_view>& weathers_of(std::string_view season) {
  static const std::vector<std::string_view> cold = {"sun", "wind", "mist", "snow", "snow"};
  static const std::vector<std::string_view> mild = {"sun", "sun", "rain", "wind", "mist"};
  return season == "winter" ? cold : mild;
}

int place_at_start() {
  const auto& scenes = script().scenes;
  const auto home = std::find_if(scenes.begin(), scenes.end(),
                                 [](const Scene& scene) { return scene.part == Part::homecoming; });
  assert(home != scenes.end());
  return home->ends.front();
}

int mean_words(const Step& step) {
  int sum = 0;
  for (const SentenceId id : step.sentences) sum += script().sentences[id].words;
  return sum / static_cast<int>(step.sentences.size());
}

int count_words(std::string_view text) {
  return 1 + static_cast<int>(std::count(text.begin(), text.end(), ' '));
}

}  // namespace

Teller::Teller(const Facts& facts, Draws& draws)
    : facts_(facts),
      draws_(draws),
      now_{state_at_start(place_at_start()), kPlaceUnknown,
           std::vector<bool>(script().sentences.size(), false)} {}

bool Teller::fits(const Template& sentence) const {
  const bool state_fits =
      std::all_of(sentence.needs.begin(), sentence.needs.end(),
                  [&](StateTag tag) { return now_.state[tag.key] == tag.value; });
  const bool mood_fits =
      sentence.moods.empty() ||
      std::any_of(sentence.moods.begin(), sentence.moods.end(), [&](const std::string& mood) {
        return mood == weather_ || mood == facts_.text(Role::season);
      });
  return state_fits && mood_fits;
}

std::vector<SentenceId> Teller::fitting(const Step& step, bool fresh) const {
  std::vector<SentenceId> found;
  for (const SentenceId id : step.sentences) {
    if (fits(script().sentences[id]) && !(fresh && now_.told[id])) found.push_back(id);
  }
  return found;
}

std::string Teller::fill(SentenceId id) {
  const auto place = [](int index) {
    return index == kPlaceUnknown ? std::string_view() : script().places[index];
  };
  return render(script().sentences[id], {facts_, place(now_.state.place), place(now_.next_place)},
                draws_);
}

std::string Teller::tell(SentenceId id) {
  const Template& sentence = script().sentences[id];
  std::string text = fill(id);
  now_.told[id] = true;
  for (const StateTag tag : sentence.leaves) now_.state[tag.key] = tag.value;
  const bool moves = std::any_of(sentence.pieces.begin(), sentence.pieces.end(),
                                 [](const Piece& piece) { return piece.sets_place; });
  if (moves) now_.state.place = now_.next_place;
  return text;
}

std::string Teller::sentence_of(std::string_view pool) {
  return fill(draws_.pick(fitting({false, script().pool(pool).sentences}, false)));
}

std::string Teller::heading(const Scene& scene, int number) {
  return "# " + std::to_string(number) + ". " + fill(draws_.pick(scene.headings));
}

// The sentences of the pool "state" that say what is so now.
std::string Teller::state_notes() {
  std::string notes;
  now_.next_place = now_.state.place;
  for (const SentenceId id : script().pool("state").sentences) {
    const StateTag says = script().sentences[id].leaves.front();
    if (now_.state[says.key] == says.value) notes += (notes.empty() ? "" : " ") + fill(id);
  }
  return notes;
}

std::string Teller::notes(const Scene& scene) {
  std::string notes;
  for (const SentenceId id : scene.notes) {
    if (fits(script().sentences[id])) notes += (notes.empty() ? "" : " ") + fill(id);
  }
  return notes + "\n" + state_notes();
}

// Which steps are told: all that must be, and others in random order until there are enough words.
std::vector<Teller::PlannedStep> Teller::plan(const Scene& scene, int words_wanted) {
  std::vector<PlannedStep> steps;
  std::vector<std::size_t> optional;
  int words = 0;
  for (std::size_t p = 0; p < scene.paragraphs.size(); ++p) {
    for (const Step& step : scene.paragraphs[p]) {
      if (step.optional && !fitting(step, true).empty()) optional.push_back(steps.size());
      if (!step.optional) words += mean_words(step);
      steps.push_back({&step, p, !step.optional});
    }
  }
  draws_.shuffle(optional);
  for (const std::size_t s : optional) {
    if (words >= words_wanted) break;
    steps[s].told = true;
    words += mean_words(*steps[s].step);
  }
  return steps;
}

// Sentences of one step differ in length, so a plan only aims: of some attempts the nearest is
// told.
std::string Teller::chapter(const Scene& scene, int words_wanted) {
  weather_ = draws_.pick(weathers_of(facts_.text(Role::season)));
  do now_.next_place = draws_.pick(scene.ends);
  while (scene.ends.size() > 1 && now_.next_place == now_.state.place);
  const Progress before = now_;
  std::string nearest;
  Progress after;
  for (int tried = 0; tried < kAttempts; ++tried) {
    now_ = before;
    std::string text = attempt(scene, words_wanted);
    const auto distance = [&](std::string_view each) {
      return std::abs(count_words(each) - words_wanted);
    };
    if (!nearest.empty() && distance(text) >= distance(nearest)) continue;
    nearest = std::move(text);
    after = now_;
    if (distance(nearest) <= kWordsNear) break;
  }
  now_ = std::move(after);
  return nearest;
}

std::string Teller::attempt(const Scene& scene, int words_wanted) {
  std::string text;
  std::size_t paragraph = 0;
  for (const PlannedStep& step : plan(scene, words_wanted)) {
    if (!step.told) continue;
    std::vector<SentenceId> sentences = fitting(*step.step, true);
    if (sentences.empty() && step.step->optional) continue;
    if (sentences.empty()) sentences = fitting(*step.step, false);
    assert(!sentences.empty());
    if (!text.empty()) text += step.paragraph == paragraph ? " " : "\n\n";
    paragraph = step.paragraph;
    text += tell(draws_.pick(sentences));
  }
  return text;
}

}  // namespace pecia::kernels
