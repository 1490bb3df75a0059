#include "kernels/chronicle/state.hpp"

namespace pecia::kernels {

namespace {

std::string name_of(const Facts& facts, Role role) {
  return facts.knows(role) ? facts.text(role) : "the " + std::string(role_name(role));
}

}  // namespace

std::string state_text(const Facts& facts, StateTag tag) {
  const std::string thing =
      "the " + std::string(tag.key == StateKey::gift ? role_name(Role::gift) : "object");
  switch (tag.value) {
    case StateValue::away:
      return thing + " lies at " + name_of(facts, Role::landmark);
    case StateValue::hero:
      return name_of(facts, Role::hero) + " has " + thing;
    case StateValue::rival:
      return name_of(facts, Role::rival) + " has " + thing;
    case StateValue::mentor:
      return name_of(facts, Role::mentor) + " has " + thing;
    case StateValue::gone:
      return thing + " is given away";
    case StateValue::with:
      return name_of(facts, Role::companion) + " is with " + name_of(facts, Role::hero);
    case StateValue::lost:
      return name_of(facts, Role::companion) + " is lost";
    case StateValue::unknown:
      break;
  }
  return "unknown";
}

}  // namespace pecia::kernels
