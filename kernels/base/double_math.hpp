#pragma once
// exp, log, pow, sin and cos of a double by correctly rounded operations alone (+ - * /), so that a
// table built from them has the same bits on every machine and with every libm. Error below 1 ulp
// on the ranges named, where no more is said. Kernels and constants: fdlibm 5.3 (Sun Microsystems,
// 1993), e_exp.c, e_log.c, k_sin.c, k_cos.c and the 33-bit parts of pi/2 from e_rem_pio2.c.

#include <bit>
#include <cstdint>

namespace pecia::kernels::double_math {

inline constexpr double kLn2High = 6.93147180369123816490e-01;  // 32 bits: n * high is exact
inline constexpr double kLn2Low = 1.90821492927058770002e-10;

// REQUIRES |x| < 2^51; the nearest integer, ties to even.
inline double nearest(double x) {
  constexpr double kRound = 0x1.8p52;
  return (x + kRound) - kRound;
}

inline double power_of_two(int n) {  // REQUIRES -1022 <= n <= 1023
  return std::bit_cast<double>(static_cast<std::uint64_t>(n + 1023) << 52);
}

// REQUIRES |x| <= 700.
inline double exp(double x) {
  const double n = nearest(x * 1.44269504088896338700e+00);
  const double high = x - n * kLn2High;
  const double low = n * kLn2Low;
  const double r = high - low;
  const double z = r * r;
  // c = r - (R - 2) with R = r (e^r + 1) / (e^r - 1), a polynomial in z; e^r = 1 + r + r c / (2 -
  // c).
  const double c =
      r - z * (1.66666666666666019037e-01 +
               z * (-2.77777777770155933842e-03 +
                    z * (6.61375632143793436117e-05 +
                         z * (-1.65339022054652515390e-06 + z * 4.13813679705723846039e-08))));
  const double y = 1.0 - ((low - r * c / (2.0 - c)) - high);
  return y * power_of_two(static_cast<int>(n));
}

// REQUIRES a positive, finite, normal x.
inline double log(double x) {
  constexpr std::uint64_t kHalfRoot = 0x3FE6A09E00000000u;  // about sqrt(1/2): m in [it, 2 it)
  const std::uint64_t bits = std::bit_cast<std::uint64_t>(x) + (0x3FF0000000000000u - kHalfRoot);
  const double e = static_cast<double>(static_cast<int>(bits >> 52) - 1023);
  const double f = std::bit_cast<double>((bits & 0x000FFFFFFFFFFFFFu) + kHalfRoot) - 1.0;
  const double s = f / (2.0 + f);
  const double z = s * s;
  const double p =
      z * (6.666666666666735130e-01 +
           z * (3.999999999940941908e-01 +
                z * (2.857142874366239149e-01 +
                     z * (2.222219843214978396e-01 +
                          z * (1.818357216161805012e-01 +
                               z * (1.531383769920937332e-01 + z * 1.479819860511658591e-01))))));
  const double half_square = 0.5 * f * f;
  return e * kLn2High - ((half_square - (s * (half_square + p) + e * kLn2Low)) - f);
}

// REQUIRES a base as log() does and |exponent * log(base)| <= 700. Its error grows with that
// product: below its absolute value times 2^-52, relative.
inline double pow(double base, double exponent) { return exp(exponent * log(base)); }

struct SinCos {
  double sin;
  double cos;
};

// An angle as quadrant * pi/2 + (high + low), |high| <= about pi/4.
struct ReducedAngle {
  int quadrant;
  double high;
  double low;
};

// Products of n < 2^20 with the first two parts are exact, and so is the first difference; the
// third part brings pi/2 to 118 bits.
inline ReducedAngle reduce_angle(double x) {
  constexpr double kPart1 = 1.57079632673412561417e+00;
  constexpr double kPart2 = 6.07710050630396597660e-11;
  constexpr double kPart3 = 2.02226624879595063154e-21;
  const double n = nearest(x * 6.36619772367581382433e-01);
  const double first = x - n * kPart1;
  const double second = n * kPart2;
  const double r = first - second;
  const double back = first - r;  // TwoDiff (Knuth): what rounding r has lost
  const double lost = (first - (r + back)) + (back - second);
  const double tail = lost - n * kPart3;
  const double high = r + tail;
  return {static_cast<int>(n) & 3, high, (r - high) + tail};
}

inline double sin_kernel(double x, double low) {
  const double z = x * x;
  const double v = z * x;
  const double p = 8.33333333332248946124e-03 +
                   z * (-1.98412698298579493134e-04 +
                        z * (2.75573137070700676789e-06 +
                             z * (-2.50507602534068634195e-08 + z * 1.58969099521155010221e-10)));
  return x - ((z * (0.5 * low - v * p) - low) - v * -1.66666666666666324348e-01);
}

inline double cos_kernel(double x, double low) {
  const double z = x * x;
  const double p =
      z * (4.16666666666666019037e-02 +
           z * (-1.38888888888741095749e-03 +
                z * (2.48015872894767294178e-05 +
                     z * (-2.75573143513906633035e-07 +
                          z * (2.08757232129817482790e-09 + z * -1.13596475577881948265e-11)))));
  const double half = 0.5 * z;
  const double w = 1.0 - half;
  return w + (((1.0 - w) - half) + (z * p - x * low));
}

// REQUIRES |x| <= kRopeAngleMax.
inline SinCos sin_cos(double x) {
  const ReducedAngle angle = reduce_angle(x);
  const double s = sin_kernel(angle.high, angle.low);
  const double c = cos_kernel(angle.high, angle.low);
  switch (angle.quadrant) {
    case 0:
      return {s, c};
    case 1:
      return {c, -s};
    case 2:
      return {-s, -c};
    default:
      return {-c, s};
  }
}

}  // namespace pecia::kernels::double_math
