// What the cells with in-cell options are asked to do; see reference/extended.py for the options.
#pragma once

#include "gatecast/layer.hpp"

namespace gatecast {

enum class Cell { rnn, gru, lstm };

// The learned arrays, or their gradients, in the order of contract.Weights.
template <class T>
struct OptionalWeights {
  T *weight_ih, *weight_hh, *bias_ih, *bias_hh;
  T *weight_hr, *peephole, *norm_ih, *norm_hh, *norm_cell, *norm_cell_bias;
};

// A (T, B, N) array of shares that may be broadcast from fewer values: strides in values, the
// last of them 0 or 1.
template <class T>
struct Shares {
  const T* data = nullptr;
  long of_step = 0, of_row = 0, of_value = 0;

  const T* row(long step, long row) const { return data + step * of_step + row * of_row; }
};

template <class T>
struct Extended {
  Cell cell;
  Sequence seq;
  long fed_back;  // P
  long gates;     // rows of weight_ih / H
  bool relu, reset_after, coupled;
  OptionalWeights<const T> weights;
  const T* dropout;  // (B, P) or null
  Shares<T> zoneout_h, zoneout_c;
  const T *x, *h0, *c0;
  // Saved by the forward pass, read by the backward pass; null where the option is off.
  T *hidden, *cells, *gate_values, *recurrent_n;
  T *normed_ih, *normed_hh, *precision_ih, *precision_hh;
  T* y;  // null where it is a view of hidden
  // Backward only.
  const T *dy, *dh, *dc;
  T *dx, *dh0, *dc0;
  OptionalWeights<T> gradients;
  bool add;

  bool reset_before() const { return cell == Cell::gru && !reset_after; }
  bool projects() const { return weights.weight_hr != nullptr; }
  long norms() const { return reset_before() ? 2 : 1; }  // precisions of a recurrent product
};

}  // namespace gatecast
