#include "apps/pecia/text_documents.hpp"

#include <algorithm>

#include "kernels/base/philox.hpp"
#include "kernels/text/unicode.hpp"

namespace pecia::apps {

using namespace kernels;

namespace {

constexpr std::string_view kSeparator = "%%";

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == text.npos; }

// The first `length` targets from token `first` on, each of weight 1.
Sequence window(const std::vector<TokenId>& tokens, std::size_t first, int length) {
  const std::size_t count = std::min(tokens.size() - first, static_cast<std::size_t>(length) + 1);
  Sequence sequence;
  sequence.tokens.assign(tokens.begin() + static_cast<std::ptrdiff_t>(first),
                         tokens.begin() + static_cast<std::ptrdiff_t>(first + count));
  sequence.weights.assign(count - 1, 1.0f);
  return sequence;
}

}  // namespace

Expected<std::vector<std::string_view>> split_documents(std::string_view text,
                                                        const std::string& name) {
  if (const std::size_t at = first_broken_utf8(text); at != text.npos) {
    return fail(ErrorKind::refuse, "{}: byte {} begins no UTF-8 character", name, at);
  }
  std::vector<std::string_view> documents;
  std::size_t start = 0;
  const auto end_document = [&](std::size_t end) {
    const std::string_view document = text.substr(start, end - start);
    if (!is_blank(document)) documents.push_back(document);
  };
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t newline = std::min(text.find('\n', at), text.size());
    std::string_view line = text.substr(at, newline - at);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line == kSeparator) {
      end_document(at);
      start = std::min(newline + 1, text.size());
    }
    at = newline + 1;
  }
  end_document(text.size());
  if (!documents.empty()) return documents;
  return fail(ErrorKind::refuse, "{}: no document in it", name);
}

TextDocuments::TextDocuments(const Tokenizer& tokenizer,
                             std::span<const std::string_view> documents, std::uint64_t seed)
    : seed_(seed) {
  for (const std::string_view text : documents) {
    std::vector<TokenId> tokens = tokenizer.encode(text, EncodeOptions{});
    if (tokenizer.eos() >= 0) tokens.push_back(tokenizer.eos());
    if (tokens.size() < 2) continue;
    documents_.push_back(std::move(tokens));
  }
}

Expected<Sequence> TextDocuments::document(std::uint64_t index, int length) const {
  if (documents_.empty()) return fail(ErrorKind::refuse, "no document of at least two tokens");
  const auto& tokens = documents_[philox64(seed_, index, 0) % documents_.size()];
  const std::size_t needed = static_cast<std::size_t>(length) + 1;
  const std::size_t places = tokens.size() > needed ? tokens.size() - needed + 1 : 1;
  return window(tokens, philox64(seed_, index, 1) % places, length);
}

Id TextDocuments::fingerprint() const {
  FieldHash hash;
  hash.field("pecia text documents").field(seed_);
  for (const auto& tokens : documents_) hash.field(std::as_bytes(std::span(tokens)));
  return hash.id();
}

std::vector<Sample> TextDocuments::samples(int length) const {
  std::vector<Sample> samples;
  for (const auto& tokens : documents_) samples.push_back({window(tokens, 0, length)});
  return samples;
}

}  // namespace pecia::apps
