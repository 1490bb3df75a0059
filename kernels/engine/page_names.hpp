#pragma once
// What a full page of KV is called. Two chains over the same 32-token steps:
//   key    of the tokens alone: finds pages inside one engine, where model and salt never vary
//   name   PROTOCOL "page", of everything that determines the bits: finds pages anywhere
// Only names need the model id, which costs one reading of the whole file; an engine that neither
// exports nor imports never pays for it. Thread rule: pure.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kernels/base/hash.hpp"
#include "kernels/cpu/attention.hpp"
#include "kernels/text/tokenizer.hpp"

namespace pecia::kernels {

using PageTokens = std::array<TokenId, kPageTokens>;

// The tokens of one full page and their place in the sequence.
struct PageContent {
  Id key{};
  std::optional<Id> parent_key{};  // none: the page holds positions 0..31
  std::uint32_t index = 0;         // first position / 32
  PageTokens tokens{};
};

struct PageName {
  Id name{};
  std::optional<Id> parent;  // none where PageContent::parent_key is none
};

Id page_key(const std::optional<Id>& parent, std::span<const TokenId> page_tokens);

// Everything but the tokens that decides a page's bits.
struct PageScope {
  std::string numerics;
  Id model{};
  std::string salt;

  // H(numerics, model, salt, parent page, 32 tokens, ordered foreign pages visible: none).
  Id name(const std::optional<Id>& parent, std::span<const TokenId> page_tokens) const;
  // Names of the full pages that hold tokens[0..), in order.
  std::vector<Id> names(std::span<const TokenId> tokens) const;
};

}  // namespace pecia::kernels
