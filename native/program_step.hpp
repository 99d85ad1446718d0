// One time step of a whole network: the state goes in and comes out as Python keeps it.
#pragma once

#include "program_calls.hpp"

namespace gatecast {

// Walks through the state (None, an array, the LSTM's pair, or a tuple of such) and the lines of
// the program side by side, and builds the next state on the way.
template <class T>
class Stepper {
 public:
  Stepper(const ProgramLayer* layers, long count, long batch, const T* values, const T* x)
      : layers_(layers),
        count_(count),
        B_(batch),
        values_(values),
        flow_(x) {
    long widest = 0;
    for (long i = 0; i < count; ++i) {
      const long outputs = static_cast<long>(layers[i].outputs);
      widest = outputs > widest ? outputs : widest;
    }
    size_ = B_ * widest;
    memory_ = program_memory<T>(11 * size_);
  }

  // The next state of everything in `state`; null when it does not fit, or with an error set.
  Owned next(PyObject* state) {
    if (state == Py_None) return none();
    if (PyArray_Check(state)) return recurrent(state, nullptr);
    if (!PyTuple_Check(state)) return Owned();
    const Py_ssize_t parts = PyTuple_GET_SIZE(state);
    if (parts == 2 && PyArray_Check(item(state, 0)) && PyArray_Check(item(state, 1))) {
      skip_to_recurrent();
      if (line_ < count_ && layers_[line_].kind == ProgramLayer::lstm) {
        return recurrent(item(state, 0), item(state, 1));
      }
    }
    Owned result(PyTuple_New(parts));
    for (Py_ssize_t k = 0; result && k < parts; ++k) {
      Owned part = next(item(state, k));
      if (!part) return part;
      PyTuple_SET_ITEM(result.get(), k, part.release());
    }
    return result;
  }

  // The outputs, once every state has been visited.
  Owned finish() {
    skip_to_recurrent();
    if (line_ != count_) return Owned();
    const long outputs = static_cast<long>(layers_[count_ - 1].outputs);
    Owned y(new_array<T>(B_, outputs));
    if (y) {
      std::memcpy(data_of<T>(y.get()), flow_, sizeof(T) * static_cast<std::size_t>(B_ * outputs));
    }
    return y;
  }

 private:
  void skip_to_recurrent() {
    for (; line_ < count_ && !layers_[line_].recurrent(); ++line_) {
      const ProgramLayer& layer = layers_[line_];
      if (layer.kind == ProgramLayer::last) continue;
      Linear<T> p{};
      p.rows = B_;
      p.inputs = static_cast<long>(layer.inputs);
      p.outputs = static_cast<long>(layer.outputs);
      p.x = flow_;
      p.weight = values_ + layer.weight_ih;
      p.bias = at_or_null(values_, layer.bias_ih);
      p.y = memory_ + (turn_ ? 9 : 10) * size_;
      turn_ = !turn_;
      kernels<T>().linear_forward(p);
      flow_ = p.y;
    }
  }

  // As many lines as the state has layers.
  Owned recurrent(PyObject* h, PyObject* c) {
    skip_to_recurrent();
    if (line_ >= count_ || !layers_[line_].recurrent()) return Owned();
    const bool lstm = layers_[line_].kind == ProgramLayer::lstm;
    if (lstm != (c != nullptr) || PyArray_NDIM(as_array(h)) != 3) return Owned();
    const long depth = PyArray_DIM(as_array(h), 0), H = static_cast<long>(layers_[line_].outputs);
    Reader<T> reader;
    const T* h0 = reader.read(h, {depth, B_, H});
    const T* c0 = lstm ? reader.read(c, {depth, B_, H}) : nullptr;
    if (!reader.fits || line_ + depth > count_) return Owned();
    Owned new_h(new_array<T>(depth, B_, H));
    Owned new_c = lstm ? Owned(new_array<T>(depth, B_, H)) : none();
    if (!new_h || !new_c) return Owned();
    for (long k = 0; k < depth; ++k, ++line_) {
      const ProgramLayer& layer = layers_[line_];
      if (!layer.recurrent() || layer.outputs != H) return Owned();
      const long at = k * B_ * H;
      T* next_c = lstm ? data_of<T>(new_c.get()) + at : nullptr;
      cell(layer, h0 + at, lstm ? c0 + at : nullptr, data_of<T>(new_h.get()) + at, next_c);
      flow_ = data_of<T>(new_h.get()) + at;
    }
    if (!lstm) return new_h;
    return pack_tuple(&PyTuple_Type, std::move(new_h), std::move(new_c));
  }

  void cell(const ProgramLayer& layer, const T* h0, const T* c0, T* h, T* c) {
    const long H = static_cast<long>(layer.outputs);
    const Sequence seq{1, B_, static_cast<long>(layer.inputs), H};
    const LayerWeights<T> w = weights_of(layer, values_);
    T *hidden = memory_, *cells = memory_ + 2 * size_, *gates = memory_ + 4 * size_;
    T* recurrent_n = memory_ + 8 * size_;
    if (layer.kind == ProgramLayer::lstm) {
      kernels<T>().lstm_forward({seq, w, flow_, h0, c0, hidden, cells, gates, nullptr});
    } else if (layer.gru()) {
      const bool after = layer.kind == ProgramLayer::gru_after;
      kernels<T>().gru_forward(
          {seq, w, after, flow_, h0, hidden, gates, after ? recurrent_n : nullptr, nullptr});
    } else {
      kernels<T>().rnn_forward(
          {seq, w, layer.kind == ProgramLayer::rnn_relu, flow_, h0, hidden, nullptr});
    }
    const auto bytes = sizeof(T) * static_cast<std::size_t>(B_ * H);
    std::memcpy(h, hidden + B_ * H, bytes);
    if (c != nullptr) std::memcpy(c, cells + B_ * H, bytes);
  }

  const ProgramLayer* layers_;
  long count_, B_;
  const T* values_;
  const T* flow_;
  T* memory_ = nullptr;
  long size_ = 0, line_ = 0;
  bool turn_ = false;
};

// args: lines, flat, x (B, I), state -> y (B, O), next state
template <class T>
PyObject* program_step(PyObject* const* args) {
  PyObject *lines = args[0], *flat = args[1], *x = args[2];
  if (!PyArray_Check(lines) || PyArray_NDIM(as_array(lines)) != 2) return none().release();
  if (!PyArray_Check(x) || PyArray_NDIM(as_array(x)) != 2) return none().release();
  const long count = PyArray_DIM(as_array(lines), 0), batch = PyArray_DIM(as_array(x), 0);
  if (count < 1 || batch < 1 || PyArray_NDIM(as_array(flat)) != 1) return none().release();
  Reader<Length> numbers;
  constexpr long columns = sizeof(ProgramLayer) / sizeof(Length);
  const auto* layers = reinterpret_cast<const ProgramLayer*>(numbers.read(lines, {count, columns}));
  if (!numbers.fits) return none().release();
  Reader<T> reader;
  const T* values = reader.read(flat, {static_cast<long>(PyArray_DIM(as_array(flat), 0))});
  const T* inputs = reader.read(x, {batch, static_cast<long>(layers[0].inputs)});
  if (!reader.fits) return none().release();
  Stepper<T> stepper(layers, count, batch, values, inputs);
  Owned state = stepper.next(args[3]);
  Owned y = state ? stepper.finish() : Owned();
  if (!y) return PyErr_Occurred() != nullptr ? nullptr : none().release();
  return pack_tuple(&PyTuple_Type, std::move(y), std::move(state)).release();
}

}  // namespace gatecast
