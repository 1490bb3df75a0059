#include "tests/unit/cpu/vnni_emulator.hpp"

#if defined(__x86_64__)

#include <cpuid.h>
#include <ucontext.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <initializer_list>

namespace pecia::kernels::testing {
namespace {

volatile std::sig_atomic_t emulated_count = 0;

// State components of XSAVE and where the standard layout puts them.
constexpr unsigned kSse = 1, kAvx = 2, kZmmHigh256 = 6, kZmm16To31 = 7;
constexpr std::size_t kXmmOffset = 160, kStateBitsOffset = 512;

std::size_t component_offset(unsigned component) {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  __cpuid_count(0xD, component, eax, ebx, ecx, edx);
  return ebx;
}

// The zmm registers of an interrupted thread.
class SavedRegisters {
 public:
  explicit SavedRegisters(const ucontext_t& context)
      : area_(reinterpret_cast<std::uint8_t*>(context.uc_mcontext.fpregs)) {
    for (const unsigned component : {kSse, kAvx, kZmmHigh256, kZmm16To31}) make_present(component);
  }

  void read(unsigned index, std::uint8_t (&bytes)[64]) const { copy(index, bytes, false); }
  void write(unsigned index, std::uint8_t (&bytes)[64]) const { copy(index, bytes, true); }

 private:
  // A component in its initial state is not saved: its registers are zero.
  void make_present(unsigned component) const {
    std::uint64_t present;
    std::memcpy(&present, area_ + kStateBitsOffset, sizeof present);
    if ((present >> component & 1) != 0) return;
    if (component == kSse) std::memset(area_ + kXmmOffset, 0, 256);
    if (component == kAvx) std::memset(area_ + component_offset(component), 0, 256);
    if (component == kZmmHigh256) std::memset(area_ + component_offset(component), 0, 512);
    if (component == kZmm16To31) std::memset(area_ + component_offset(component), 0, 1024);
    present |= std::uint64_t{1} << component;
    std::memcpy(area_ + kStateBitsOffset, &present, sizeof present);
  }

  void copy(unsigned index, std::uint8_t* bytes, bool store) const {
    const auto move = [store](std::uint8_t* saved, std::uint8_t* value, std::size_t count) {
      store ? std::memcpy(saved, value, count) : std::memcpy(value, saved, count);
    };
    if (index >= 16) {
      move(area_ + component_offset(kZmm16To31) + (index - 16) * 64, bytes, 64);
      return;
    }
    move(area_ + kXmmOffset + index * 16, bytes, 16);
    move(area_ + component_offset(kAvx) + index * 16, bytes + 16, 16);
    move(area_ + component_offset(kZmmHigh256) + index * 32, bytes + 32, 32);
  }

  std::uint8_t* area_;
};

// EVEX.512.66.0F38.W0 50 /r with three registers, no mask; anything else is a true illegal opcode.
struct Dpbusd {
  unsigned sum, codes, quads;
};

bool decode(const std::uint8_t* code, Dpbusd& out) {
  const bool form = code[0] == 0x62 && (code[1] & 0x0F) == 0x02 && (code[2] & 0x87) == 0x05 &&
                    (code[3] & 0xF7) == 0x40 && code[4] == 0x50 && code[5] >= 0xC0;
  if (!form) return false;
  const unsigned p0 = ~code[1] & 0xFFu, p1 = ~code[2] & 0xFFu, p2 = ~code[3] & 0xFFu;
  out.sum = (p0 >> 4 & 1) << 4 | (p0 >> 7 & 1) << 3 | (code[5] >> 3 & 7);
  out.codes = (p2 >> 3 & 1) << 4 | (p1 >> 3 & 15);
  out.quads = (p0 >> 6 & 1) << 4 | (p0 >> 5 & 1) << 3 | (code[5] & 7);
  return true;
}

void carry_out(const SavedRegisters& registers, const Dpbusd& instruction) {
  std::uint8_t sum[64], codes[64], quads[64];
  registers.read(instruction.sum, sum);
  registers.read(instruction.codes, codes);
  registers.read(instruction.quads, quads);
  for (int lane = 0; lane < 16; ++lane) {
    std::uint32_t total;
    std::memcpy(&total, sum + lane * 4, 4);
    for (int i = lane * 4; i < lane * 4 + 4; ++i) {
      total += static_cast<std::uint32_t>(codes[i] * static_cast<std::int8_t>(quads[i]));
    }
    std::memcpy(sum + lane * 4, &total, 4);
  }
  registers.write(instruction.sum, sum);
}

void on_illegal_instruction(int, siginfo_t*, void* raw_context) {
  auto& context = *static_cast<ucontext_t*>(raw_context);
  auto& next = context.uc_mcontext.gregs[REG_RIP];
  Dpbusd instruction{};
  if (!decode(reinterpret_cast<const std::uint8_t*>(next), instruction)) std::abort();
  carry_out(SavedRegisters(context), instruction);
  next += 6;
  emulated_count = emulated_count + 1;
}

}  // namespace

VnniEmulator::VnniEmulator() {
  struct sigaction action {};
  action.sa_sigaction = on_illegal_instruction;
  action.sa_flags = SA_SIGINFO;
  sigaction(SIGILL, &action, &previous_);
}

VnniEmulator::~VnniEmulator() { sigaction(SIGILL, &previous_, nullptr); }

long VnniEmulator::emulated() { return emulated_count; }

}  // namespace pecia::kernels::testing

#endif
