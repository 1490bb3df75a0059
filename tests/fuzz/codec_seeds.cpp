// Writes the seed corpus of codec_fuzzer: `codec_seeds FOLDER`, one small value of each kind.
#include <fmt/format.h>

#include <cstdio>
#include <fstream>

#include "runtime/wire/batch.hpp"
#include "tests/unit/wire/wire_values.hpp"

using namespace pecia::runtime;

namespace {

constexpr std::size_t kSeedBytesMax = 600;

void write(const std::string& folder, char reader, std::size_t kind, const Bytes& bytes) {
  std::ofstream file(fmt::format("{}/{}-{}", folder, reader, kind), std::ios::binary);
  file.put(reader).write(reinterpret_cast<const char*>(bytes.data()),
                         static_cast<std::streamsize>(bytes.size()));
}

// The first drawn value that is small.
template <class Draw>
Bytes small(Draw draw) {
  for (;;) {
    const Bytes bytes = encode(draw());
    if (bytes.size() <= kSeedBytesMax) return bytes;
  }
}

template <class Envelope>
void write_all(const std::string& folder, char reader) {
  pecia::test::WireValues values(7);
  for (std::size_t kind = 0; kind < std::variant_size_v<Envelope>; ++kind) {
    write(folder, reader, kind, small([&] { return values.kind<Envelope>(kind); }));
  }
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) {
    std::fputs("usage: codec_seeds FOLDER\n", stderr);
    return 2;
  }
  // The letters are the fuzzer's choice of a reader: their codes modulo 6.
  static_assert('f' % 6 == 0);
  write_all<Record>(arguments[1], 'f');
  write_all<ToCoordinator>(arguments[1], 'g');
  write_all<ToWorker>(arguments[1], 'h');
  write_all<ToClient>(arguments[1], 'i');
  pecia::test::WireValues values(7);
  write(arguments[1], 'j', 0, small([&] { return values.spec(); }));
  BatchBuilder batch;
  for (int i = 0; i < 2; ++i) batch.add(small([&] { return values.kind<ToWorker>(1); }));
  write(arguments[1], 'k', 0, batch.take());
  return 0;
}
