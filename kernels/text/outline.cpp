#include "kernels/text/outline.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "kernels/text/blank_line.hpp"
#include "kernels/text/unicode.hpp"
#include "kernels/text/visible_text.hpp"

namespace pecia::kernels {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::size_t kIndentMax = 3;  // four columns would be an indented code block
constexpr std::size_t kHeadingLevelMax = 6;
constexpr std::size_t kFenceMin = 3;

// A line that opens or closes a fenced code block.
struct Fence {
  char mark = 0;           // '`' or '~'
  std::size_t length = 0;  // number of marks
};

std::size_t count_leading(std::string_view text, char c) {
  return std::min(text.find_first_not_of(c), text.size());
}

// The line without its indentation; empty where it is too deep to begin a block.
std::string_view block_start(std::string_view line) {
  const std::size_t indent = count_leading(line, ' ');
  return indent <= kIndentMax ? line.substr(indent) : std::string_view();
}

// 1..6 where the line is an ATX heading, else 0.
int heading_level(std::string_view line) {
  const std::string_view text = block_start(line);
  const std::size_t marks = count_leading(text, '#');
  if (marks == 0 || marks > kHeadingLevelMax) return 0;
  const bool ends = marks == text.size() || text[marks] == ' ' || text[marks] == '\t';
  return ends ? static_cast<int>(marks) : 0;
}

// The fence that the line opens, mark 0 where none.
Fence opened_by(std::string_view line) {
  const std::string_view text = block_start(line);
  if (text.empty() || (text[0] != '`' && text[0] != '~')) return {};
  const std::size_t length = count_leading(text, text[0]);
  if (length < kFenceMin) return {};
  // An info string with a backtick makes it inline code.
  if (text[0] == '`' && text.find('`', length) != std::string_view::npos) return {};
  return {text[0], length};
}

bool closes(std::string_view line, const Fence& fence) {
  const std::string_view text = block_start(line);
  const std::size_t length = count_leading(text, fence.mark);
  return length >= fence.length && is_blank(text.substr(length));
}

// Takes the first line, without its end, off `rest`.
std::string_view take_line(std::string_view& rest) {
  const std::size_t end = std::min(rest.find_first_of("\r\n"), rest.size());
  const std::string_view line = rest.substr(0, end);
  const std::size_t line_end = rest.substr(end, 2) == "\r\n" ? 2 : 1;
  rest.remove_prefix(std::min(end + line_end, rest.size()));
  return line;
}

std::string_view trim_end(std::string_view text) {
  return text.substr(0, text.find_last_not_of(" \t") + 1);
}

// Lines gathered under the preamble or a heading. Blank lines before the first and behind the last
// are spacing, not text.
class Paragraphs {
 public:
  void add(std::string_view line) {
    if (is_blank(line)) {
      if (!text_.empty()) ++blank_lines_;
      return;
    }
    if (!text_.empty()) text_.append(blank_lines_ + 1, '\n');
    blank_lines_ = 0;
    text_.append(line);
  }

  std::string take() {
    blank_lines_ = 0;
    return std::string(trim_end(std::exchange(text_, {})));
  }

 private:
  std::string text_;
  std::size_t blank_lines_ = 0;
};

class OutlineParser {
 public:
  explicit OutlineParser(const OutlineLimits& limits) : limits_(limits) {}

  Expected<Outline> parse(std::string_view markdown);

 private:
  Status add_line(std::string_view line);
  Status begin_section(int level, std::string_view line);
  void end_section();

