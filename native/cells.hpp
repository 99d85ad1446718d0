// The calls of the plain cells, forward and backward.
#pragma once

#include "calls.hpp"

namespace gatecast {

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
  Owned saved =
      pack_tuple(contract.lstm_saved, std::move(x), std::move(hidden), std::move(cells),
                 std::move(gates), weights_tuple(args + 3), borrowed(args[7]), borrowed(args[8]));
  return pack_tuple(&PyTuple_Type, std::move(y), std::move(h), std::move(c), std::move(saved))
      .release();
}

// args: saved, dy, dh, dc, into, need_dx
template <class T>
PyObject* lstm_backward(PyObject* const* args) {
  LstmBackward<T> p{};
  Sequence& seq = p.seq;
  if (!is_tuple(args[0], 7)) return none().release();
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

// args: x, h0, weight_ih, weight_hh, bias_ih, bias_hh, reset_after, lengths, reverse
template <class T>
PyObject* gru_forward(PyObject* const* args) {
  GruForward<T> p{};
  Sequence& seq = p.seq;
  if (!sizes_of(args[0], args[1], args[8], seq)) return none().release();
  const long T_ = seq.steps, B = seq.batch, H = seq.hidden;
  Reader<T> reader;
  p.x = reader.read(args[0], {T_, B, seq.inputs});
  p.h0 = reader.read(args[1], {B, H});
  p.weights = read_weights<T>(reader, args + 2, 3 * H, seq.inputs, H);
  p.reset_after = PyObject_IsTrue(args[6]) == 1;
  seq.lengths = reader.read_lengths(args[7], B, T_);
  if (!reader.fits) return none().release();

  Owned x = blank<T>(args[0], seq);
  Owned hidden(new_array<T>(T_ + 1, B, H)), gates(new_array<T>(T_, B, 3 * H));
  Owned recurrent_n = p.reset_after ? Owned(new_array<T>(T_, B, H)) : none();
  if (!x || !hidden || !gates || !recurrent_n) return nullptr;
  Owned y = outputs_for<T>(hidden.get(), seq);
  if (!y) return nullptr;
  p.x = data_of<T>(x.get());
  p.hidden = data_of<T>(hidden.get());
  p.gates = data_of<T>(gates.get());
  p.recurrent_n = p.reset_after ? data_of<T>(recurrent_n.get()) : nullptr;
  p.y = seq.lengths == nullptr ? nullptr : data_of<T>(y.get());
  {
    const Unlocked unlocked(operations_of(seq, 3));
    if (!kernels<T>().gru_forward(p)) return nullptr;
  }
  Owned h = copy_of_step<T>(hidden.get(), seq.after(seq.step(T_ - 1)));
  Owned saved = pack_tuple(contract.gru_saved, std::move(x), std::move(hidden), std::move(gates),
                           std::move(recurrent_n), weights_tuple(args + 2), borrowed(args[7]),
                           borrowed(args[8]), borrowed(args[6]));
  return pack_tuple(&PyTuple_Type, std::move(y), std::move(h), std::move(saved)).release();
}

// args: saved, dy, dh, into, need_dx
template <class T>
PyObject* gru_backward(PyObject* const* args) {
  GruBackward<T> p{};
  Sequence& seq = p.seq;
  if (!is_tuple(args[0], 8)) return none().release();
  PyObject* const* saved = &PyTuple_GET_ITEM(args[0], 0);
  if (!sizes_of(saved[0], saved[1], saved[6], seq)) return none().release();
  if (!is_tuple(saved[4], 4)) return none().release();
  const long T_ = seq.steps, B = seq.batch, H = seq.hidden, I = seq.inputs;
  Reader<T> reader;
  p.x = reader.read(saved[0], {T_, B, I});
  p.hidden = reader.read(saved[1], {T_ + 1, B, H});
  p.gates = reader.read(saved[2], {T_, B, 3 * H});
  p.recurrent_n = reader.read_or_null(saved[3], {T_, B, H});
  p.weights = read_weights<T>(reader, &PyTuple_GET_ITEM(saved[4], 0), 3 * H, I, H);
  seq.lengths = reader.read_lengths(saved[5], B, T_);
  p.reset_after = saved[3] != Py_None;
  p.dy = reader.read_or_null(args[1], {T_, B, H});
  p.dh = reader.read_or_null(args[2], {B, H});
  if (!reader.fits) return none().release();

  GradientArrays<T> gradients;
  if (!gradients.make(reader, args[3], p.weights, 3 * H, I, H, false)) {
    return reader.fits ? nullptr : none().release();
  }
  p.gradients = gradients.pointers;
  const bool need_dx = PyObject_IsTrue(args[4]) == 1;
  Owned dx = need_dx ? Owned(new_array<T>(T_, B, I)) : none();
  Owned dh0(new_array<T>(B, H));
  if (!dx || !dh0) return nullptr;
  p.dx = need_dx ? data_of<T>(dx.get()) : nullptr;
  p.dh0 = data_of<T>(dh0.get());
  {
    const Unlocked unlocked(operations_of(seq, 6));
    if (!kernels<T>().gru_backward(p)) return nullptr;
  }
  return pack_tuple(&PyTuple_Type, std::move(dx), std::move(dh0), std::move(gradients.tuple))
      .release();
}

// True for "relu", false for "tanh"; anything else does not fit.
inline bool is_relu(PyObject* nonlinearity, bool& fits) {
  if (!PyUnicode_Check(nonlinearity)) return fits = false;
  if (PyUnicode_CompareWithASCIIString(nonlinearity, "relu") == 0) return true;
  if (PyUnicode_CompareWithASCIIString(nonlinearity, "tanh") != 0) fits = false;
  return false;
}

// args: x, h0, weight_ih, weight_hh, bias_ih, bias_hh, nonlinearity, lengths, reverse
template <class T>
PyObject* rnn_forward(PyObject* const* args) {
  RnnForward<T> p{};
  Sequence& seq = p.seq;
  if (!sizes_of(args[0], args[1], args[8], seq)) return none().release();
  const long T_ = seq.steps, B = seq.batch, H = seq.hidden;
  Reader<T> reader;
  p.x = reader.read(args[0], {T_, B, seq.inputs});
  p.h0 = reader.read(args[1], {B, H});
  p.weights = read_weights<T>(reader, args + 2, H, seq.inputs, H);
  p.relu = is_relu(args[6], reader.fits);
  seq.lengths = reader.read_lengths(args[7], B, T_);
  if (!reader.fits) return none().release();

  Owned x = blank<T>(args[0], seq);
  Owned hidden(new_array<T>(T_ + 1, B, H));
  if (!x || !hidden) return nullptr;
  Owned y = outputs_for<T>(hidden.get(), seq);
  if (!y) return nullptr;
  p.x = data_of<T>(x.get());
  p.hidden = data_of<T>(hidden.get());
  p.y = seq.lengths == nullptr ? nullptr : data_of<T>(y.get());
  {
    const Unlocked unlocked(operations_of(seq, 1));
    if (!kernels<T>().rnn_forward(p)) return nullptr;
  }
  Owned h = copy_of_step<T>(hidden.get(), seq.after(seq.step(T_ - 1)));
  Owned saved =
      pack_tuple(contract.rnn_saved, std::move(x), std::move(hidden), weights_tuple(args + 2),
                 borrowed(args[7]), borrowed(args[8]), borrowed(args[6]));
  return pack_tuple(&PyTuple_Type, std::move(y), std::move(h), std::move(saved)).release();
}

// args: saved, dy, dh, into, need_dx
template <class T>
PyObject* rnn_backward(PyObject* const* args) {
  RnnBackward<T> p{};
  Sequence& seq = p.seq;
  if (!is_tuple(args[0], 6)) return none().release();
  PyObject* const* saved = &PyTuple_GET_ITEM(args[0], 0);
  if (!sizes_of(saved[0], saved[1], saved[4], seq)) return none().release();
  if (!is_tuple(saved[2], 4)) return none().release();
  const long T_ = seq.steps, B = seq.batch, H = seq.hidden, I = seq.inputs;
  Reader<T> reader;
  p.x = reader.read(saved[0], {T_, B, I});
  p.hidden = reader.read(saved[1], {T_ + 1, B, H});
  p.weights = read_weights<T>(reader, &PyTuple_GET_ITEM(saved[2], 0), H, I, H);
  seq.lengths = reader.read_lengths(saved[3], B, T_);
  p.relu = is_relu(saved[5], reader.fits);
  p.dy = reader.read_or_null(args[1], {T_, B, H});
  p.dh = reader.read_or_null(args[2], {B, H});
  if (!reader.fits) return none().release();

  GradientArrays<T> gradients;
  if (!gradients.make(reader, args[3], p.weights, H, I, H, true)) {
    return reader.fits ? nullptr : none().release();
  }
  p.gradients = gradients.pointers;
  const bool need_dx = PyObject_IsTrue(args[4]) == 1;
  Owned dx = need_dx ? Owned(new_array<T>(T_, B, I)) : none();
  Owned dh0(new_array<T>(B, H));
  if (!dx || !dh0) return nullptr;
  p.dx = need_dx ? data_of<T>(dx.get()) : nullptr;
  p.dh0 = data_of<T>(dh0.get());
  {
    const Unlocked unlocked(operations_of(seq, 2));
    if (!kernels<T>().rnn_backward(p)) return nullptr;
  }
  return pack_tuple(&PyTuple_Type, std::move(dx), std::move(dh0), std::move(gradients.tuple))
      .release();
}

}  // namespace gatecast
