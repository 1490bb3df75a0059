#pragma once
// Broken variants of the rules, so that a test can show that the simulator notices each of them. In
// every build but the simulator's own test they are constants, and no trace of them is left.

#include <array>
#include <cstdint>
#include <string_view>

namespace pecia::actors {

enum class Mutant : std::uint8_t {
  none,
  attempts_counted_anew,    // attempt ids without the term: reused after a restart
  chain_unchecked,          // offers are taken without comparing what stands before them
  overlap_unchecked,        // nor what is recorded already
  gap_accepted,             // an offer beyond the recorded tokens is appended
  acknowledged_early,       // committed before durable
  shown_early,              // readers see what is recorded, not what is durable
  term_unchecked,           // the journal takes records of a coordinator that was replaced
  decisions_unsynced,       // a power loss may take what was told
  deposed_goes_on,          // a writer that lost its term takes its appends for kept
  stall_never_fires,        // no progress timer
  placement_forgotten,      // a lost attempt wakes no placement
  window_ignored,           // workers run ahead without end
  resumed_short,            // a worker goes on one token before the committed ones
  poison_never_counted,     // a step may kill workers for ever
  innocent_deaths_counted,  // durable tokens do not clear a step, and company is no excuse
  closed_twice,             // a cancel after the end is recorded too
  full_forgets,             // what a full storage refused is not appended again
};

struct NamedMutant {
  Mutant mutant;
  std::string_view name;
};
inline constexpr std::array kMutants = {
    NamedMutant{Mutant::attempts_counted_anew, "attempts_counted_anew"},
    NamedMutant{Mutant::chain_unchecked, "chain_unchecked"},
    NamedMutant{Mutant::overlap_unchecked, "overlap_unchecked"},
    NamedMutant{Mutant::gap_accepted, "gap_accepted"},
    NamedMutant{Mutant::acknowledged_early, "acknowledged_early"},
    NamedMutant{Mutant::shown_early, "shown_early"},
    NamedMutant{Mutant::term_unchecked, "term_unchecked"},
    NamedMutant{Mutant::decisions_unsynced, "decisions_unsynced"},
    NamedMutant{Mutant::deposed_goes_on, "deposed_goes_on"},
    NamedMutant{Mutant::stall_never_fires, "stall_never_fires"},
    NamedMutant{Mutant::placement_forgotten, "placement_forgotten"},
    NamedMutant{Mutant::window_ignored, "window_ignored"},
    NamedMutant{Mutant::resumed_short, "resumed_short"},
    NamedMutant{Mutant::poison_never_counted, "poison_never_counted"},
    NamedMutant{Mutant::innocent_deaths_counted, "innocent_deaths_counted"},
    NamedMutant{Mutant::closed_twice, "closed_twice"},
    NamedMutant{Mutant::full_forgets, "full_forgets"},
};

#ifdef PECIA_MUTANTS
inline Mutant selected_mutant = Mutant::none;
inline bool mutant(Mutant asked) { return selected_mutant == asked; }
#else
constexpr bool mutant(Mutant) { return false; }
#endif

}  // namespace pecia::actors
