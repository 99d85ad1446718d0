// Vectors of the widest kind that this translation unit is compiled for.
//
// GCC and clang vector extensions do the work.  This file alone names an instruction set, for
// what the extensions have no word: masked loads and stores, and two steps of the activations
// that AVX-512 does in one instruction.
#pragma once

#include <cstdint>
#include <cstring>

#if defined(__AVX512F__)
#include <immintrin.h>
#endif

#ifndef GATECAST_ISA
#error "compile with -DGATECAST_ISA=<name>: each instruction set has its own namespace"
#endif

#define GATECAST_INLINE inline __attribute__((always_inline))

namespace gatecast::GATECAST_ISA {

// While this lives, numbers too small to be normal count as zero on this thread.  Gradients that
// fade away over long sequences end there, and the processor takes a hundred times as long for
// each operation on them.
class FlushSubnormals {
 public:
  FlushSubnormals() : before_(read()) { write(before_ | kFlush); }
  ~FlushSubnormals() { write(before_); }
  FlushSubnormals(const FlushSubnormals&) = delete;
  FlushSubnormals& operator=(const FlushSubnormals&) = delete;

 private:
#if defined(__x86_64__)
  using Word = unsigned;
  static constexpr Word kFlush = 0x8040;  // flush to zero, subnormals are zero
  static Word read() { return __builtin_ia32_stmxcsr(); }
  static void write(Word word) { __builtin_ia32_ldmxcsr(word); }
#elif defined(__aarch64__)
  using Word = std::uint64_t;
  static constexpr Word kFlush = Word{1} << 24;
  static Word read() {
    Word word;
    __asm__ volatile("mrs %0, fpcr" : "=r"(word));
    return word;
  }
  static void write(Word word) { __asm__ volatile("msr fpcr, %0" : : "r"(word)); }
#else
  using Word = unsigned;
  static constexpr Word kFlush = 0;
  static Word read() { return 0; }
  static void write(Word) {}
#endif
  Word before_;
};

#if defined(__AVX512F__)
constexpr int kVectorBytes = 64;
#elif defined(__AVX2__)
constexpr int kVectorBytes = 32;
#else
constexpr int kVectorBytes = 16;
#endif

template <class T>
struct VectorOf;

template <>
struct VectorOf<float> {
  typedef float Values __attribute__((vector_size(kVectorBytes)));
  typedef std::int32_t Integers __attribute__((vector_size(kVectorBytes)));
  typedef std::int32_t Integer;
};

template <>
struct VectorOf<double> {
  typedef double Values __attribute__((vector_size(kVectorBytes)));
  typedef std::int64_t Integers __attribute__((vector_size(kVectorBytes)));
  typedef std::int64_t Integer;
};

template <class T>
using Vec = typename VectorOf<T>::Values;
template <class T>
using IntVec = typename VectorOf<T>::Integers;
template <class T>
using Int = typename VectorOf<T>::Integer;

template <class T>
constexpr int kLanes = kVectorBytes / static_cast<int>(sizeof(T));

// Smallest multiple of the vector length that holds n values.
template <class T>
GATECAST_INLINE constexpr long padded(long n) {
  return (n + kLanes<T> - 1) / kLanes<T> * kLanes<T>;
}

template <class T>
GATECAST_INLINE Vec<T> broadcast(T value) {
  return value - Vec<T>{};  // x - 0 is x for every x, -0 and NaN included
}

template <class T>
GATECAST_INLINE Vec<T> load(const T* from) {
  Vec<T> v;
  std::memcpy(&v, from, sizeof v);
  return v;
}

template <class T>
GATECAST_INLINE void store(T* to, Vec<T> v) {
  std::memcpy(to, &v, sizeof v);
}

template <class V, class I>
GATECAST_INLINE V as(I v) {
  static_assert(sizeof(V) == sizeof(I), "only the type changes");
  V out;
  std::memcpy(&out, &v, sizeof out);
  return out;
}

// The first `count` lanes of a vector: what is left at the end of a row.
template <class T>
class Lanes {
 public:
  GATECAST_INLINE explicit Lanes(long count) : count_(count < kLanes<T> ? count : kLanes<T>) {}

  GATECAST_INLINE Vec<T> load(const T* from) const;
  GATECAST_INLINE void store(T* to, Vec<T> v) const;

