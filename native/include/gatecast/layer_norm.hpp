// Rows of layer normalisation, dropout and zoneout: the options of the extended cells.
#pragma once

#include "gatecast/extended.hpp"
#include "gatecast/vector.hpp"

namespace gatecast::GATECAST_ISA {

// pointer + by; null stays null.
template <class T>
GATECAST_INLINE T* offset(T* pointer, long by) {
  return pointer == nullptr ? nullptr : pointer + by;
}

template <class T>
GATECAST_INLINE T sum_of_lanes(Vec<T> v) {
  T total = 0;
  for (int k = 0; k < kLanes<T>; ++k) total += v[k];
  return total;
}

// row = (row - mean) / √(variance + ε), of count values; gives the factor back.
template <class T>
T normalise(T* row, long count) {
  const T share = T(1) / static_cast<T>(count > 0 ? count : 1);
  Vec<T> sum{}, squares{};
  for (long j = 0; j < count; j += kLanes<T>) sum += Lanes<T>(count - j).load(row + j);
  const Vec<T> mean = broadcast<T>(sum_of_lanes<T>(sum) * share);
  for (long j = 0; j < count; j += kLanes<T>) {
    const Lanes<T> lanes(count - j);
    lanes.store(row + j, lanes.load(row + j) - mean);
    const Vec<T> centred = lanes.load(row + j);  // lanes past the end are zero again
    squares += centred * centred;
  }
  const T precision =
      T(1) / square_root<T>(broadcast<T>(sum_of_lanes<T>(squares) * share + T(1e-5)))[0];
  for (long j = 0; j < count; j += kLanes<T>) {
    const Lanes<T> lanes(count - j);
    lanes.store(row + j, lanes.load(row + j) * precision);
  }
  return precision;
}

// The gradient by what was normalised, in place of the gradient by the normed row times gain.
template <class T>
void normalise_backward(T* row, const T* gain, const T* normed, T precision, long count) {
  const T share = T(1) / static_cast<T>(count > 0 ? count : 1);
  Vec<T> sum{}, along{};
  for (long j = 0; j < count; j += kLanes<T>) {
    const Lanes<T> lanes(count - j);
    const Vec<T> d = lanes.load(row + j) * lanes.load(gain + j);
    sum += d;
    along += d * lanes.load(normed + j);
    lanes.store(row + j, d);
  }
  const T mean = sum_of_lanes<T>(sum) * share, part = sum_of_lanes<T>(along) * share;
  for (long j = 0; j < count; j += kLanes<T>) {
    const Lanes<T> lanes(count - j);
    const Vec<T> d = lanes.load(row + j) - mean - lanes.load(normed + j) * part;
    lanes.store(row + j, d * precision);
  }
}

// row = gain·norm(row) + bias; normed and precision are kept.  Without gain only the bias.
template <class T>
void finish_side(T* row, long count, const T* gain, const T* bias, T* normed, T* precision) {
  if (gain != nullptr) {
    *precision = normalise(row, count);
    std::memcpy(normed, row, sizeof(T) * static_cast<std::size_t>(count));
  }
  for (long j = 0; j < count; j += kLanes<T>) {
    const Lanes<T> lanes(count - j);
    Vec<T> v = lanes.load(row + j);
    if (gain != nullptr) v = v * lanes.load(gain + j);
    if (bias != nullptr) v = v + lanes.load(bias + j);
    lanes.store(row + j, v);
  }
}

// sum += a, or a·b
template <class T>
void add_to_sum(T* sum, const T* a, const T* b, long count) {
  for (long j = 0; j < count; j += kLanes<T>) {
    const Lanes<T> lanes(count - j);
    Vec<T> v = lanes.load(a + j);
    if (b != nullptr) v = v * lanes.load(b + j);
    lanes.store(sum + j, lanes.load(sum + j) + v);
  }
}

// to = a·b; without b a copy.
template <class T>
void masked_row(T* to, const T* a, const T* b, long count) {
  for (long j = 0; j < count; j += kLanes<T>) {
    const Lanes<T> lanes(count - j);
    const Vec<T> v = lanes.load(a + j);
    lanes.store(to + j, b == nullptr ? v : v * lanes.load(b + j));
  }
}

template <class T>
GATECAST_INLINE Vec<T> share_at(const Shares<T>& shares, const T* row, long j, Lanes<T> lanes) {
  return shares.of_value == 0 ? broadcast<T>(*row) : lanes.load(row + j);
}

// to = keep·old + (1 - keep)·new, the zoneout of one row.
template <class T>
void mix_row(const Shares<T>& shares, long step, long row, const T* fresh, const T* old, T* to,
             long count) {
  const T* keep = shares.data == nullptr ? nullptr : shares.row(step, row);
  for (long j = 0; j < count; j += kLanes<T>) {
    const Lanes<T> lanes(count - j);
    Vec<T> v = lanes.load(fresh + j);
    if (keep != nullptr) {
      const Vec<T> k = share_at(shares, keep, j, lanes);
      v = k * lanes.load(old + j) + (T(1) - k) * v;
    }
    lanes.store(to + j, v);
  }
}

// Its backward: d becomes the gradient by the old state, `fresh` that by the new one.
template <class T>
void unmix_row(const Shares<T>& shares, long step, long row, T* d, T* fresh, long count) {
  const T* keep = shares.data == nullptr ? nullptr : shares.row(step, row);
  for (long j = 0; j < count; j += kLanes<T>) {
    const Lanes<T> lanes(count - j);
    const Vec<T> v = lanes.load(d + j);
    const Vec<T> k = keep == nullptr ? Vec<T>{} : share_at(shares, keep, j, lanes);
    lanes.store(fresh + j, keep == nullptr ? v : (T(1) - k) * v);
    lanes.store(d + j, keep == nullptr ? Vec<T>{} : k * v);
  }
}

}  // namespace gatecast::GATECAST_ISA
