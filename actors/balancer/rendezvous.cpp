#include "actors/balancer/rendezvous.hpp"

namespace pecia::actors {

kernels::Id rendezvous_score(const runtime::StepName& step, const runtime::NodeName& node) {
  return kernels::FieldHash().field(step.path).field(node).id();
}

}  // namespace pecia::actors
