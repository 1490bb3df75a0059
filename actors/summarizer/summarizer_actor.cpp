#include "actors/summarizer/summarizer_actor.hpp"

#include <caf/actor_system.hpp>
#include <caf/spawn_options.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/exceptions.hpp"
#include "actors/own_thread.hpp"
#include "actors/summarizer/summarizer_core.hpp"

namespace pecia::actors {

namespace {

SummarizerHandle::behavior_type summarizer(SummarizerHandle::pointer self,
                                           std::shared_ptr<const kernels::Tokenizer> tokenizer) {
  end_by_exceptions(*self);
  return {[tokenizer = std::move(tokenizer)](SummaryAtom, const std::string& text,
                                             std::uint64_t tokens_max) -> caf::result<std::string> {
    auto summary = summarize(text, tokens_max, *tokenizer);
    if (!summary) return caf::make_error(caf::sec::invalid_argument, summary.error().message);
    return std::move(*summary);
  }};
}

}  // namespace

SummarizerHandle spawn_summarizer(caf::actor_system& system,
                                  std::shared_ptr<const kernels::Tokenizer> tokenizer) {
  if (is_stepped_by_test(system)) return system.spawn(summarizer, std::move(tokenizer));
  return system.spawn<caf::detached>(summarizer, std::move(tokenizer));
}

}  // namespace pecia::actors
