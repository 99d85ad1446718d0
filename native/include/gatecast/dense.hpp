// The linear layer y = W x + b, forward and backward.
#pragma once

#include "gatecast/gradient.hpp"
#include "gatecast/pool.hpp"

namespace gatecast::GATECAST_ISA {

template <class T>
void dense_forward(const DenseForward<T>& p) {
  const auto lay_out = [&p](Cutter<T>& cutter, T** weight, T** bias) {
    *weight = cutter.cut(packed_size<T>(p.outputs, p.inputs));
    *bias = cutter.cut(padded<T>(p.outputs));
  };
  T *weight = nullptr, *bias = nullptr;
  Cutter<T> count;
  lay_out(count, &weight, &bias);
  const auto size = static_cast<std::size_t>(count.used());
  Cutter<T> cutter(static_cast<T*>(scratch(Slot::call, sizeof(T) * size)));
  lay_out(cutter, &weight, &bias);
  pack_transposed<T>(weight, p.weight, p.outputs, p.inputs);
  pack_bias<T>(bias, p.bias, nullptr, p.outputs);
  const Term<T> term{{p.x, p.inputs, 1}, weight, p.inputs};
  product<T>(p.rows, p.outputs, &term, 1, {p.y, p.outputs, Start::bias, bias});
}

// What the backward pass works in, laid out in one piece of memory.
template <class T>
struct DenseWork {
  T *dy, *x, *weight, *sum, *bias;
  long dy_step;

  DenseWork(const DenseBackward<T>& p, const OuterSum<T>& outer, Cutter<T>& cutter)
      : dy(cutter.cut(p.rows * padded<T>(p.outputs))), x(cutter.cut(outer.right_size(p.rows))),
        weight(cutter.cut(p.dx == nullptr ? 0 : packed_size<T>(p.inputs, p.outputs))),
        sum(cutter.cut(outer.size())), bias(cutter.cut(padded<T>(p.outputs))),
        dy_step(padded<T>(p.outputs)) {}
};

template <class T>
void dense_backward(const DenseBackward<T>& p) {
  const OuterSum<T> outer(p.outputs, p.inputs);
  Cutter<T> count;
  const DenseWork<T> only_sizes(p, outer, count);
  const auto size = static_cast<std::size_t>(count.used());
  Cutter<T> cutter(static_cast<T*>(scratch(Slot::call, sizeof(T) * size)));
  const DenseWork<T> work(p, outer, cutter);

  for (long r = 0; r < p.rows; ++r) {  // rows padded to whole vectors
    for (long j = 0; j < p.outputs; j += kLanes<T>) {
      store(work.dy + r * work.dy_step + j, Lanes<T>(p.outputs - j).load(p.dy + r * p.outputs + j));
    }
  }
  outer.pack_right(work.x, p.rows, 0, p.x, p.rows);
  outer.add(work.sum, work.dy, work.dy_step, work.x, p.rows, Start::zero);
  outer.reduce(p.dweight, work.sum, 0, 1, false);
  if (p.dbias != nullptr) {
    sum_rows<T>(work.bias, work.dy, work.dy_step, p.rows, p.outputs, true);
    reduce_bias<T>(p.dbias, work.bias, 0, 1, p.outputs, false);
  }
  if (p.dx != nullptr) {
    pack<T>(work.weight, p.weight, p.inputs, p.outputs);
    const Term<T> term{{work.dy, work.dy_step, 1}, work.weight, p.outputs};
    product<T>(p.rows, p.inputs, &term, 1, {p.dx, p.inputs});
  }
}

}  // namespace gatecast::GATECAST_ISA
