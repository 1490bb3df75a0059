#pragma once
// Text to token ids and back, from the tokenizer metadata of a GGUF file.
// Thread rule: immutable after load(); share freely. A TokenStream belongs to one reader.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/base/expected.hpp"
#include "kernels/weights/model_file.hpp"
#include "kernels/weights/vocabulary_format.hpp"

namespace pecia::kernels {

struct EncodeOptions {
  // Only where the vocabulary itself asks for it (add_bos_token). That it asks for an end
  // (add_eos_token) does not count: what is encoded here goes on.
  bool add_bos = true;
  bool parse_special = false;  // "<|eot|>" in text becomes the control token instead of its letters
  bool at_start = true;        // of a text; some vocabularies put a space there alone
};

class Tokenizer {
 public:
  // Copies what it needs; the file may be closed afterwards.
  static Expected<Tokenizer> load(const ModelFile& file);

  // Any bytes are accepted, below 1 GiB: invalid UTF-8 goes through byte tokens; a byte for which
  // byte-level BPE has no token becomes U+FFFD, what SentencePiece has none for the unknown token.
  // Tokens that an author added to the vocabulary are found first, and some take the white space
  // beside them along; some vocabularies compose their text (NFC). Near-linear in text size.
  std::vector<TokenId> encode(std::string_view text, EncodeOptions options) const;
  // The bytes of one token (byte tokens give their byte, control and unknown tokens nothing).
  // REQUIRES 0 <= id < size(), here and wherever an id goes in.
  std::string_view piece(TokenId id) const;
  // Bytes of a whole sequence. SentencePiece vocabularies lose the one leading space that encode()
  // put before the first word.
  std::string decode(std::span<const TokenId> ids) const;

  int size() const;
  TokenId bos() const;  // -1 where there is none
  TokenId eos() const;
  bool ends_generation(TokenId id) const;  // eos, eot and the like
  bool is_control(TokenId id) const;
  bool is_user_defined(TokenId id) const;            // any text may name it
  TokenSurroundings surroundings(TokenId id) const;  // what it asks of the text beside it
  std::string_view kind() const;                     // "llama", "gpt2" or "t5"
  std::string_view chat_template() const;            // empty where the model has none
  // Digest of everything that decides encode() and decode(), for the model id.
  std::string fingerprint() const;

 private:
  struct Content;
  explicit Tokenizer(std::shared_ptr<const Content> content) : content_(std::move(content)) {}
  std::shared_ptr<const Content> content_;
  friend class TokenStream;
};

// Streaming detokenisation: never gives out half a UTF-8 character. The concatenation of all
// push() results and flush() is Tokenizer::decode() of all ids, with invalid sequences passed on
// as they are once they cannot become valid any more.
class TokenStream {
 public:
  // `drop_leading_space`: as decode() does at the start of a SentencePiece text.
  TokenStream(const Tokenizer& tokenizer, bool drop_leading_space);
  std::string push(TokenId id);
  std::string flush();

 private:
  Tokenizer tokenizer_;
  std::string pending_;
  bool at_start_;
};

}  // namespace pecia::kernels
