#include "kernels/text/unigram_normaliser.hpp"

#include <cstring>

#include "kernels/text/unicode.hpp"
#include "kernels/weights/vocabulary_format.hpp"

namespace pecia::kernels {
namespace {

constexpr std::string_view kReplacementCharacter = "\uFFFD";

bool has_leaf(std::uint32_t unit) { return (unit >> 8 & 1) != 0; }
std::uint32_t label_of(std::uint32_t unit) { return unit & 0x800000FFu; }
std::uint32_t value_of(std::uint32_t unit) { return unit & 0x7FFFFFFFu; }
std::uint32_t offset_of(std::uint32_t unit) { return unit >> 10 << ((unit & 1u << 9) >> 6); }

Status check_replacements(std::string_view texts) {
  if (!texts.empty() && texts.back() != '\0') {
    return fail(ErrorKind::refuse, "its last replacement has no end");
  }
  for (std::size_t at = 0; at < texts.size();) {
    const std::size_t end = texts.find('\0', at);
    if (end - at > kReplacementBytesMax) {
      return fail(ErrorKind::refuse, "a replacement has {} bytes, at most {} are accepted",
                  end - at, kReplacementBytesMax);
    }
    at = end + 1;
  }
  return {};
}

}  // namespace

Expected<UnigramNormaliser> UnigramNormaliser::create(std::span<const std::byte> charsmap,
                                                      NormaliserOptions options) {
  UnigramNormaliser made;
  made.options_ = options;
  if (charsmap.empty()) return made;
  std::uint32_t bytes = 0;  // of the double array
  if (charsmap.size() < sizeof bytes) {
    return fail(ErrorKind::refuse, "has {} bytes, too few for a table", charsmap.size());
  }
  std::memcpy(&bytes, charsmap.data(), sizeof bytes);
  charsmap = charsmap.subspan(sizeof bytes);
  if (bytes % sizeof(std::uint32_t) != 0 || bytes > charsmap.size()) {
    return fail(ErrorKind::refuse, "says that its table has {} bytes, but {} follow", bytes,
                charsmap.size());
  }
  made.units_.resize(bytes / sizeof(std::uint32_t));
  if (bytes > 0) std::memcpy(made.units_.data(), charsmap.data(), bytes);
  const auto texts = charsmap.subspan(bytes);
  made.replacements_.assign(reinterpret_cast<const char*>(texts.data()), texts.size());
  if (const Status fine = check_replacements(made.replacements_); !fine) return fine.error();
  return made;
}

// The longest beginning of `text` that the table rewrites. Every index is checked, since the table
// comes from a file.
UnigramNormaliser::Piece UnigramNormaliser::replaced(std::string_view text) const {
  Piece longest;
  if (units_.empty()) return longest;
  std::size_t place = offset_of(units_[0]);
  for (std::size_t at = 0; at < text.size() && text[at] != '\0'; ++at) {
    const auto byte = static_cast<std::uint8_t>(text[at]);
    place ^= byte;
    if (place >= units_.size() || label_of(units_[place]) != byte) break;
    const std::uint32_t unit = units_[place];
    place ^= offset_of(unit);
    if (!has_leaf(unit)) continue;
    if (place >= units_.size()) break;
    const std::size_t begin = value_of(units_[place]);
    if (begin < replacements_.size()) longest = {at + 1, replacements_.data() + begin};
  }
  return longest;
}

UnigramNormaliser::Piece UnigramNormaliser::first_of(std::string_view text) const {
  if (const Piece found = replaced(text); found.bytes > 0) return found;
  const Utf8Run run = utf8_run(text, 0);
  if (run.whole()) return {run.length, text.substr(0, run.length)};
  return {1, options_.keep_broken ? text.substr(0, 1) : kReplacementCharacter};
}

// By the table, and of several spaces one; none at the begin but where that one may stay.
std::string UnigramNormaliser::rewritten(std::string_view text) const {
  std::string result;
  result.reserve(text.size());
  bool behind_space = options_.remove_extra_spaces && !options_.prefix_missing;
  for (std::size_t at = 0; at < text.size();) {
    const Piece piece = first_of(text.substr(at));
    at += piece.bytes;
    bool begins = true;  // SentencePiece looks no further into what a character became
    for (const char byte : piece.text) {
      if (byte == ' ' && behind_space && (begins || options_.prefix_missing)) continue;
      result.push_back(byte);
      behind_space = options_.remove_extra_spaces && byte == ' ';
      begins = false;
    }
  }
  return result;
}

void UnigramNormaliser::trim_end(std::string& text) const {
  if (!options_.remove_extra_spaces || options_.keep_last_space) return;
  if (options_.prefix_missing) return text.resize(behind_last_ink(text, 0, text.size()));
  const auto drop = [&text](std::string_view space) {
    const bool there = text.ends_with(space);
    if (there) text.resize(text.size() - space.size());
    return there;
  };
  while (drop(" ") || (options_.escape_spaces && drop(kSpaceMark))) {
  }
}

std::string UnigramNormaliser::apply(std::string_view text, bool space_prefix) const {
  std::string plain = rewritten(text);
  trim_end(plain);
  const bool may_be_prefix_alone = !options_.remove_extra_spaces && !options_.prefix_missing;
  if (plain.empty() && (text.empty() || !may_be_prefix_alone)) return plain;
  const bool has_prefix =
      options_.prefix_missing && (plain.starts_with(' ') || plain.starts_with(kSpaceMark));
  if (space_prefix && !has_prefix) plain.insert(plain.begin(), ' ');
  return options_.escape_spaces ? marks_for_spaces(plain) : plain;
}

}  // namespace pecia::kernels
