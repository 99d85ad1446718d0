// Gradients of weights: Σ over steps and rows of da ⊗ b, shard by shard, in a fixed order.
#pragma once

#include "gatecast/layer.hpp"
#include "gatecast/pack.hpp"

namespace gatecast::GATECAST_ISA {

// Distance between the rows of da: an odd number of cache lines, so that a column of it does
// not fall into a few sets of the first-level cache.
template <class T>
GATECAST_INLINE long gate_row(long columns) {
  constexpr long line = 64 / static_cast<long>(sizeof(T));
  const long lines = (columns + kLanes<T> - 1 + line) / line;
  return (lines | 1) * line;
}

// Rows of all steps that one product sums over: enough that reading and writing the sums costs
// little beside it, few enough that da stays in the second-level cache.
inline long steps_per_chunk(long rows, long hidden) {
  const long wanted = hidden >= 384 ? 512 : hidden >= 192 ? 96 : 128;
  return rows >= wanted ? 1 : (wanted + rows - 1) / (rows > 0 ? rows : 1);
}

// A sum C (M, N) of outer products.  For N shorter than a vector its transpose is summed, where
// the vectors run along M.
template <class T>
class OuterSum {
 public:
  OuterSum(long m, long n) : m_(m), n_(n), swapped_(n < kLanes<T>) {}

  long size() const { return swapped_ ? n_ * padded<T>(m_) : m_ * padded<T>(n_); }

  // Size of the packed right factor for k rows.
  long right_size(long k) const { return swapped_ ? n_ * k + kLanes<T> : packed_size<T>(n_, k); }

  // Rows [first, first + count) of the k rows of the right factor.
  void pack_right(T* to, long k, long first, const T* from, long count) const {
    if (swapped_) {
      std::memcpy(to + first * n_, from, sizeof(T) * static_cast<std::size_t>(count * n_));
    } else {
      pack_rows<T>(to, k, first, from, n_, count, n_);
    }
  }

  // C = start + daᵀ·right, summed over k rows; da stands in rows `da_step` apart.
  void add(T* sum, const T* da, long da_step, const T* right, long k, Start start) const {
    if (swapped_) {
      const Term<T> term{{right, 1, n_}, da, k, da_step};
      product_transposed<T>(n_, m_, term, {sum, padded<T>(m_), start});
    } else {
      const Term<T> term{{da, 1, da_step}, right, k};
      product_transposed<T>(m_, n_, term, {sum, padded<T>(n_), start});
    }
  }

  // to (M, N) = or += Σ over shards of their sums, which stand `sum_step` apart.
  void reduce(T* to, T* sums, long sum_step, long shards, bool add) const {
    const long total = size();
    for (long s = 1; s < shards; ++s) {
      for (long j = 0; j < total; j += kLanes<T>) {
        store(sums + j, load(sums + j) + load(sums + s * sum_step + j));
      }
    }
    swapped_ ? write_swapped(to, sums, add) : write(to, sums, add);
  }

 private:
  void write(T* to, const T* sum, bool add) const {
    for (long m = 0; m < m_; ++m) {
      for (long j = 0; j < n_; j += kLanes<T>) {
        const Lanes<T> lanes(n_ - j);
        Vec<T> v = load(sum + m * padded<T>(n_) + j);
        if (add) v = lanes.load(to + m * n_ + j) + v;
        lanes.store(to + m * n_ + j, v);
      }
    }
  }

  void write_swapped(T* to, const T* sum, bool add) const {
    const long step = padded<T>(m_);
    for (long m = 0; m < m_; ++m) {
      for (long j = 0; j < n_; ++j) {
        const T value = sum[j * step + m];
        to[m * n_ + j] = add ? to[m * n_ + j] + value : value;
      }
    }
  }

  long m_, n_;
  bool swapped_;
};

// sum (padded) = start + Σ of `rows` rows of da: the gradient of a bias.
template <class T>
void sum_rows(T* sum, const T* da, long da_step, long rows, long columns, bool first) {
  for (long j = 0; j < columns; j += kLanes<T>) {
    Vec<T> total = first ? Vec<T>{} : load(sum + j);
    for (long r = 0; r < rows; ++r) total += load(da + r * da_step + j);
    store(sum + j, total);
  }
}

// to = or += Σ over shards; null is passed over.
template <class T>
void reduce_bias(T* to, const T* sums, long sum_step, long shards, long count, bool add) {
  if (to == nullptr) return;
  for (long j = 0; j < count; j += kLanes<T>) {
    const Lanes<T> lanes(count - j);
    Vec<T> total = load(sums + j);
    for (long s = 1; s < shards; ++s) total += load(sums + s * sum_step + j);
    if (add) total = lanes.load(to + j) + total;
    lanes.store(to + j, total);
  }
}

}  // namespace gatecast::GATECAST_ISA
