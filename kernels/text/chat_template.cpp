#include "kernels/text/chat_template.hpp"

#include <algorithm>
#include <cassert>
#include <optional>

#include "kernels/text/unicode.hpp"

namespace pecia::kernels {
namespace {

// The token of a marker: a control token, or one that the author of the model added.
std::optional<TokenId> token_of(const Tokenizer& tokenizer, std::string_view marker) {
  const std::vector<TokenId> ids =
      tokenizer.encode(marker, {.add_bos = false, .parse_special = true});
  if (ids.size() != 1) return std::nullopt;
  const TokenId id = ids.front();
  const bool added = tokenizer.is_user_defined(id) && tokenizer.piece(id) == marker;
  if (!tokenizer.is_control(id) && !added) return std::nullopt;
  return id;
}

// nullopt for text, and for a marker that the vocabulary has no token for.
std::optional<TokenId> token_of_segment(const Tokenizer& tokenizer, const ChatSegment& segment) {
  using Kind = ChatSegment::Kind;
  if (segment.kind == Kind::text) return std::nullopt;
  const TokenId own = segment.kind == Kind::begin ? tokenizer.bos()
                      : segment.kind == Kind::end ? tokenizer.eos()
                                                  : -1;
  return own >= 0 ? std::optional(own) : token_of(tokenizer, segment.text);
}

class SegmentEncoder {
 public:
  // `at_start`: no text has come before.
  SegmentEncoder(const Tokenizer& tokenizer, std::vector<TokenId> ids, bool at_start)
      : tokenizer_(tokenizer), ids_(std::move(ids)), at_start_(at_start) {
    for (const std::string_view marker : chat_markers()) {
      const auto token = token_of(tokenizer, marker);
      if (token && !tokenizer.is_control(*token)) nameable_.push_back(marker);
    }
  }

  std::vector<TokenId> encode(const std::vector<ChatSegment>& segments) {
    for (const ChatSegment& segment : segments) {
      const auto token = token_of_segment(tokenizer_, segment);
      if (token) {
        add_marker(*token);
      } else if (segment.kind != ChatSegment::Kind::begin) {
        add_text(segment.text);
      }
    }
    end_text();
    return std::move(ids_);
  }

 private:
  void add_marker(TokenId token) {
    const TokenSurroundings asks = tokenizer_.surroundings(token);
    if (asks.strip_left) text_.resize(behind_last_ink(text_, 0, text_.size()));
    end_text();
    const bool repeats_bos = token == tokenizer_.bos() && ids_ == std::vector{token};
    if (!repeats_bos) ids_.push_back(token);
    dropping_ = asks.strip_right;
    at_start_ = false;
  }

  void add_text(std::string_view text) {
    if (dropping_) {
      text.remove_prefix(next_ink(text, 0));
      dropping_ = text.empty();
    }
    text_ += text;
  }

  // Cut behind the first byte of each marker that any text may name, so that none is whole.
  void end_text() {
    std::string_view rest = text_;
    while (!rest.empty()) {
      std::size_t cut = rest.size();
      for (const std::string_view marker : nameable_) {
        const std::size_t found = rest.find(marker);
        if (found != rest.npos) cut = std::min(cut, found + 1);
      }
      const auto words = tokenizer_.encode(
          rest.substr(0, cut), {.add_bos = false, .parse_special = false, .at_start = at_start_});
      at_start_ = false;
      ids_.insert(ids_.end(), words.begin(), words.end());
      rest.remove_prefix(cut);
    }
    text_.clear();
  }

  const Tokenizer& tokenizer_;
  std::vector<std::string_view> nameable_;  // markers that any text may name
  std::vector<TokenId> ids_;
  std::string text_;  // since the last control token
  bool dropping_ = false;
  bool at_start_;  // of what the tokens so far say
};

}  // namespace

bool knows_chat_template(std::string_view chat_template) {
  return chat_template.empty() || ChatFormat::of(chat_template).has_value();
}

std::vector<ChatSegment> render_chat(std::string_view chat_template, std::string_view message) {
  if (chat_template.empty()) return {{std::string(message)}};
  const auto format = ChatFormat::of(chat_template);
  assert(format);
  return format->opening("", message);
}

std::vector<ChatSegment> slice_segments(const Outline& outline, std::size_t section,
                                        std::string_view chat_template) {
  return render_chat(chat_template, slice_prompt(outline, section));
}

std::vector<std::string> stop_texts(std::vector<std::string> stop, const Tokenizer& tokenizer,
                                    bool in_template) {
  const auto format =
      in_template ? ChatFormat::of(tokenizer.chat_template()) : std::optional<ChatFormat>();
  if (!format) return stop;
  ChatSegment end = format->next("").front();
  if (!token_of_segment(tokenizer, end)) stop.push_back(std::move(end.text));
  return stop;
}

std::vector<TokenId> encode_segments(const Tokenizer& tokenizer,
                                     const std::vector<ChatSegment>& segments) {
  return SegmentEncoder(tokenizer, tokenizer.encode("", {.add_bos = true}), true).encode(segments);
}

std::vector<TokenId> encode_continuation(const Tokenizer& tokenizer,
                                         const std::vector<ChatSegment>& segments) {
  return SegmentEncoder(tokenizer, {}, false).encode(segments);
}

}  // namespace pecia::kernels
