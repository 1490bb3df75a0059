#pragma once
// A folder of its own for one test, with a tiny model in it where one is asked for.

#include <filesystem>
#include <string>
#include <string_view>

#include "kernels/weights/model_file.hpp"

namespace pecia::tests {

class Workshop {
 public:
  Workshop();
  ~Workshop();  // removes the folder
  Workshop(const Workshop&) = delete;
  Workshop& operator=(const Workshop&) = delete;

  std::string path(std::string_view name) const { return (folder_ / name).string(); }
  std::string write(std::string_view name, std::string_view bytes) const;  // gives its path
  // Random weights of a shape of well under a megabyte; gives its path.
  std::string tiny_model(kernels::TensorType type = kernels::TensorType::q8_0) const;
  // The same as if it had been tuned on conversations, with <|im_start|> and <|im_end|> among its
  // control tokens; gives the path of chat.gguf.
  std::string chat_model(std::string_view chat_template) const;
  std::size_t files() const;  // in the folder

 private:
  std::filesystem::path folder_;
};

std::string read_file(const std::string& path);

// A file of ../shared, or "" where it is absent.
std::string shared_file(std::string_view name);

bool is_one_line(std::string_view text);

}  // namespace pecia::tests
