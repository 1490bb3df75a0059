#include "kernels/text/slice_units.hpp"

namespace pecia::kernels {

Expected<std::vector<TextSlice>> slice_sentence(std::string_view text, SlicingBudget budget,
                                                const TextCost& cost) {
  if (Status status = check_slicing(text, budget); !status) return status.error();
  const auto ends = unit_ends(text, TextUnit::sentence);
  if (!ends) return ends.error();
  return pack_units(text, *ends, budget, cost);
}

}  // namespace pecia::kernels
