#include "kernels/text/document_chain.hpp"

#include <algorithm>
#include <cassert>

namespace pecia::kernels {
namespace {

Id chain_behind(const Id& chain, std::string_view bytes) {
  return bytes.empty() ? chain : FieldHash().field(chain).field(bytes).id();
}

}  // namespace

Id document_chain(std::string_view prefix) {
  DocumentChain chain;
  chain.append(prefix);
  return chain.id();
}

void DocumentChain::append(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::string_view part = bytes.substr(0, kChainBlockBytes - rest_.size());
    rest_ += part;
    bytes.remove_prefix(part.size());
    if (rest_.size() < kChainBlockBytes) return;
    blocks_.push_back(chain_behind(behind_blocks(blocks_.size()), rest_));
    rest_.clear();
  }
}

Id DocumentChain::id() const { return chain_behind(behind_blocks(blocks_.size()), rest_); }

Id DocumentChain::at(std::string_view document, std::uint64_t offset) const {
  assert(document.size() == bytes() && offset <= bytes());
  const std::size_t blocks = offset / kChainBlockBytes;
  const std::string_view rest =
      document.substr(blocks * kChainBlockBytes, offset % kChainBlockBytes);
  return chain_behind(behind_blocks(blocks), rest);
}

}  // namespace pecia::kernels
