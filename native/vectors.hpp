// The calls of the vector work: optimiser steps, norms, the linear head, windows.
#pragma once

#include <cmath>
#include <cstring>

#include "calls.hpp"

namespace gatecast {

// args: parameters, gradients, first, second; options in the order of AdamStep
template <class T>
bool adam_step(PyObject* const* args, const double* options) {
  if (!PyArray_Check(args[0])) return false;
  const long count = PyArray_SIZE(as_array(args[0]));
  Reader<T> reader;
  AdamStep<T> s{};
  s.parameters = reader.write(args[0], {count});
  s.gradients = reader.read(args[1], {count});
  s.first = reader.write(args[2], {count});
  s.second = reader.write(args[3], {count});
  s.count = count;
  const double *o = options, rate = o[0], decay = o[4];
  const bool decoupled = o[5] != 0;
  s.beta2 = static_cast<T>(o[2]);
  s.rate1 = static_cast<T>(1 - o[1]);
  s.rate2 = static_cast<T>(1 - o[2]);
  s.epsilon = static_cast<T>(o[3]);
  s.decay = static_cast<T>(decoupled ? 0 : decay);
  s.shrink = static_cast<T>(decoupled ? 1 - rate * decay : 1);
  s.step = static_cast<T>(rate / o[6]);
  s.correction2 = static_cast<T>(std::sqrt(o[7]));
  s.scale = static_cast<T>(o[8]);
  if (reader.fits) kernels<T>().adam(s);
  return reader.fits;
}

template <class T>
bool sgd_step(PyObject* const* args, const double* options) {
  if (!PyArray_Check(args[0])) return false;
  const long count = PyArray_SIZE(as_array(args[0]));
  Reader<T> reader;
  SgdStep<T> s{};
  s.parameters = reader.write(args[0], {count});
  s.gradients = reader.read(args[1], {count});
  s.velocity = reader.write_or_null(args[2], {count});
  s.count = count;
  s.rate = static_cast<T>(options[0]);
  s.momentum = static_cast<T>(options[1]);
  s.fresh = static_cast<T>(1 - options[2]);
  s.decay = static_cast<T>(options[3]);
  s.nesterov = options[4] != 0;
  s.scale = static_cast<T>(options[5]);
  if (reader.fits) kernels<T>().sgd(s);
  return reader.fits;
}

template <class T>
bool rmsprop_step(PyObject* const* args, const double* options) {
  if (!PyArray_Check(args[0])) return false;
  const long count = PyArray_SIZE(as_array(args[0]));
  Reader<T> reader;
  RmspropStep<T> s{};
  s.parameters = reader.write(args[0], {count});
  s.gradients = reader.read(args[1], {count});
  s.square = reader.write(args[2], {count});
  s.mean = reader.write_or_null(args[3], {count});
  s.velocity = reader.write_or_null(args[4], {count});
  s.count = count;
  s.rate = static_cast<T>(options[0]);
  s.alpha = static_cast<T>(options[1]);
  s.epsilon = static_cast<T>(options[2]);
  s.decay = static_cast<T>(options[3]);
  s.momentum = static_cast<T>(options[4]);
  s.scale = static_cast<T>(options[5]);
  if (reader.fits) kernels<T>().rmsprop(s);
  return reader.fits;
}

// args: vector
template <class T>
PyObject* global_norm(PyObject* const* args) {
  const long count = PyArray_SIZE(as_array(args[0]));
  Reader<T> reader;
  const T* vector = reader.read(args[0], {count});
  if (!reader.fits) return none().release();
  return PyFloat_FromDouble(std::sqrt(kernels<T>().sum_of_squares(vector, count)));
}

// The sizes of x (N, I) and weight (O, I).
inline bool linear_sizes(PyObject* x, PyObject* weight, long& rows, long& inputs, long& outputs) {
  if (!PyArray_Check(x) || PyArray_NDIM(as_array(x)) != 2) return false;
  if (!PyArray_Check(weight) || PyArray_NDIM(as_array(weight)) != 2) return false;
  rows = PyArray_DIM(as_array(x), 0);
  inputs = PyArray_DIM(as_array(x), 1);
  outputs = PyArray_DIM(as_array(weight), 0);
  return true;
}

// args: x, weight, bias
template <class T>
PyObject* linear_forward(PyObject* const* args) {
  Linear<T> p{};
  if (!linear_sizes(args[0], args[1], p.rows, p.inputs, p.outputs)) return none().release();
  Reader<T> reader;
  p.x = reader.read(args[0], {p.rows, p.inputs});
  p.weight = reader.read(args[1], {p.outputs, p.inputs});
  p.bias = reader.read_or_null(args[2], {p.outputs});
  if (!reader.fits) return none().release();
  Owned y(new_array<T>(p.rows, p.outputs));
  if (!y) return nullptr;
  p.y = data_of<T>(y.get());
  const Unlocked unlocked(2.0 * p.rows * p.inputs * p.outputs);
  return kernels<T>().linear_forward(p) ? y.release() : nullptr;
}

// args: x, weight, dy, dweight or None, dbias or None, need_dx
// Without dweight new arrays are made (and a bias's gradient if dbias is not None).
template <class T>
PyObject* linear_backward(PyObject* const* args) {
  Linear<T> p{};
  if (!linear_sizes(args[0], args[1], p.rows, p.inputs, p.outputs)) return none().release();
  Reader<T> reader;
  p.x = reader.read(args[0], {p.rows, p.inputs});
  p.weight = reader.read(args[1], {p.outputs, p.inputs});
  p.dy = reader.read(args[2], {p.rows, p.outputs});
  p.add = args[3] != Py_None;
  if (p.add) {
    p.dweight = reader.write(args[3], {p.outputs, p.inputs});
    p.dbias = reader.write_or_null(args[4], {p.outputs});
  }
  if (!reader.fits) return none().release();
  Owned dweight = p.add ? borrowed(args[3]) : Owned(new_array<T>(p.outputs, p.inputs));
  Owned dbias = p.add ? borrowed(args[4]) : Owned(new_array<T>(p.outputs));
  Owned dx = args[5] == Py_True ? Owned(new_array<T>(p.rows, p.inputs)) : none();
  if (!dweight || !dbias || !dx) return nullptr;
  if (!p.add) {
    p.dweight = data_of<T>(dweight.get());
    p.dbias = data_of<T>(dbias.get());
  }
  p.dx = args[5] == Py_True ? data_of<T>(dx.get()) : nullptr;
  {
    const Unlocked unlocked(4.0 * p.rows * p.inputs * p.outputs);
    if (!kernels<T>().linear_backward(p)) return nullptr;
  }
  return pack_tuple(&PyTuple_Type, std::move(dx), std::move(dweight), std::move(dbias)).release();
}

// Starts that lie within the series, or null.
inline const Length* read_starts(Reader<Length>& reader, PyObject* starts, long width, long steps) {
  const long count = PyArray_Check(starts) ? PyArray_SIZE(as_array(starts)) : -1;
  const Length* data = reader.read(starts, {count});
  for (long n = 0; data != nullptr && n < count; ++n) {
    if (data[n] < 0 || data[n] + width > steps) reader.fits = false;
  }
  return data;
}

// args: series (L, F), starts (N,), width -> (N, width, F)
template <class T>
PyObject* gather_windows(PyObject* const* args) {
  if (PyArray_NDIM(as_array(args[0])) != 2) return none().release();
  const long steps = PyArray_DIM(as_array(args[0]), 0), F = PyArray_DIM(as_array(args[0]), 1);
  const long width = PyLong_AsLong(args[2]);
  if (width == -1 && PyErr_Occurred() != nullptr) return nullptr;
  Reader<T> reader;
  Reader<Length> index_reader;
  const T* series = reader.read(args[0], {steps, F});
  const Length* starts = read_starts(index_reader, args[1], width, steps);
  if (width < 0 || !reader.fits || !index_reader.fits) return none().release();
  const long N = PyArray_SIZE(as_array(args[1]));
  Owned windows(new_array<T>(N, width, F));
  if (!windows) return nullptr;
  T* to = data_of<T>(windows.get());
  const std::size_t bytes = static_cast<std::size_t>(width * F) * sizeof(T);
  for (long n = 0; n < N; ++n, to += width * F) std::memcpy(to, series + starts[n] * F, bytes);
  return windows.release();
}

}  // namespace gatecast
