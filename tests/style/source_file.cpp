#include "tests/style/source_file.hpp"

#include <cctype>
#include <utility>

namespace pecia::style {

namespace {

bool is_word_char(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

std::vector<std::string> split_lines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

// Copies the text twice, same length: code keeps what the compiler sees, comment the rest.
class Splitter {
 public:
  explicit Splitter(std::string_view text)
      : text_(text), code_(text.size(), ' '), comment_(text.size(), ' ') {
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\n') code_[i] = comment_[i] = '\n';
    }
    while (at_ < text_.size()) step();
  }
  const std::string& code() const { return code_; }
  const std::string& comment() const { return comment_; }

 private:
  bool starts(std::string_view prefix) const { return text_.substr(at_).starts_with(prefix); }

  void step() {
    const char c = text_[at_];
    if (starts("//")) {
      copy_until(comment_, text_.find('\n', at_));
    } else if (starts("/*")) {
      const std::size_t end = text_.find("*/", at_ + 2);
      copy_until(comment_, end == std::string_view::npos ? end : end + 2);
    } else if (c == '"' && at_ > 0 && text_[at_ - 1] == 'R') {
      skip_raw_string();
    } else if (c == '"' || (c == '\'' && !is_digit_separator())) {
      skip_literal(c);
    } else {
      copy_until(code_, at_ + 1);
    }
  }

  // 1'000: the quote stands inside a word that begins with a digit.
  bool is_digit_separator() const {
    std::size_t start = at_;
    while (start > 0 && (is_word_char(text_[start - 1]) || text_[start - 1] == '\'')) --start;
    return start < at_ && std::isdigit(static_cast<unsigned char>(text_[start])) != 0;
  }

  void copy_until(std::string& into, std::size_t end) {
    for (end = std::min(end, text_.size()); at_ < end; ++at_) into[at_] = text_[at_];
  }

  void skip_literal(char quote) {
    code_[at_++] = quote;
    while (at_ < text_.size() && text_[at_] != quote && text_[at_] != '\n') {
      at_ += text_[at_] == '\\' ? 2 : 1;
    }
    if (at_ < text_.size() && text_[at_] == quote) code_[at_++] = quote;
  }

  void skip_raw_string() {
    const std::size_t open = text_.find('(', at_);
    if (open == std::string_view::npos) return copy_until(code_, text_.size());
    const std::string close = ")" + std::string(text_.substr(at_ + 1, open - at_ - 1)) + "\"";
    code_[at_] = '"';
    at_ = std::min(text_.find(close, open), text_.size() - close.size()) + close.size();
    code_[at_ - 1] = '"';
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string code_;
  std::string comment_;
};

void append_identifiers(std::string_view line, std::size_t number, std::vector<Identifier>& found) {
  for (std::size_t at = 0; at < line.size();) {
    if (!is_word_char(line[at])) {
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < line.size() && is_word_char(line[end])) ++end;
    const std::string_view before = line.substr(0, at);
    const bool number_literal = std::isdigit(static_cast<unsigned char>(line[at])) != 0;
    if (!number_literal) {
      found.push_back({number, line.substr(at, end - at), line.substr(end).starts_with('('),
                       before.ends_with('.') || before.ends_with("->")});
    }
    at = end;
  }
}

}  // namespace

SourceFile parse_source(std::string path, std::string_view text) {
  SourceFile file;
  file.path = std::move(path);
  file.raw = split_lines(text);
  if (is_cpp(file.path)) {
    const Splitter splitter(text);
    file.code = split_lines(splitter.code());
    file.comment = split_lines(splitter.comment());
  } else {
    file.code = file.comment = file.raw;
  }
  return file;
}

bool is_header(std::string_view path) { return path.ends_with(".hpp") || path.ends_with(".h"); }
bool is_cpp(std::string_view path) {
  return is_header(path) || path.ends_with(".cpp") || path.ends_with(".cu") ||
         path.ends_with(".inl");
}
bool is_cmake(std::string_view path) {
  return path.ends_with("CMakeLists.txt") || path.ends_with(".cmake") ||
         path.ends_with("CMakePresets.json");
}

std::vector<Include> includes(const SourceFile& file) {
  std::vector<Include> found;
  for (std::size_t i = 0; i < file.code.size(); ++i) {
    if (!file.code[i].starts_with("#include")) continue;
    const std::string& raw = file.raw[i];
    const std::size_t open = raw.find_first_of("<\"");
    if (open == std::string::npos) continue;
    const std::size_t close = raw.find_first_of(">\"", open + 1);
    found.push_back({i + 1, raw[open] == '"', raw.substr(open + 1, close - open - 1)});
  }
  return found;
}

std::vector<Identifier> identifiers(const SourceFile& file) {
  std::vector<Identifier> found;
  for (std::size_t i = 0; i < file.code.size(); ++i) {
    if (!file.code[i].starts_with("#include")) append_identifiers(file.code[i], i + 1, found);
  }
  return found;
}

std::vector<std::string> words(std::string_view name) {
  std::vector<std::string> parts(1);
  bool was_lower = false;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    const bool letter = std::isalnum(byte) != 0;
    const bool upper = std::isupper(byte) != 0;
    if (!letter || (upper && was_lower)) parts.emplace_back();
    if (letter) parts.back() += static_cast<char>(std::tolower(byte));
    was_lower = letter && !upper;
  }
  std::erase_if(parts, [](const std::string& part) { return part.empty(); });
  return parts;
}

}  // namespace pecia::style
