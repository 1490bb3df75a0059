#pragma once
// The shared secret of a cluster's nodes: a file that its owner alone can read.
// Thread rule: any thread.

#include <string>

#include "kernels/base/expected.hpp"

namespace pecia::runtime {

inline constexpr std::size_t kSecretBytesMin = 32;
inline constexpr std::size_t kSecretBytesMax = 4'096;

// All bytes of the file as they are, a last newline too. Refused: a file that is absent, no regular
// file, open to others than its owner, too short or too long.
kernels::Expected<std::string> read_secret(const std::string& path);

}  // namespace pecia::runtime
