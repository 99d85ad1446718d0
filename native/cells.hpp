// The calls of the plain cells: read the arrays, make the results, run, hand over.
//
// Each returns a new reference; None when the arrays do not fit (Python then says why, or copies
// and tries again); null with a Python error set when it was interrupted.
#pragma once

#include <cstring>

#include "gatecast/dispatch.hpp"
#include "objects.hpp"

namespace gatecast {

// The sizes that the arrays speak of, before they are compared with each other.
inline bool sizes_of(PyObject* x, PyObject* state, PyObject* reverse, Sequence& seq) {
  if (!PyArray_Check(x) || PyArray_NDIM(as_array(x)) != 3) return false;
  if (!PyArray_Check(state) || PyArray_NDIM(as_array(state)) < 2) return false;
  const npy_intp* size = PyArray_DIMS(as_array(x));
  seq.steps = size[0];
  seq.batch = size[1];
  seq.inputs = size[2];
  seq.hidden = PyArray_DIM(as_array(state), PyArray_NDIM(as_array(state)) - 1);
  const int truth = PyObject_IsTrue(reverse);
  seq.reverse = truth == 1;
  return seq.steps > 0 && truth >= 0;
}

template <class T>
LayerWeights<T> read_weights(Reader<T>& reader, PyObject* const* arrays, long gates, long inputs,
                             long hidden) {
  if ((arrays[2] == Py_None) != (arrays[3] == Py_None)) reader.fits = false;
  return {reader.read(arrays[0], {gates, inputs}), reader.read(arrays[1], {gates, hidden}),
          reader.read_or_null(arrays[2], {gates}), reader.read_or_null(arrays[3], {gates})};
}

// x with its padded steps set to zero, so that nothing there (not even NaN) counts.
template <class T>
Owned blank(PyObject* x, const Sequence& seq) {
  if (seq.lengths == nullptr) return borrowed(x);
  Owned blanked(new_array<T>(seq.steps, seq.batch, seq.inputs));
  if (!blanked) return blanked;
  T* to = data_of<T>(blanked.get());
  const T* from = data_of<T>(x);
  for (long t = 0; t < seq.steps; ++t) {
    for (long b = 0; b < seq.batch; ++b, to += seq.inputs, from += seq.inputs) {
      const std::size_t bytes = sizeof(T) * static_cast<std::size_t>(seq.inputs);
      seq.active(t, b) ? std::memcpy(to, from, bytes) : std::memset(to, 0, bytes);
    }
  }
  return blanked;
}

inline Owned weights_tuple(PyObject* const* arrays) {
  return pack_tuple(contract.weights, borrowed(arrays[0]), borrowed(arrays[1]),
                    borrowed(arrays[2]), borrowed(arrays[3]), none(), none(), none(), none(),
                    none(), none());
}

// Where the gradients of the weights go: new arrays, or `into`.
template <class T>
struct GradientArrays {
  LayerGradients<T> pointers{};
  Owned tuple;

