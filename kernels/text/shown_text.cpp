#include "kernels/text/shown_text.hpp"

namespace pecia::kernels {

ShownText::ShownText(const Tokenizer& tokenizer, bool at_start,
                     const std::vector<std::string>& stop)
    : stream_(tokenizer, at_start), matcher_(stop) {}

std::string ShownText::push(TokenId id) {
  take(stream_.push(id));
  return show_until(matcher_.visible());
}

std::string ShownText::finish() {
  take(stream_.flush());
  return show_until(matcher_.kept());
}

void ShownText::take(std::string_view bytes) {
  held_ += bytes;
  matcher_.push(bytes);
}

std::string ShownText::show_until(std::size_t end) {
  std::string text = held_.substr(0, end - shown_);
  held_.erase(0, text.size());
  shown_ = end;
  return text;
}

}  // namespace pecia::kernels
