// What a kernel is asked to do: bare pointers and sizes, the same for every instruction set.
//
// Names and shapes are those of gatecast/kernels/contract.py; null stands for None.
#pragma once

namespace gatecast {

using Length = long long;

struct Sequence {
  long steps, batch, inputs, hidden;
  const Length* lengths = nullptr;  // (B,)
  bool reverse = false;

  // The step that comes k-th, and where its states stand among the steps + 1 that are saved.
  long step(long k) const { return reverse ? steps - 1 - k : k; }
  long before(long step) const { return reverse ? step + 1 : step; }
  long after(long step) const { return reverse ? step : step + 1; }
  bool active(long step, long row) const { return lengths == nullptr || step < lengths[row]; }
};

template <class T>
struct LayerWeights {
  const T* weight_ih;
  const T* weight_hh;
  const T* bias_ih;
  const T* bias_hh;
};

// Where gradients of the weights go; `add` adds to what stands there.
template <class T>
struct LayerGradients {
  T* weight_ih;
  T* weight_hh;
  T* bias_ih;
  T* bias_hh;
  bool add;
};

template <class T>
struct LstmForward {
  Sequence seq;
  LayerWeights<T> weights;
  const T *x, *h0, *c0;
  T *hidden, *cells, *gates;
  T* y;                  // null where y is a view of hidden
  bool passing = false;  // prediction: `gates` holds one step, which the next one overwrites
};

template <class T>
struct LstmBackward {
  Sequence seq;
  LayerWeights<T> weights;
  const T *x, *hidden, *cells, *gates;
  const T *dy, *dh, *dc;
  T *dx, *dh0, *dc0;
  LayerGradients<T> gradients;
};

template <class T>
struct GruForward {
  Sequence seq;
  LayerWeights<T> weights;
  bool reset_after;
  const T *x, *h0;
  T *hidden, *gates, *recurrent_n;
  T* y;
  bool passing = false;  // prediction: `gates` and `recurrent_n` hold one step
};

template <class T>
struct GruBackward {
  Sequence seq;
  LayerWeights<T> weights;
  bool reset_after;
  const T *x, *hidden, *gates, *recurrent_n;
  const T *dy, *dh;
  T *dx, *dh0;
  LayerGradients<T> gradients;
};

template <class T>
struct RnnForward {
  Sequence seq;
  LayerWeights<T> weights;
  bool relu;
  const T *x, *h0;
  T* hidden;
  T* y;
};

template <class T>
struct RnnBackward {
  Sequence seq;
  LayerWeights<T> weights;
  bool relu;
  const T *x, *hidden;
  const T *dy, *dh;
  T *dx, *dh0;
  LayerGradients<T> gradients;
};

// How a batch is cut.  By the problem's size alone, never by the number of threads: that is why
// results are the same bits at any number.
struct Shards {
  long count, rows;

  long begin(long shard) const { return shard * rows; }
};

inline Shards cut_batch(long batch, long hidden, double operations) {
  if (batch == 0) return {1, 0};  // one empty shard: its sums are zero
  constexpr double worth_cutting = 4e6;
  constexpr long most = 16;  // each shard has its own sums of the weight gradients
  long rows = batch >= 64 ? 32 : 16;
  if (hidden >= 192 && rows < 32) rows = 32;
  if (hidden >= 384) rows = 64;  // large weights are read once a step and shard: share them
  if (operations < worth_cutting) rows = batch;
  if (rows * most < batch) rows = (batch + most - 1) / most;
  const long count = (batch + rows - 1) / rows;
  rows = (batch + count - 1) / count;
  return {(batch + rows - 1) / rows, rows};
}

}  // namespace gatecast