  // `same_bias` when both biases have one gradient, which is then one array.
  bool make(Reader<T>& reader, PyObject* into, const LayerWeights<T>& weights, long gates,
            long inputs, long hidden, bool same_bias) {
    pointers.add = into != Py_None;
    if (pointers.add) {
      if (!is_tuple(into, 4)) return reader.fits = false;
      pointers.weight_ih = reader.write(item(into, 0), {gates, inputs});
      pointers.weight_hh = reader.write(item(into, 1), {gates, hidden});
      const bool bias = weights.bias_ih != nullptr;
      pointers.bias_ih = bias ? reader.write_or_null(item(into, 2), {gates}) : nullptr;
      pointers.bias_hh = bias ? reader.write_or_null(item(into, 3), {gates}) : nullptr;
      tuple = borrowed(into);
      return reader.fits;
    }
    Owned ih(new_array<T>(gates, inputs)), hh(new_array<T>(gates, hidden));
    if (!ih || !hh) return false;
    pointers.weight_ih = data_of<T>(ih.get());
    pointers.weight_hh = data_of<T>(hh.get());
    Owned bias_ih = none(), bias_hh = none();
    if (weights.bias_ih != nullptr) {
      bias_ih = Owned(new_array<T>(gates));
      bias_hh = same_bias ? borrowed(bias_ih.get()) : Owned(new_array<T>(gates));
      if (!bias_ih || !bias_hh) return false;
      pointers.bias_ih = data_of<T>(bias_ih.get());
      pointers.bias_hh = same_bias ? nullptr : data_of<T>(bias_hh.get());
    }
    tuple = pack_tuple(contract.weights, std::move(ih), std::move(hh), std::move(bias_ih),
                       std::move(bias_hh), none(), none(), none(), none(), none(), none());
    return static_cast<bool>(tuple);
  }
};

// y as the contract has it: a view of the states, or an array of its own for ragged rows.
template <class T>
Owned outputs_for(PyObject* hidden, const Sequence& seq) {
  if (seq.lengths == nullptr) return view_of_steps(hidden, seq.reverse ? 0 : 1, seq.steps);
  return Owned(new_array<T>(seq.steps, seq.batch, seq.hidden));
}

// Rough arithmetic of a call, for deciding whether to give the interpreter's lock away.
inline double operations_of(const Sequence& seq, long gates) {
  return 2.0 * seq.steps * seq.batch * gates * seq.hidden * (seq.inputs + seq.hidden);
}

// args: x, h0, c0, weight_ih, weight_hh, bias_ih, bias_hh, lengths, reverse
template <class T>
PyObject* lstm_forward(PyObject* const* args) {
  LstmForward<T> p{};
  Sequence& seq = p.seq;
  if (!sizes_of(args[0], args[1], args[8], seq)) return none().release();
  const long T_ = seq.steps, B = seq.batch, H = seq.hidden;
  Reader<T> reader;
  p.x = reader.read(args[0], {T_, B, seq.inputs});
  p.h0 = reader.read(args[1], {B, H});
  p.c0 = reader.read(args[2], {B, H});
  p.weights = read_weights<T>(reader, args + 3, 4 * H, seq.inputs, H);
  seq.lengths = reader.read_lengths(args[7], B, T_);
  if (!reader.fits) return none().release();

  Owned x = blank<T>(args[0], seq);
  Owned hidden(new_array<T>(T_ + 1, B, H)), cells(new_array<T>(T_ + 1, B, H));
  Owned gates(new_array<T>(T_, B, 4 * H));
  if (!x || !hidden || !cells || !gates) return nullptr;
  Owned y = outputs_for<T>(hidden.get(), seq);
  if (!y) return nullptr;
  p.x = data_of<T>(x.get());
  p.hidden = data_of<T>(hidden.get());
  p.cells = data_of<T>(cells.get());
  p.gates = data_of<T>(gates.get());
  p.y = seq.lengths == nullptr ? nullptr : data_of<T>(y.get());
  {
    const Unlocked unlocked(operations_of(seq, 4));
    if (!kernels<T>().lstm_forward(p)) return nullptr;
  }
  const long last = seq.after(seq.step(T_ - 1));
  Owned h = copy_of_step<T>(hidden.get(), last), c = copy_of_step<T>(cells.get(), last);
  Owned saved = pack_tuple(contract.lstm_saved, std::move(x), std::move(hidden),
                           std::move(cells), std::move(gates), weights_tuple(args + 3),
                           borrowed(args[7]), borrowed(args[8]));
  return pack_tuple(&PyTuple_Type, std::move(y), std::move(h), std::move(c), std::move(saved))
      .release();
}

// args: saved, dy, dh, dc, into, need_dx
template <class T>
PyObject* lstm_backward(PyObject* const* args) {
  LstmBackward<T> p{};
  Sequence& seq = p.seq;
  PyObject* const* saved = &PyTuple_GET_ITEM(args[0], 0);
  if (!sizes_of(saved[0], saved[1], saved[6], seq)) return none().release();
  const long T_ = seq.steps, B = seq.batch, H = seq.hidden, I = seq.inputs;
  if (!is_tuple(saved[4], 4)) return none().release();
  Reader<T> reader;
  p.x = reader.read(saved[0], {T_, B, I});
  p.hidden = reader.read(saved[1], {T_ + 1, B, H});
  p.cells = reader.read(saved[2], {T_ + 1, B, H});
  p.gates = reader.read(saved[3], {T_, B, 4 * H});
  p.weights = read_weights<T>(reader, &PyTuple_GET_ITEM(saved[4], 0), 4 * H, I, H);
  seq.lengths = reader.read_lengths(saved[5], B, T_);
  p.dy = reader.read_or_null(args[1], {T_, B, H});
  p.dh = reader.read_or_null(args[2], {B, H});
  p.dc = reader.read_or_null(args[3], {B, H});
  if (!reader.fits) return none().release();

  GradientArrays<T> gradients;
  if (!gradients.make(reader, args[4], p.weights, 4 * H, I, H, true)) {
    return reader.fits ? nullptr : none().release();
  }
  p.gradients = gradients.pointers;
  const bool need_dx = PyObject_IsTrue(args[5]) == 1;
  Owned dx = need_dx ? Owned(new_array<T>(T_, B, I)) : none();
  Owned dh0(new_array<T>(B, H)), dc0(new_array<T>(B, H));
  if (!dx || !dh0 || !dc0) return nullptr;
  p.dx = need_dx ? data_of<T>(dx.get()) : nullptr;
  p.dh0 = data_of<T>(dh0.get());
  p.dc0 = data_of<T>(dc0.get());
  {
    const Unlocked unlocked(operations_of(seq, 8));
    if (!kernels<T>().lstm_backward(p)) return nullptr;
  }
  return pack_tuple(&PyTuple_Type, std::move(dx), std::move(dh0), std::move(dc0),
                    std::move(gradients.tuple))
      .release();
}

}  // namespace gatecast
