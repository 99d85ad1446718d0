// Copies of matrices in the order in which a product reads them: panels of columns.
#pragma once

#include <utility>

#include "gatecast/product.hpp"

namespace gatecast::GATECAST_ISA {

template <class T>
GATECAST_INLINE long panel_width(long columns, long begin) {
  const long left = padded<T>(columns - begin);
  return left < kPanel<T> ? left : kPanel<T>;
}

// Interleaves two vectors: (a0 b0 a1 b1 ...) of their lower or upper halves.
template <class T, int... I>
GATECAST_INLINE void interleave(Vec<T>& a, Vec<T>& b, std::integer_sequence<int, I...>) {
  constexpr int n = kLanes<T>;
  const Vec<T> low = __builtin_shufflevector(a, b, (I % 2 ? n + I / 2 : I / 2)...);
  const Vec<T> high = __builtin_shufflevector(a, b, (I % 2 ? n + n / 2 + I / 2 : n / 2 + I / 2)...);
  a = low;
  b = high;
}

// Transposes a square of vectors: log2(n) perfect shuffles of row k with row k + n/2.
template <class T>
GATECAST_INLINE void transpose_square(Vec<T> (&v)[kLanes<T>]) {
  constexpr int n = kLanes<T>;
  Vec<T> next[n];
#pragma GCC unroll 6
  for (int width = 1; width < n; width *= 2) {
#pragma GCC unroll 16
    for (int k = 0; k < n / 2; ++k) {
      Vec<T> a = v[k], b = v[k + n / 2];
      interleave<T>(a, b, std::make_integer_sequence<int, n>{});
      next[2 * k] = a;
      next[2 * k + 1] = b;
    }
#pragma GCC unroll 16
    for (int k = 0; k < n; ++k) v[k] = next[k];
  }
}

// to[k·to_step + m] = from[m·from_step + k] for m < rows <= one vector, zero for the lanes
// beyond.  Writes whole vectors.
template <class T>
void transpose_strip(T* to, long to_step, const T* from, long from_step, long rows, long count) {
  constexpr int n = kLanes<T>;
  Vec<T> v[n];
  for (long begin = 0; begin < count; begin += n) {
    const long here = count - begin < n ? count - begin : n;
    const Lanes<T> lanes(here);
    for (int m = 0; m < n; ++m) {
      v[m] = m < rows ? lanes.load(from + m * from_step + begin) : Vec<T>{};
    }
    transpose_square<T>(v);
    for (long k = 0; k < here; ++k) store(to + (begin + k) * to_step, v[k]);
  }
}

// Panels of B = Mᵀ for a stored M (columns, k): how weights serve a forward product.
template <class T>
void pack_transposed(T* to, const T* matrix, long columns, long k) {
  for (long begin = 0; begin < columns; begin += kPanel<T>) {
    const long width = panel_width<T>(columns, begin);
    for (long strip = 0; strip < width; strip += kLanes<T>) {
      const long row = begin + strip;
      const long rows = columns - row < kLanes<T> ? columns - row : kLanes<T>;
      transpose_strip<T>(to + begin * k + strip, width, matrix + row * k, k, rows, k);
    }
  }
}

// Rows [first, first + count) of the panels of a B with k rows, from rows that stand
// `from_step` apart.
template <class T>
void pack_rows(T* to, long k, long first, const T* from, long from_step, long count, long columns) {
  for (long begin = 0; begin < columns; begin += kPanel<T>) {
    const long width = panel_width<T>(columns, begin);
    T* panel = to + begin * k + first * width;
    for (long row = 0; row < count; ++row) {
      for (long j = 0; j < width; j += kLanes<T>) {
        const Lanes<T> lanes(columns - begin - j);
        store(panel + row * width + j, lanes.load(from + row * from_step + begin + j));
      }
    }
  }
}

// Panels of a stored B (k, columns): how weights serve a backward product.
template <class T>
void pack(T* to, const T* matrix, long columns, long k) {
  pack_rows<T>(to, k, 0, matrix, columns, k, columns);
}

// a + b (either may be null: zero), padded with zeros to whole vectors.
template <class T>
void pack_bias(T* to, const T* a, const T* b, long count) {
  for (long j = 0; j < count; j += kLanes<T>) {
    const Lanes<T> lanes(count - j);
    Vec<T> sum{};
    if (a != nullptr) sum += lanes.load(a + j);
    if (b != nullptr) sum += lanes.load(b + j);
    store(to + j, sum);
  }
}

// Cuts one piece of memory into aligned arrays.
template <class T>
class Cutter {
 public:
  // Without memory it only counts.
  explicit Cutter(T* memory = nullptr) : memory_(memory) {}

  T* cut(long count) {
    T* piece = memory_ == nullptr ? nullptr : memory_ + used_;
    used_ += (count + 63) / 64 * 64;
    return piece;
  }
  long used() const { return used_; }

 private:
  T* memory_;
  long used_ = 0;
};

}  // namespace gatecast::GATECAST_ISA
