// Matrix products for the shapes of a recurrence: C = A·B + ..., B packed once a call.
//
// A tile of up to 6 rows by 4 vectors of C (24 of the 32 registers of AVX-512; 6 by 2 where
// there are 16) stays in registers while k runs.  Each step of k loads the vectors of one row of
// a packed panel of B and broadcasts one value of each row of A: 10 loads for 24
// multiply-adds.  Every element of C is one chain of multiply-adds in the order of k, whatever
// the tile, so results do not depend on how the rows are cut.
#pragma once

#include "gatecast/simd.hpp"

namespace gatecast::GATECAST_ISA {

#if defined(__AVX512F__) || defined(__aarch64__)
constexpr int kTileVectors = 4;
#else
constexpr int kTileVectors = 2;
#endif
constexpr int kTileRows = 6;
constexpr int kNarrowRows = 12;  // one vector wide: more rows hide the latency of the multiply-add

template <class T>
constexpr long kPanel = kTileVectors * kLanes<T>;

// Columns [0, n) of B cut into panels: all of kPanel columns but the last, which is padded to
// whole vectors only.  Panel p of a B with k rows begins at p·kPanel·k.
template <class T>
GATECAST_INLINE long packed_size(long n, long k) {
  return padded<T>(n) * k;
}

// A view of the left factor.  `k_step` is 1 and `row_step` the row length where it is stored by
// rows; the other way round where the product is with its transpose.
template <class T>
struct Left {
  const T* data;
  long row_step;
  long k_step;
};

// One term A·B of a product: several terms share one pass over C.
template <class T>
struct Term {
  Left<T> a;
  const T* packed;  // panels of B
  long k;
  long b_step = 0;            // not 0: B is not packed, its rows are this far apart (and padded)
  const T* stored = nullptr;  // instead of `packed`: B transposed, (columns, k), as weights are
  long stored_columns = 0;
};

enum class Start { zero, bias, keep };  // what C begins with: 0, a row vector, or what it holds

template <class T>
struct Target {
  T* data;
  long row_step;
  Start start = Start::zero;
  const T* bias = nullptr;  // padded to whole vectors
};

template <class T, int Rows, int Vectors, bool ByRows>
GATECAST_INLINE void accumulate(Vec<T> (&c)[Rows][Vectors], const Term<T>& term) {
  Left<T> a = term.a;
  const T* b = term.packed;
  const long b_step = term.b_step != 0 ? term.b_step : Vectors * kLanes<T>;
  const T* rows[Rows];
#pragma GCC unroll 16
  for (int m = 0; m < Rows; ++m) rows[m] = a.data + m * a.row_step;
  for (long step = 0; step < term.k; ++step) {
    Vec<T> bv[Vectors];
#pragma GCC unroll 4
    for (int v = 0; v < Vectors; ++v) bv[v] = load(b + v * kLanes<T>);
#pragma GCC unroll 16
    for (int m = 0; m < Rows; ++m) {
      const Vec<T> av = broadcast<T>(ByRows ? rows[m][step] : a.data[m]);
#pragma GCC unroll 4
      for (int v = 0; v < Vectors; ++v) c[m][v] += av * bv[v];
    }
    b += b_step;
    if (!ByRows) a.data += a.k_step;
  }
}

// One tile of C.  `columns` is how many of its columns exist (the last vector may be partial).
template <class T, int Rows, int Vectors, bool ByRows>
__attribute__((noinline)) void tile(const Term<T>* terms, int count, Target<T> c, long columns) {
  Vec<T> sum[Rows][Vectors];
  const bool whole = columns == Vectors * kLanes<T>;
  const Lanes<T> last(columns - (Vectors - 1) * kLanes<T>);
#pragma GCC unroll 16
  for (int m = 0; m < Rows; ++m) {
#pragma GCC unroll 4
    for (int v = 0; v < Vectors; ++v) {
      const T* from = c.data + m * c.row_step + v * kLanes<T>;
      if (c.start == Start::zero) {
        sum[m][v] = Vec<T>{};
      } else if (c.start == Start::bias) {
        sum[m][v] = load(c.bias + v * kLanes<T>);
      } else {
        sum[m][v] = whole || v < Vectors - 1 ? load(from) : last.load(from);
      }
    }
  }
  for (int t = 0; t < count; ++t) {
    accumulate<T, Rows, Vectors, ByRows>(sum, terms[t]);
  }
#pragma GCC unroll 16
  for (int m = 0; m < Rows; ++m) {
#pragma GCC unroll 4
    for (int v = 0; v < Vectors; ++v) {
      T* to = c.data + m * c.row_step + v * kLanes<T>;
      if (whole || v < Vectors - 1) {
        store(to, sum[m][v]);
      } else {
        last.store(to, sum[m][v]);
      }
    }
  }
}

template <class T, int Vectors, bool ByRows>
GATECAST_INLINE void tile_of(long rows, const Term<T>* terms, int count, Target<T> c,
                             long columns) {
  switch (rows) {
    case 1: return tile<T, 1, Vectors, ByRows>(terms, count, c, columns);
    case 2: return tile<T, 2, Vectors, ByRows>(terms, count, c, columns);
    case 3: return tile<T, 3, Vectors, ByRows>(terms, count, c, columns);
    case 4: return tile<T, 4, Vectors, ByRows>(terms, count, c, columns);
    case 5: return tile<T, 5, Vectors, ByRows>(terms, count, c, columns);
    case 6: return tile<T, 6, Vectors, ByRows>(terms, count, c, columns);
    default: return tile<T, kNarrowRows, Vectors, ByRows>(terms, count, c, columns);
  }
}

// All rows of one panel, in tiles of nearly equal height.
template <class T, int Vectors, bool ByRows>
void panel_rows(long rows, const Term<T>* terms, int count, Target<T> c, long columns) {
  Term<T> here[2] = {terms[0], terms[count - 1]};
  const auto advance = [&](long height) {
    for (int t = 0; t < count; ++t) here[t].a.data += height * here[t].a.row_step;
    c.data += height * c.row_step;
    rows -= height;
  };
  if constexpr (Vectors == 1) {
    while (rows >= kNarrowRows) {
      tile<T, kNarrowRows, Vectors, ByRows>(here, count, c, columns);
      advance(kNarrowRows);
    }
  }
  for (long tiles = (rows + kTileRows - 1) / kTileRows; tiles > 0; --tiles) {
    const long height = (rows + tiles - 1) / tiles;
    tile_of<T, Vectors, ByRows>(height, here, count, c, columns);
    advance(height);
  }
}

template <class T, bool ByRows>
void product_of(long rows, long columns, const Term<T>* terms, int count, Target<T> c) {
  for (long begin = 0; begin < columns; begin += kPanel<T>) {
    Term<T> here[2] = {terms[0], terms[count - 1]};
    for (int t = 0; t < count; ++t)
      here[t].packed += here[t].b_step != 0 ? begin : begin * here[t].k;
    const Target<T> to{c.data + begin, c.row_step, c.start,
                       c.start == Start::bias ? c.bias + begin : nullptr};
    const long width = columns - begin < kPanel<T> ? columns - begin : kPanel<T>;
    switch ((width + kLanes<T> - 1) / kLanes<T>) {
      case 1: panel_rows<T, 1, ByRows>(rows, here, count, to, width); break;
      case 2: panel_rows<T, 2, ByRows>(rows, here, count, to, width); break;
#if defined(__AVX512F__) || defined(__aarch64__)
      case 3: panel_rows<T, 3, ByRows>(rows, here, count, to, width); break;
      default: panel_rows<T, 4, ByRows>(rows, here, count, to, width); break;
#endif
    }
  }
}

// C (rows, columns) = start + Aᵀ·B: A is stored (k, rows).  Blocks of rows keep the share of A
// that all panels read in the second-level cache.
template <class T>
void product_transposed(long rows, long columns, Term<T> term, Target<T> c) {
  constexpr long block = 8 * kNarrowRows;
  for (long begin = 0; begin < rows; begin += block) {
    const long count = rows - begin < block ? rows - begin : block;
    product_of<T, false>(count, columns, &term, 1, c);
    term.a.data += block;
    c.data += block * c.row_step;
  }
}

}  // namespace gatecast::GATECAST_ISA
