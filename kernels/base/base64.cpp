#include "kernels/base/base64.hpp"

#include <openssl/evp.h>

namespace pecia::kernels {

std::optional<std::string> from_base64(std::string_view text) {
  constexpr std::size_t kTextMax = std::size_t{1} << 30;
  if (text.size() % 4 != 0 || text.size() >= kTextMax) return std::nullopt;
  // The decoder passes over white space and takes '=' anywhere.
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  if (text.substr(0, text.size() - padding).find_first_not_of(kAlphabet) != text.npos) {
    return std::nullopt;
  }
  std::string bytes(text.size() / 4 * 3, '\0');
  const int decoded = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                      reinterpret_cast<const unsigned char*>(text.data()),
                                      static_cast<int>(text.size()));
  if (decoded < 0) return std::nullopt;
  bytes.resize(bytes.size() - padding);
  return bytes;
}

}  // namespace pecia::kernels
