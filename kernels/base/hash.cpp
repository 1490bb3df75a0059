#include "kernels/base/hash.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#if defined(__x86_64__) && __has_include(<xxh_x86dispatch.h>)
#include <xxh_x86dispatch.h>  // the same functions, twice as fast: they look at the CPU they run on
#else
#include <xxhash.h>
#endif

#include <bit>
#include <cassert>
#include <climits>
#include <cstring>
#include <new>

namespace pecia::kernels {

static_assert(std::endian::native == std::endian::little, "fields are little-endian");

namespace {

// Looked up once: EVP_sha256() is looked up again by every hash, which costs more than to hash one
// token of a chain.
const EVP_MD* sha256_method() {
  static const EVP_MD* const method = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return method;
}

}  // namespace

struct Sha256::Context {
  EVP_MD_CTX* evp = EVP_MD_CTX_new();
  ~Context() { EVP_MD_CTX_free(evp); }
};

Sha256::Sha256() : context_(std::make_unique<Context>()) {
  if (context_->evp == nullptr || EVP_DigestInit_ex(context_->evp, sha256_method(), nullptr) != 1) {
    throw std::bad_alloc();
  }
}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::update(std::span<const std::byte> bytes) {
  EVP_DigestUpdate(context_->evp, bytes.data(), bytes.size());
}

Digest Sha256::finish() {
  Digest digest{};
  unsigned length = 0;
  EVP_DigestFinal_ex(context_->evp, digest.data(), &length);
  assert(length == digest.size());
  return digest;
}

FieldHash& FieldHash::field(std::span<const std::byte> bytes) {
  assert(bytes.size() <= UINT32_MAX);
  const auto length = static_cast<std::uint32_t>(bytes.size());
  hash_.update(std::as_bytes(std::span(&length, 1)));
  hash_.update(bytes);
  return *this;
}
FieldHash& FieldHash::field(std::uint32_t value) {
  return field(std::as_bytes(std::span(&value, 1)));
}
FieldHash& FieldHash::field(std::uint64_t value) {
  return field(std::as_bytes(std::span(&value, 1)));
}

Id FieldHash::id() {
  const Digest whole = digest();
  Id first{};
  std::memcpy(first.data(), whole.data(), first.size());
  return first;
}

Id xxh3_128(std::span<const std::byte> bytes) {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits(bytes.data(), bytes.size()));
  Id id{};
  std::memcpy(id.data(), canonical.digest, id.size());
  return id;
}

Digest hmac_sha256(std::span<const std::byte> key, std::span<const std::byte> bytes) {
  Digest digest{};
  const auto* first = reinterpret_cast<const unsigned char*>(bytes.data());
  assert(key.size() <= INT_MAX);
  // OpenSSL asks for a key that is not null, also where it has no bytes.
  const void* secret = key.empty() ? static_cast<const void*>("") : key.data();
  if (HMAC(EVP_sha256(), secret, static_cast<int>(key.size()), first, bytes.size(), digest.data(),
           nullptr) == nullptr) {
    throw std::bad_alloc();
  }
  return digest;
}

bool equal_secrets(std::span<const std::byte> a, std::span<const std::byte> b) {
  return a.size() == b.size() && (a.empty() || CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0);
}

std::string hex(std::span<const std::uint8_t> bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const std::uint8_t byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

std::size_t IdHash::operator()(const Id& id) const noexcept {
  std::size_t value = 0;
  std::memcpy(&value, id.data(), sizeof value);
  return value;
}

}  // namespace pecia::kernels
