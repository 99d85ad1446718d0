// What the calls of all cells share: they read the arrays, make the results, run, hand over.
//
// Each call returns a new reference; None when the arrays do not fit (Python then says why, or
// copies and tries again); null with a Python error set when it was interrupted.
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
  return pack_tuple(contract.weights, borrowed(arrays[0]), borrowed(arrays[1]), borrowed(arrays[2]),
                    borrowed(arrays[3]), none(), none(), none(), none(), none(), none());
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

}  // namespace gatecast
