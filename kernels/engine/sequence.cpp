#include "kernels/engine/sequence.hpp"

#include <algorithm>

namespace pecia::kernels {
namespace {

constexpr std::size_t kReservedTokensMax = 1 << 16;  // more grow as they come

template <class... Args>
Error refuse(fmt::format_string<Args...> text, Args&&... args) {
  return fail(ErrorKind::refuse, "request: {}", fmt::format(text, std::forward<Args>(args)...));
}

Status check_ids(std::span<const TokenId> tokens, std::string_view what, int vocabulary) {
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i] < 0 || tokens[i] >= vocabulary) {
      return refuse("{} token {} has id {}, the vocabulary is 0..{}", what, i, tokens[i],
                    vocabulary - 1);
    }
  }
  return {};
}

Status check_room(std::size_t tokens, std::int64_t positions, const SequenceLimits& limits) {
  if (tokens > static_cast<std::size_t>(limits.context)) {
    return refuse("{} tokens do not fit into a context of {}", tokens, limits.context);
  }
  if (pages_for(positions) > limits.pages_max) {
    return refuse("{} positions need {} KV pages of {} tokens, the engine has {} in all", positions,
                  pages_for(positions), kPageTokens, limits.pages_max);
  }
  return {};
}

Status check_sampling(const SamplingParams& sampling, int vocabulary) {
  if (Status status = check(sampling); !status) return status;
  for (const auto& [id, bias] : sampling.logit_bias) {
    if (id < 0 || id >= vocabulary) {
      return refuse("logit_bias for id {}, the vocabulary is 0..{}", id, vocabulary - 1);
    }
  }
  return {};
}

Status check_stops(const std::vector<std::string>& stops, const Tokenizer* tokenizer) {
  if (!stops.empty() && tokenizer == nullptr) {
    return refuse("stop strings need a tokenizer, this engine has none");
  }
  if (stops.size() > kStopsMax) {
    return refuse("{} stop strings, at most {} are taken", stops.size(), kStopsMax);
  }
  std::size_t bytes = 0;
  for (const std::string& stop : stops) bytes += stop.size();
  if (bytes > kStopBytesMax) {
    return refuse("stop strings of {} bytes in all, at most {} are taken", bytes, kStopBytesMax);
  }
  return {};
}

Status check_request(const Request& request, const SequenceLimits& limits) {
  if (request.prompt.empty()) return refuse("empty prompt, at least one token is needed");
  if (Status ids = check_ids(request.prompt, "prompt", limits.vocabulary); !ids) return ids;
  if (Status ids = check_ids(request.resume, "resumed", limits.vocabulary); !ids) return ids;
  if (request.tokens_max < 1) {
    return refuse("tokens_max is {}, at least 1 is needed", request.tokens_max);
  }
  if (request.resume.size() >= static_cast<std::size_t>(request.tokens_max)) {
    return refuse("{} tokens resumed of {} at most: nothing is left to generate",
                  request.resume.size(), request.tokens_max);
  }
  Status stops = check_stops(request.stop, limits.tokenizer);
  if (!stops) return stops;
  return check_sampling(request.sampling, limits.vocabulary);
}

}  // namespace

Expected<Sequence> Sequence::generating(SequenceId id, Request request,
                                        const SequenceLimits& limits) {
  if (const Status status = check_request(request, limits); !status) return status.error();
  const std::size_t prompt_tokens = request.prompt.size();
  const std::size_t given_tokens = prompt_tokens + request.resume.size();
  const std::size_t tokens_end = prompt_tokens + static_cast<std::size_t>(request.tokens_max);
  // The last generated token is never fed.
  const auto positions =
      std::min<std::int64_t>(static_cast<std::int64_t>(tokens_end) - 1, limits.context);
  if (const Status room = check_room(given_tokens, positions, limits); !room) return room.error();

  Sequence sequence(id, std::move(request.prompt), request.stop);
  sequence.prompt_tokens_ = prompt_tokens;
  sequence.given_tokens_ = given_tokens;
  sequence.tokens_end_ = tokens_end;
  sequence.positions_total_ = positions;
  sequence.context_ = limits.context;
  sequence.sampling_ = std::move(request.sampling);
  sequence.key_ = request.key;
  sequence.ignore_eos_ = request.ignore_eos;
  sequence.tokenizer_ = limits.tokenizer;
  sequence.tokens_.reserve(std::min(static_cast<std::size_t>(positions) + 1, kReservedTokensMax));
  for (const TokenId token : request.resume) {
    if (const std::optional<EndReason> end = sequence.push(token)) {
      return refuse("resumed token {} had ended it already ({})", sequence.next_index() - 1,
                    name_of(*end));
    }
  }
  sequence.logits_from_ = static_cast<int>(given_tokens) - 1;
  return sequence;
}

Expected<Sequence> Sequence::scoring(SequenceId id, std::vector<TokenId> tokens, int logits_from,
                                     const SequenceLimits& limits) {
  if (tokens.empty()) return refuse("no tokens to score");
  if (const Status ids = check_ids(tokens, "scored", limits.vocabulary); !ids) return ids.error();
  const std::size_t count = tokens.size();
  const Status room = check_room(count, static_cast<std::int64_t>(count), limits);
  if (!room) return room.error();
  if (logits_from < 0 || static_cast<std::size_t>(logits_from) >= count) {
    return refuse("logits from position {}, the tokens have positions 0..{}", logits_from,
                  count - 1);
  }
  Sequence sequence(id, std::move(tokens), {});
  sequence.scoring_ = true;
  sequence.prompt_tokens_ = sequence.given_tokens_ = sequence.tokens_end_ = count;
  sequence.positions_total_ = static_cast<std::int64_t>(count);
  sequence.context_ = limits.context;
  sequence.logits_from_ = logits_from;
  return sequence;
}

std::span<const Id> Sequence::keys() {
  const std::size_t full = tokens_.size() / kPageTokens;
  while (keys_.size() < full) {
    const std::optional<Id> parent = keys_.empty() ? std::nullopt : std::optional(keys_.back());
    const auto page = std::span(tokens_).subspan(keys_.size() * kPageTokens, kPageTokens);
    keys_.push_back(page_key(parent, page));
  }
  return keys_;
}

std::span<const Id> Sequence::adoptable_keys() {
  return keys().first(static_cast<std::size_t>(logits_from_ / kPageTokens));
}

std::optional<EndReason> Sequence::push(TokenId token) {
  tokens_.push_back(token);
  logits_from_ = static_cast<int>(tokens_.size()) - 1;
  return end_after(token);
}

// Of several reasons the one that lies in the text comes first.
std::optional<EndReason> Sequence::end_after(TokenId token) {
  if (tokenizer_ != nullptr) {
    if (!ignore_eos_ && tokenizer_->ends_generation(token)) return EndReason::eos;
    if (stop_.push(tokenizer_->piece(token))) return EndReason::stop_text;
  }
  if (tokens_.size() >= tokens_end_) return EndReason::length;
  if (tokens_.size() > static_cast<std::size_t>(context_)) return EndReason::context_full;
  return std::nullopt;
}

}  // namespace pecia::kernels