  const OutlineLimits limits_;
  Outline outline_;
  Paragraphs paragraphs_;
  Fence fence_;  // the open one, mark 0 outside code
  std::size_t line_number_ = 0;
};

Expected<Outline> OutlineParser::parse(std::string_view markdown) {
  if (markdown.size() > limits_.bytes_max) {
    const auto fitting = markdown.substr(0, limits_.bytes_max);
    return fail(ErrorKind::refuse, "outline line {}: passes the limit of {} bytes; it has {}",
                1 + std::count(fitting.begin(), fitting.end(), '\n'), limits_.bytes_max,
                markdown.size());
  }
  if (markdown.starts_with(kByteOrderMark)) markdown.remove_prefix(kByteOrderMark.size());
  while (!markdown.empty())
    if (Status status = add_line(take_line(markdown)); !status) return status.error();
  end_section();
  if (line_number_ == 0) {
    return fail(ErrorKind::refuse, "outline line 1: is empty; sections begin with '# Title'");
  }
  if (outline_.sections.empty())
    return fail(ErrorKind::refuse,
                "outline line {}: ends without a heading; sections begin with '# Title'",
                line_number_);
  return std::move(outline_);
}

Status OutlineParser::add_line(std::string_view line) {
  ++line_number_;
  if (!is_utf8(line))
    return fail(ErrorKind::refuse, "outline line {}: not valid UTF-8", line_number_);
  if (line.find('\0') != std::string_view::npos)
    return fail(ErrorKind::refuse, "outline line {}: a NUL byte; this is not a text file",
                line_number_);
  if (fence_.mark != 0) {
    if (closes(line, fence_)) fence_ = {};
  } else if (const int level = heading_level(line); level != 0) {
    return begin_section(level, line);
  } else {
    fence_ = opened_by(line);
  }
  paragraphs_.add(line);
  return {};
}

Status OutlineParser::begin_section(int level, std::string_view line) {
  if (outline_.sections.size() == limits_.sections_max)
    return fail(ErrorKind::refuse, "outline line {}: more than {} headings", line_number_,
                limits_.sections_max);
  end_section();
  outline_.sections.push_back({level, std::string(trim_end(line)), {}});
  return {};
}

void OutlineParser::end_section() {
  auto& text = outline_.sections.empty() ? outline_.preamble : outline_.sections.back().notes;
  text = paragraphs_.take();
}

std::string with_blank_line(std::string_view text) {
  return text.empty() ? std::string() : std::string(text) + "\n\n";
}

// What every slice's prompt begins with: preamble and full outline.
std::string prompt_start(const Outline& outline) {
  std::string start = with_blank_line(outline.preamble);
  for (const OutlineSection& each : outline.sections) {
    start += each.heading + '\n';
    if (!each.notes.empty()) start += each.notes + '\n';
  }
  return start + '\n';
}

}  // namespace

Expected<Outline> parse_outline(std::string_view markdown, const OutlineLimits& limits) {
  return OutlineParser(limits).parse(markdown);
}

std::string slice_prompt(const Outline& outline, std::size_t section) {
  return prompt_start(outline) + slice_start(outline, section);
}

std::string continued_prompt(const Outline& outline, std::size_t section,
                             std::string_view text_before) {
  assert(section > 0);
  return prompt_start(outline) + slice_start(outline, section - 1) + with_blank_line(text_before) +
         slice_start(outline, section);
}

std::string summary_prompt(const Outline& outline, std::size_t section, std::string_view summary) {
  return prompt_start(outline) + with_blank_line(summary) + slice_start(outline, section);
}

std::string document_start(const Outline& outline) { return with_blank_line(outline.preamble); }

std::string slice_start(const Outline& outline, std::size_t section) {
  assert(section < outline.sections.size());
  return with_blank_line(outline.sections[section].heading);
}

std::string slice_end(const Outline& outline, std::size_t section) {
  return section + 1 < outline.sections.size() ? "\n\n" : "\n";
}

std::string merge(const Outline& outline, const std::vector<std::string>& slices) {
  assert(slices.size() == outline.sections.size());
  std::string document = document_start(outline);
  for (std::size_t k = 0; k < slices.size(); ++k) {
    document += slice_start(outline, k);
    document += visible_text(slices[k]);
    document += slice_end(outline, k);
  }
  return document;
}

std::vector<int> share_tokens(int total, std::size_t sections) {
  assert(total >= 0 && sections > 0);
  const auto tokens = static_cast<std::size_t>(total);
  std::vector<int> shares(sections, static_cast<int>(tokens / sections));
  for (std::size_t k = 0; k < tokens % sections; ++k) ++shares[k];
  return shares;
}

}  // namespace pecia::kernels
