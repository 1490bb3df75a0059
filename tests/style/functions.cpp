#include "tests/style/functions.hpp"

#include <regex>
#include <string_view>

namespace pecia::style {

namespace {

enum class Scope {
  declarations,  // namespace, class, enum
  body,          // a function
  inside,        // a block or initialiser that belongs to what stands around it
};

// Drops `template <...>` with its nested angle brackets, and `alignas(...)`.
std::string without_prefixes(std::string head) {
  if (const std::size_t at = head.find("alignas()"); at != std::string::npos) head.erase(at, 9);
  for (std::size_t at = head.find("template <"); at != std::string::npos;
       at = head.find("template <")) {
    std::size_t end = head.find('<', at);
    int depth = 0;
    for (; end < head.size(); ++end) {
      if (head[end] == '<') ++depth;
      if (head[end] == '>' && --depth == 0) break;
    }
    head.erase(at, end + 1 - at);
  }
  return head;
}

bool opens_declarations(const std::string& head) {
  static const std::regex kType(R"(\b(namespace|class|struct|union|enum)\b[^()]*$)");
  static const std::regex kLanguage(R"(^\s*extern "\s*"\s*$)");
  return std::regex_search(head, kType) || std::regex_search(head, kLanguage);
}

// After `Foo() : a_` a brace initialises a member; after `= ` or `return` a value.
bool opens_initialiser(const std::string& head) {
  static const std::regex kMember(R"(\)\s*(noexcept\s*)?:[^:][\s\S]*[\w>]\s*$)");
  static const std::regex kValue(R"([=,]\s*$)");
  return head.find('(') == std::string::npos || std::regex_search(head, kMember) ||
         std::regex_search(head, kValue);
}

class Scanner {
 public:
  void line(std::string_view code, std::size_t number) {
    line_ = number;
    for (const char c : code) step(c);
    if (declaring()) take('\n');
  }

  Functions finish() && {
    result_.balanced = result_.balanced && scopes_.empty();
    return std::move(result_);
  }

 private:
  bool declaring() const { return scopes_.empty() || scopes_.back() == Scope::declarations; }

  void step(char c) {
    if (c == '{') return open();
    if (c == '}') return close();
    if (!declaring()) return;
    if (c == '(' && parens_++ == 0) take('(');
    if (c == ')' && parens_ > 0 && --parens_ == 0) take(')');
    if (parens_ > 0 || c == '(' || c == ')') return;
    if (c == ';' || (c == ':' && ends_access_specifier())) return head_.clear();
    take(c);
  }

  bool ends_access_specifier() const {
    return head_ == "public" || head_ == "protected" || head_ == "private";
  }

  void take(char c) {
    const bool blank = c == ' ' || c == '\n';
    if (head_.empty() && blank) return;
    if (head_.empty()) head_line_ = line_;
    head_ += c;
  }

  void open() {
    scopes_.push_back(kind_of_block());
    if (scopes_.back() == Scope::declarations) head_.clear();
  }

  Scope kind_of_block() const {
    if (!declaring() || parens_ > 0) return Scope::inside;
    const std::string head = without_prefixes(head_);
    if (opens_declarations(head)) return Scope::declarations;
    return opens_initialiser(head) ? Scope::inside : Scope::body;
  }

  void close() {
    if (scopes_.empty()) {
      result_.balanced = false;
      return;
    }
    const Scope ended = scopes_.back();
    scopes_.pop_back();
    if (ended == Scope::body) result_.found.push_back({head_, head_line_, line_});
    if (ended != Scope::inside) head_.clear();
    if (ended == Scope::inside && declaring() && parens_ == 0) head_ += "{}";
  }

  Functions result_;
  std::vector<Scope> scopes_;
  std::string head_;
  std::size_t head_line_ = 0;
  std::size_t line_ = 0;
  int parens_ = 0;
};

}  // namespace

Functions functions(const SourceFile& file) {
  Scanner scanner;
  bool preprocessor = false;
  for (std::size_t i = 0; i < file.code.size(); ++i) {
    const std::string_view code = file.code[i];
    const std::size_t first = code.find_first_not_of(' ');
    preprocessor = preprocessor || (first != std::string_view::npos && code[first] == '#');
    if (!preprocessor) scanner.line(code, i + 1);
    preprocessor = preprocessor && code.ends_with('\\');
  }
  return std::move(scanner).finish();
}

}  // namespace pecia::style
