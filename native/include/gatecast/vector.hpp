// The vector work around the recurrences: optimiser steps, norms.
//
// Every element of an optimiser step stands alone, so that large vectors are shared out among
// the threads in fixed blocks.  Sums run in float64, block after block, in a fixed order.
#pragma once

#include "gatecast/optimiser.hpp"
#include "gatecast/pool.hpp"
#include "gatecast/simd.hpp"

namespace gatecast::GATECAST_ISA {

template <class T>
GATECAST_INLINE Vec<T> square_root(Vec<T> v) {
  T values[kLanes<T>];  // the extensions have no word for it; the compiler finds the instruction
  store(values, v);
  for (int k = 0; k < kLanes<T>; ++k) {
    if constexpr (sizeof(T) == 4) {
      values[k] = __builtin_sqrtf(values[k]);
    } else {
      values[k] = __builtin_sqrt(values[k]);
    }
  }
  return load(values);
}

// In PyTorch's order: m += (g - m)(1 - β1), v = v β2 + (1 - β2) g g,
// p -= step · m / (√v / correction + ε).
template <class T>
void adam_block(const AdamStep<T>& s, long begin, long end) {
  for (long j = begin; j < end; j += kLanes<T>) {
    const Lanes<T> lanes(end - j);
    Vec<T> p = lanes.load(s.parameters + j), g = lanes.load(s.gradients + j) * s.scale;
    Vec<T> m = lanes.load(s.first + j), v = lanes.load(s.second + j);
    if (s.decay != T(0)) g = g + p * s.decay;
    if (s.shrink != T(1)) p = p * s.shrink;
    m = m + (g - m) * s.rate1;
    v = v * s.beta2 + (g * g) * s.rate2;
    p = p - m * s.step / (square_root<T>(v) / s.correction2 + s.epsilon);
    lanes.store(s.parameters + j, p);
    lanes.store(s.first + j, m);
    lanes.store(s.second + j, v);
  }
}

template <class T>
void sgd_block(const SgdStep<T>& s, long begin, long end) {
  for (long j = begin; j < end; j += kLanes<T>) {
    const Lanes<T> lanes(end - j);
    const Vec<T> p = lanes.load(s.parameters + j);
    Vec<T> g = lanes.load(s.gradients + j) * s.scale;
    if (s.decay != T(0)) g = g + p * s.decay;
    if (s.velocity != nullptr) {
      const Vec<T> v = lanes.load(s.velocity + j) * s.momentum + g * s.fresh;
      lanes.store(s.velocity + j, v);
      g = s.nesterov ? g + v * s.momentum : v;
    }
    lanes.store(s.parameters + j, p - g * s.rate);
  }
}

template <class T>
void rmsprop_block(const RmspropStep<T>& s, long begin, long end) {
  for (long j = begin; j < end; j += kLanes<T>) {
    const Lanes<T> lanes(end - j);
    const Vec<T> p = lanes.load(s.parameters + j);
    Vec<T> g = lanes.load(s.gradients + j) * s.scale;
    if (s.decay != T(0)) g = g + p * s.decay;
    const Vec<T> square = lanes.load(s.square + j) * s.alpha + (g * g) * (T(1) - s.alpha);
    lanes.store(s.square + j, square);
    Vec<T> spread = square;
    if (s.mean != nullptr) {
      Vec<T> mean = lanes.load(s.mean + j);
      mean = mean + (g - mean) * (T(1) - s.alpha);
      lanes.store(s.mean + j, mean);
      spread = square - mean * mean;
      spread = spread > Vec<T>{} ? spread : spread - spread;  // rounding may leave it below 0
    }
    Vec<T> move = g / (square_root<T>(spread) + s.epsilon);
    if (s.velocity != nullptr) {
      move = lanes.load(s.velocity + j) * s.momentum + move;
      lanes.store(s.velocity + j, move);
    }
    lanes.store(s.parameters + j, p - move * s.rate);
  }
}

template <class Step>
void in_blocks(const Step& step, void (*block)(const Step&, long, long)) {
  constexpr long size = 1 << 15;
  struct Call {
    const Step& step;
    void (*block)(const Step&, long, long);
  } call{step, block};
  run_shards((step.count + size - 1) / size, 20.0 * static_cast<double>(step.count),
             [](void* context, long shard) {
               const FlushSubnormals flush;
               const Call& c = *static_cast<Call*>(context);
               const long begin = shard * size, left = c.step.count - begin;
               c.block(c.step, begin, begin + (left < size ? left : size));
             },
             &call);
}

// Σ a² in float64.
template <class T>
double sum_of_squares(const T* a, long count) {
  double total = 0;
  constexpr long size = 1024;  // short enough that a lane's sum stays precise in float32
  for (long begin = 0; begin < count; begin += size) {
    const long end = count - begin < size ? count : begin + size;
    Vec<T> sum{};
    for (long j = begin; j < end; j += kLanes<T>) {
      const Vec<T> v = Lanes<T>(end - j).load(a + j);
      sum += v * v;
    }
    for (int k = 0; k < kLanes<T>; ++k) total += static_cast<double>(sum[k]);
  }
  return total;
}

}  // namespace gatecast::GATECAST_ISA
