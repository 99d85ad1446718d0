// Products of a few rows with weights as they are stored: one step of a stream, for which packing
// the weights would cost more than the product.
#pragma once

#include "gatecast/pack.hpp"

namespace gatecast::GATECAST_ISA {

// Fewer rows in a whole call than this are not worth packing for.
constexpr long kRowsWorthPacking = 4;

// `count` dot products of a with rows of a matrix that stand k apart, each a vector of sums.
template <class T>
GATECAST_INLINE void add_dots(Vec<T> (&sums)[kLanes<T>], const T* a, const T* matrix, long k,
                              long count) {
  for (long begin = 0; begin < k; begin += kLanes<T>) {
    const Lanes<T> lanes(k - begin);
    const Vec<T> v = lanes.load(a + begin);
    for (int m = 0; m < kLanes<T>; ++m) {
      if (m < count) sums[m] += v * lanes.load(matrix + m * k + begin);
    }
  }
}

// C = start + Σ A·Bᵀ with stored B, a vector of columns at a time.
template <class T>
void product_stored(long rows, long columns, const Term<T>* terms, int count, Target<T> c) {
  for (long r = 0; r < rows; ++r) {
    for (long j = 0; j < columns; j += kLanes<T>) {
      const Lanes<T> lanes(columns - j);
      Vec<T> sums[kLanes<T>] = {};
      for (int t = 0; t < count; ++t) {
        const T* a = terms[t].a.data + r * terms[t].a.row_step;
        add_dots<T>(sums, a, terms[t].stored + j * terms[t].k, terms[t].k,
                    terms[t].stored_columns - j);
      }
      transpose_square<T>(sums);
      Vec<T> total = sums[0];
      for (int m = 1; m < kLanes<T>; ++m) total += sums[m];
      T* to = c.data + r * c.row_step + j;
      if (c.start == Start::bias) total += load(c.bias + j);
      if (c.start == Start::keep) total += lanes.load(to);
      lanes.store(to, total);
    }
  }
}

// C (rows, columns) = start + Σ A·B, for one or two terms.
template <class T>
void product(long rows, long columns, const Term<T>* terms, int count, Target<T> c) {
  if (terms->stored != nullptr) {
    product_stored<T>(rows, columns, terms, count, c);
  } else {
    product_of<T, true>(rows, columns, terms, count, c);
  }
}

// Weights (columns, k) for forward products: packed, or as they are in a short call.
template <class T>
struct ForwardWeights {
  T* packed = nullptr;
  const T* stored = nullptr;
  long columns = 0, k = 0;

  static long size(const Sequence& seq, long columns, long k) {
    return seq.steps * seq.batch < kRowsWorthPacking ? 0 : packed_size<T>(columns, k);
  }

  void prepare(const Sequence& seq, const T* weights, long width, long depth) {
    columns = width;
    k = depth;
    if (seq.steps * seq.batch < kRowsWorthPacking) {
      stored = weights;
    } else {
      pack_transposed<T>(packed, weights, width, depth);
    }
  }

  Term<T> times(Left<T> a) const { return {a, packed, k, 0, stored, columns}; }
};

}  // namespace gatecast::GATECAST_ISA
