#include "kernels/training/checkpoint.hpp"

#include <array>
#include <bit>
#include <cstring>

#include "kernels/base/hash.hpp"
#include "kernels/training/checkpoint_format.hpp"
#include "kernels/weights/atomic_file.hpp"
#include "kernels/weights/mapped_file.hpp"

namespace pecia::kernels {
namespace {

CheckpointShape shape_of(const ModelParams& params) {
  const auto number = [](int value) { return static_cast<std::uint32_t>(value); };
  return {number(params.layers),
          number(params.width),
          number(params.heads),
          number(params.kv_heads),
          number(params.head_dim),
          number(params.ffn_width),
          number(params.vocabulary),
          number(params.context),
          std::bit_cast<std::uint32_t>(params.norm_epsilon),
          number(params.tied_embeddings),
          params.rope_base,
          params.rope_linear_scale};
}

std::string described(const CheckpointShape& s) {
  return fmt::format(
      "{} layers of {}, {} heads and {} key-value heads of {}, feed-forward {}, vocabulary {}, "
      "context {}, rope base {:g}, norm epsilon {:g}, {}",
      s.layers, s.width, s.heads, s.kv_heads, s.head_dim, s.ffn_width, s.vocabulary, s.context,
      s.rope_base, std::bit_cast<float>(s.norm_epsilon_bits),
      s.tied_embeddings != 0 ? "tied" : "untied");
}

template <class State>
auto arrays_of(State& optimiser) {
  return std::array{&optimiser.weights, &optimiser.first_moment, &optimiser.second_moment};
}

CheckpointHeader header_of(const ModelParams& shape, const RunState& state) {
  return {kCheckpointMagic,
          kCheckpointVersion,
          sizeof(CheckpointHeader),
          shape_of(shape),
          state.optimiser.weights.size(),
          state.run,
          state.steps,
          state.rows,
          state.optimiser.beta1_power,
          state.optimiser.beta2_power};
}

// The header of a file whose every byte is accounted for.
Expected<CheckpointHeader> checked_header(const std::string& path, std::span<const std::byte> bytes,
                                          const ModelParams& shape, const RunState& state) {
  CheckpointHeader header;
  if (bytes.size() < sizeof header) {
    return fail(ErrorKind::refuse, "{}: {} bytes, too short for a checkpoint", path, bytes.size());
  }
  std::memcpy(&header, bytes.data(), sizeof header);
  if (header.magic != kCheckpointMagic) {
    return fail(ErrorKind::refuse, "{}: not a checkpoint of pecia", path);
  }
  if (header.version != kCheckpointVersion || header.header_bytes != sizeof header) {
    return fail(ErrorKind::refuse, "{}: checkpoint version {}, this program reads {}", path,
                header.version, kCheckpointVersion);
  }
  const CheckpointShape wanted = shape_of(shape);
  if (header.shape != wanted) {
    return fail(ErrorKind::refuse, "{}: a checkpoint of another model ({}); this one has {}", path,
                described(header.shape), described(wanted));
  }
  const std::size_t floats = state.optimiser.weights.size();
  const std::size_t expected =
      sizeof header + kCheckpointArrays * floats * sizeof(float) + sizeof(Digest);
  if (header.floats != floats || bytes.size() != expected) {
    return fail(ErrorKind::refuse, "{}: {} bytes, a checkpoint of this model has {}", path,
                bytes.size(), expected);
  }
  if (header.run != state.run) {
    return fail(
        ErrorKind::refuse,
        "{}: a checkpoint of a run with other flags, data or seed; remove it or name another "
        "(--checkpoint) to start anew",
        path);
  }
  return header;
}

Status check_digest(const std::string& path, std::span<const std::byte> bytes) {
  Sha256 hash;
  hash.update(bytes.first(bytes.size() - sizeof(Digest)));
  const Digest digest = hash.finish();
  if (std::memcmp(digest.data(), bytes.data() + bytes.size() - sizeof(Digest), sizeof(Digest)) ==
      0) {
    return {};
  }
  return fail(ErrorKind::refuse, "{}: damaged, its SHA-256 does not agree", path);
}

}  // namespace

Status write_checkpoint(const std::string& path, const ModelParams& shape, const RunState& state) {
  Expected<AtomicFile> file = AtomicFile::create(path);
  if (!file) return file.error();
  Sha256 hash;
  const auto write = [&](std::span<const std::byte> bytes) {
    hash.update(bytes);
    return file->write(bytes);
  };
  const CheckpointHeader header = header_of(shape, state);
  if (Status s = write(std::as_bytes(std::span(&header, 1))); !s) return s;
  for (const FloatArray* array : arrays_of(state.optimiser)) {
    if (Status s = write(std::as_bytes(array->floats())); !s) return s;
  }
  const Digest digest = hash.finish();
  if (Status s = file->write(std::as_bytes(std::span(digest))); !s) return s;
  return file->commit();
}

Status read_checkpoint(const std::string& path, const ModelParams& shape, RunState& state) {
  Expected<MappedFile> file = MappedFile::open(path);
  if (!file) return file.error();
  const std::span<const std::byte> bytes = file->bytes();
  const std::size_t floats = state.optimiser.weights.size();
  const Expected<CheckpointHeader> header = checked_header(path, bytes, shape, state);
  if (!header) return header.error();
  if (Status digest = check_digest(path, bytes); !digest) return digest;
  const std::byte* next = bytes.data() + sizeof(CheckpointHeader);
  for (FloatArray* array : arrays_of(state.optimiser)) {
    std::memcpy(array->data(), next, floats * sizeof(float));
    next += floats * sizeof(float);
  }
  state.optimiser.beta1_power = header->beta1_power;
  state.optimiser.beta2_power = header->beta2_power;
  state.steps = header->steps;
  state.rows = header->rows;
  return {};
}

}  // namespace pecia::kernels