 private:
  long count_;
};

#if defined(__AVX512F__)

template <>
GATECAST_INLINE Vec<float> Lanes<float>::load(const float* from) const {
  return as<Vec<float>>(_mm512_maskz_loadu_ps(static_cast<__mmask16>((1u << count_) - 1), from));
}
template <>
GATECAST_INLINE void Lanes<float>::store(float* to, Vec<float> v) const {
  _mm512_mask_storeu_ps(to, static_cast<__mmask16>((1u << count_) - 1), as<__m512>(v));
}
template <>
GATECAST_INLINE Vec<double> Lanes<double>::load(const double* from) const {
  return as<Vec<double>>(_mm512_maskz_loadu_pd(static_cast<__mmask8>((1u << count_) - 1), from));
}
template <>
GATECAST_INLINE void Lanes<double>::store(double* to, Vec<double> v) const {
  _mm512_mask_storeu_pd(to, static_cast<__mmask8>((1u << count_) - 1), as<__m512d>(v));
}

// 1 / b for b in [1, 2], within 6e-5.
GATECAST_INLINE Vec<float> reciprocal_start(Vec<float> b) {
  return as<Vec<float>>(_mm512_maskz_rcp14_ps(0xffff, as<__m512>(b)));
}

// v·2ⁿ with n a whole number, rounded once, subnormal results included.
GATECAST_INLINE Vec<float> scale_by_power(Vec<float> v, Vec<float> n) {
  return as<Vec<float>>(_mm512_maskz_scalef_ps(0xffff, as<__m512>(v), as<__m512>(n)));
}
GATECAST_INLINE Vec<double> scale_by_power(Vec<double> v, Vec<double> n) {
  return as<Vec<double>>(_mm512_maskz_scalef_pd(0xff, as<__m512d>(v), as<__m512d>(n)));
}

// The larger of bound and v; NaN stays.
GATECAST_INLINE Vec<float> at_least(Vec<float> v, Vec<float> bound) {
  return as<Vec<float>>(_mm512_maskz_max_ps(0xffff, as<__m512>(bound), as<__m512>(v)));
}
GATECAST_INLINE Vec<double> at_least(Vec<double> v, Vec<double> bound) {
  return as<Vec<double>>(_mm512_maskz_max_pd(0xff, as<__m512d>(bound), as<__m512d>(v)));
}

#else

template <class V>
GATECAST_INLINE V at_least(V v, V bound) {
  return v < bound ? bound : v;
}

// A cubic in b, within 1.8e-3.
GATECAST_INLINE Vec<float> reciprocal_start(Vec<float> b) {
  Vec<float> r = b * -0.22183708838821490f + 1.3310225303292894f;
  r = r * b + -2.9393414211438475f;
  return r * b + 2.8284228769497400f;
}

// Pieces of 8, 4, 2 and 1 values: memcpy of a variable size would be a function call.
template <class T>
GATECAST_INLINE void copy_pieces(T* to, const T* from, long count) {
  if constexpr (kLanes<T> > 8) {
    if (count & 8) std::memcpy(to, from, 8 * sizeof(T)), to += 8, from += 8;
  }
  if constexpr (kLanes<T> > 4) {
    if (count & 4) std::memcpy(to, from, 4 * sizeof(T)), to += 4, from += 4;
  }
  if constexpr (kLanes<T> > 2) {
    if (count & 2) std::memcpy(to, from, 2 * sizeof(T)), to += 2, from += 2;
  }
  if (count & 1) *to = *from;
}

template <class T>
GATECAST_INLINE Vec<T> Lanes<T>::load(const T* from) const {
  if (count_ == kLanes<T>) return GATECAST_ISA::load(from);
  T values[kLanes<T>] = {};
  copy_pieces(values, from, count_);
  return GATECAST_ISA::load(values);
}
template <class T>
GATECAST_INLINE void Lanes<T>::store(T* to, Vec<T> v) const {
  if (count_ == kLanes<T>) return GATECAST_ISA::store(to, v);
  T values[kLanes<T>];
  GATECAST_ISA::store(values, v);
  copy_pieces(to, values, count_);
}

#endif

}  // namespace gatecast::GATECAST_ISA
