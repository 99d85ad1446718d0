// exp, tanh and the sigmoid of a whole vector, within 1.1, 2.25 and 2 ulp of the exact value.
//
// x = n·ln 2 + r with |r| <= ln(2)/2, and eʳ - 1 = r + r²·q(r) with q a polynomial that
// interpolates at Chebyshev nodes (relative error below 0.1 ulp).  tanh and the sigmoid are
// written in e^-|x|, so that nothing overflows and every divisor lies in [1, 2].
#pragma once

#include "gatecast/simd.hpp"

namespace gatecast::GATECAST_ISA {

#if defined(__FMA__) || defined(__AVX512F__) || defined(__aarch64__)
constexpr bool kFused = true;  // a·b + c is rounded once
#else
constexpr bool kFused = false;
#endif

template <class T>
struct Exponential;

template <>
struct Exponential<float> {
  static constexpr float log2e = 1.44269504088896341f;
  static constexpr float ln2_high = 0.693359375f;  // n·ln2_high is exact
  static constexpr float ln2_low = -2.12194440054690583e-4f;
  static constexpr float rounder =
      12582912.0f;  // 1.5·2²³: adding it leaves round(x) in the low bits
  static constexpr int mantissa = 23, bias = 127;
  static constexpr float lowest = -104.0f, highest = 89.0f;
  static constexpr float q[] = {0.5f, 0.16666576986989775f, 0.041666554617204574f,
                                0.0083631790527225774f, 0.0013926183587713491f};
};

template <>
struct Exponential<double> {
  static constexpr double log2e = 1.4426950408889634074;
  static constexpr double ln2_high = 6.93147180369123816490e-01;
  static constexpr double ln2_low = 1.90821492927058770002e-10;
  static constexpr double rounder = 6755399441055744.0;  // 1.5·2⁵²
  static constexpr int mantissa = 52, bias = 1023;
  static constexpr double lowest = -746.0, highest = 710.0;
  static constexpr double q[] = {0.50000000000000010221,   0.16666666666666667453,
                                 0.041666666666624127873,  0.0083333333333300618325,
                                 0.0013888888917213716901, 0.00019841269863053616878,
                                 2.4801521295954375131e-5, 2.7557268459997064772e-6,
                                 2.7620088445409748161e-7, 2.5100385495510319078e-8};
};

// x = n·ln 2 + r: the polynomial value of eʳ - 1, and n, also plus the rounder.
template <class T>
struct Reduced {
  Vec<T> em1, n, shifted;
};

template <class T>
GATECAST_INLINE Reduced<T> reduce(Vec<T> x) {
  using E = Exponential<T>;
  const Vec<T> rounder = broadcast<T>(E::rounder);
  const Vec<T> shifted = x * broadcast<T>(E::log2e) + rounder;
  const Vec<T> n = shifted - rounder;
  const Vec<T> high = x - n * broadcast<T>(E::ln2_high), low = n * broadcast<T>(E::ln2_low);
  const Vec<T> r = high - low;
  constexpr int degree = sizeof(E::q) / sizeof(T) - 1;
  Vec<T> q = broadcast<T>(E::q[degree]);
#pragma GCC unroll 16
  for (int k = degree - 1; k >= 0; --k) q = q * r + broadcast<T>(E::q[k]);
  if constexpr (sizeof(T) == 8 || !kFused) {
    return {(r * r * q + ((high - r) - low)) + r, n, shifted};  // with what r lost in rounding
  } else {
    return {r * r * q + r, n, shifted};
  }
}

// 2ⁿ from the bits of n + rounder, whose low ones are n.
template <class T>
GATECAST_INLINE Vec<T> power_of_two(Vec<T> shifted) {
  using E = Exponential<T>;
  return as<Vec<T>>((as<IntVec<T>>(shifted) << E::mantissa) + (Int<T>{E::bias} << E::mantissa));
}

template <class T>
GATECAST_INLINE Vec<T> at_most(Vec<T> x, T high) {  // NaN stays
  const Vec<T> bound = broadcast<T>(high);
  return x > bound ? bound : x;
}

template <class T>
GATECAST_INLINE IntVec<T> sign_of(Vec<T> x) {
  return as<IntVec<T>>(x) & as<IntVec<T>>(broadcast<T>(T(-0.0)));
}

template <class T>
GATECAST_INLINE Vec<T> minus_absolute(Vec<T> x) {
  return as<Vec<T>>(as<IntVec<T>>(x) | as<IntVec<T>>(broadcast<T>(T(-0.0))));
}

template <class T>
GATECAST_INLINE Vec<T> exp_bounded(Vec<T> x) {
  const Reduced<T> part = reduce<T>(x);
#if defined(__AVX512F__)
  return scale_by_power(part.em1 + broadcast<T>(T(1)), part.n);
#else
  // Two factors 2ⁿ¹·2ⁿ² reach the subnormal numbers and infinity, which one could not.
  using E = Exponential<T>;
  const IntVec<T> n = as<IntVec<T>>(part.shifted) - as<IntVec<T>>(broadcast<T>(E::rounder));
  const IntVec<T> half = n >> 1;
  const Vec<T> first = as<Vec<T>>((half + Int<T>{E::bias}) << E::mantissa);
  const Vec<T> second = as<Vec<T>>((n - half + Int<T>{E::bias}) << E::mantissa);
  return (part.em1 * first + first) * second;
#endif
}

template <class T>
GATECAST_INLINE Vec<T> exponential(Vec<T> x) {
  using E = Exponential<T>;
  return exp_bounded<T>(at_most<T>(at_least(x, broadcast<T>(E::lowest)), E::highest));
}

// a / (b + low) for b in [1, 2], where `low` is what the rounding of b took away.  In float32 on
// a processor with FMA a rough reciprocal, one cubic step and a correction of the quotient
// replace the divider, whose throughput would bound the LSTM's five divisions per unit;
// elsewhere the divider is the better choice.
template <class T>
GATECAST_INLINE Vec<T> quotient(Vec<T> a, Vec<T> b, Vec<T> low) {
  if constexpr (sizeof(T) == 4 && kFused) {
    Vec<T> r = reciprocal_start(b);
    const Vec<T> e = T(1) - b * r;
#if defined(__AVX512F__)
    r = r * e + r;  // 4e-9
#else
    r = r + r * (e * e + e);  // 5e-9
#endif
    const Vec<T> q = a * r;
    return q + ((a - q * b) - q * low) * r;
  }
  const Vec<T> q = a / b;
  return q - q * low * (T(1.457) - T(0.4857) * b);  // the last factor is 1/b within 6 %
}

// σ(x) = 1 / (1 + e^-x); for x < 0 the same as e^x / (1 + e^x).
template <class T>
GATECAST_INLINE Vec<T> sigmoid(Vec<T> x) {
  const Vec<T> e =
      exp_bounded<T>(at_least(minus_absolute<T>(x), broadcast<T>(Exponential<T>::lowest)));
  const Vec<T> one = broadcast<T>(T(1));
  const Vec<T> b = one + e;
  return quotient<T>(x < Vec<T>{} ? e : one, b, e - (b - one));
}

// With E = e^-2|x| and m = 1 - E: tanh|x| = m / (2 - m), which keeps the relative precision
// near 0, and 1 - 2E / (2 - m) further out, where the rounding of m would show.
template <class T>
GATECAST_INLINE Vec<T> tanh(Vec<T> x) {
  const Vec<T> one = broadcast<T>(T(1)), two = broadcast<T>(T(2));
  const Vec<T> twice = minus_absolute<T>(x) * two;
  const Reduced<T> part = reduce<T>(at_least(twice, broadcast<T>(T(-80))));
  const Vec<T> scale = power_of_two<T>(part.shifted);
  const Vec<T> m = (one - scale) - part.em1 * scale;
  const Vec<T> b = two - m;
  const Vec<T> far = (part.em1 * scale + scale) * two;
  const IntVec<T> is_far = twice < broadcast<T>(T(-1.5));
  const Vec<T> q = quotient<T>(is_far ? far : m, b, (two - b) - m);
  const Vec<T> t = is_far ? one - q : q;
  return as<Vec<T>>(as<IntVec<T>>(t) | sign_of<T>(x));
}

}  // namespace gatecast::GATECAST_ISA
