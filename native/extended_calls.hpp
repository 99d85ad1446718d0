// The calls of the cells with in-cell options.
#pragma once

#include "calls.hpp"

namespace gatecast {

// The cell and its form, from the word that ExtendedSaved keeps.
template <class T>
bool read_form(PyObject* form, Extended<T>& p) {
  const auto is = [&](const char* word) {
    return PyUnicode_Check(form) && PyUnicode_CompareWithASCIIString(form, word) == 0;
  };
  p.relu = is("relu");
  p.reset_after = is("after");
  p.coupled = is("coupled");
  if (p.relu || is("tanh")) {
    p.cell = Cell::rnn;
    p.gates = 1;
  } else if (p.reset_after || is("before")) {
    p.cell = Cell::gru;
    p.gates = 3;
  } else if (p.coupled || is("")) {
    p.cell = Cell::lstm;
    p.gates = p.coupled ? 3 : 4;
  } else {
    return false;
  }
  return true;
}

// A (T, B, N) array of any strides that are 0, or whole rows of values that stand together.
template <class T>
Shares<T> read_shares(Reader<T>& reader, PyObject* object, long steps, long batch, long count) {
  Shares<T> shares;
  if (object == Py_None) return shares;
  PyArrayObject* array = as_array(object);
  if (!PyArray_Check(object) || PyArray_NDIM(array) != 3 || !PyArray_ISALIGNED(array) ||
      !PyArray_ISNOTSWAPPED(array) || PyArray_TYPE(array) != kNumpyType<T> ||
      PyArray_DIM(array, 0) != steps || PyArray_DIM(array, 1) != batch ||
      PyArray_DIM(array, 2) != count) {
    reader.fits = false;
    return shares;
  }
  const auto stride = [&](int axis) {
    return static_cast<long>(PyArray_STRIDE(array, axis)) / static_cast<long>(sizeof(T));
  };
  shares = {static_cast<const T*>(PyArray_DATA(array)), stride(0), stride(1), stride(2)};
  if (shares.of_value != 0 && shares.of_value != 1 && count > 1) reader.fits = false;
  return shares;
}

// The weights (a tuple of ten) as the form wants them.
template <class T>
bool read_optional(Reader<T>& reader, PyObject* tuple, Extended<T>& p) {
  if (!is_tuple(tuple, 10)) return reader.fits = false;
  const long H = p.seq.hidden, P = p.fed_back, G = p.gates * H;
  const auto get = [&](Py_ssize_t k, std::initializer_list<long> shape) {
    return reader.read_or_null(item(tuple, k), shape);
  };
  p.weights.weight_ih = reader.read(item(tuple, 0), {G, p.seq.inputs});
  p.weights.weight_hh = reader.read(item(tuple, 1), {G, P});
  p.weights.bias_ih = get(2, {G});
  p.weights.bias_hh = get(3, {G});
  p.weights.weight_hr = get(4, {P, H});
  p.weights.peephole = get(5, {G - H});
  p.weights.norm_ih = get(6, {G});
  p.weights.norm_hh = get(7, {G});
  p.weights.norm_cell = get(8, {H});
  p.weights.norm_cell_bias = get(9, {H});
  const auto& w = p.weights;
  const bool of_lstm = w.weight_hr != nullptr || w.peephole != nullptr || w.norm_cell != nullptr;
  if ((w.bias_ih == nullptr) != (w.bias_hh == nullptr) ||
      (w.norm_cell == nullptr) != (w.norm_cell_bias == nullptr) ||
      (of_lstm && p.cell != Cell::lstm) || (P != H && w.weight_hr == nullptr)) {
    reader.fits = false;
  }
  return reader.fits;
}

// Sizes, form, weights and masks: what forward and backward read alike.
template <class T>
bool read_layer(Reader<T>& reader, Extended<T>& p, PyObject* form, PyObject* x, PyObject* state,
                PyObject* cell_state, PyObject* weights, PyObject* masks, PyObject* lengths,
                PyObject* reverse) {
  if (!read_form(form, p) || !sizes_of(x, state, reverse, p.seq)) return false;
  p.fed_back = p.seq.hidden;
  if (p.cell == Cell::lstm) {
    if (!PyArray_Check(cell_state) || PyArray_NDIM(as_array(cell_state)) < 2) return false;
    p.seq.hidden = PyArray_DIM(as_array(cell_state), PyArray_NDIM(as_array(cell_state)) - 1);
  }
  const long T_ = p.seq.steps, B = p.seq.batch;
  p.x = reader.read(x, {T_, B, p.seq.inputs});
  if (!read_optional(reader, weights, p) || !is_tuple(masks, 3)) return false;
  p.dropout = reader.read_or_null(item(masks, 0), {B, p.fed_back});
  p.zoneout_h = read_shares(reader, item(masks, 1), T_, B, p.fed_back);
  p.zoneout_c = read_shares(reader, item(masks, 2), T_, B, p.seq.hidden);
  if (p.cell != Cell::lstm && p.zoneout_c.data != nullptr) return false;
  p.seq.lengths = reader.read_lengths(lengths, B, T_);
  return reader.fits;
}

// args: form, x, h0, c0 or None, weights, masks, lengths, reverse
template <class T>
PyObject* extended_forward(PyObject* const* args) {
  Extended<T> p{};
  Sequence& seq = p.seq;
  Reader<T> reader;
  if (!read_layer(reader, p, args[0], args[1], args[2], args[3], args[4], args[5], args[6],
                  args[7])) {
    return none().release();
  }
  const long T_ = seq.steps, B = seq.batch, H = seq.hidden, P = p.fed_back, G = p.gates * H;
  const bool is_lstm = p.cell == Cell::lstm;
  p.h0 = reader.read(args[2], {B, P});
  p.c0 = is_lstm ? reader.read(args[3], {B, H}) : nullptr;
  if (!reader.fits) return none().release();

  bool memory = true;
  const auto make = [&](bool wanted, long rows, long columns) {
    Owned made = wanted ? Owned(new_array<T>(rows, B, columns)) : none();
    memory = memory && made;
    return made;
  };
  const auto pointer = [](const Owned& o) {
    return o.get() == Py_None ? nullptr : data_of<T>(o.get());
  };
  const bool norm_ih = p.weights.norm_ih != nullptr, norm_hh = p.weights.norm_hh != nullptr;
  Owned x = blank<T>(args[1], seq);
  Owned hidden = make(true, T_ + 1, P), cells = make(is_lstm, T_ + 1, H);
  Owned gates = make(true, T_, G), recurrent_n = make(p.reset_after, T_, H);
  Owned normed_ih = make(norm_ih, T_, G), normed_hh = make(norm_hh, T_, G);
  Owned precision_ih = make(norm_ih, T_, 1), precision_hh = make(norm_hh, T_, p.norms());
  if (!memory || !x) return nullptr;
  Owned y = seq.lengths == nullptr ? view_of_steps(hidden.get(), seq.reverse ? 0 : 1, T_)
                                   : make(true, T_, P);
  if (!y) return nullptr;
  p.x = data_of<T>(x.get());
  p.hidden = pointer(hidden);
  p.cells = pointer(cells);
  p.gate_values = pointer(gates);
  p.recurrent_n = pointer(recurrent_n);
  p.normed_ih = pointer(normed_ih);
  p.normed_hh = pointer(normed_hh);
  p.precision_ih = pointer(precision_ih);
  p.precision_hh = pointer(precision_hh);
  p.y = seq.lengths == nullptr ? nullptr : data_of<T>(y.get());
  {
    const Unlocked unlocked(operations_of(seq, p.gates));
    if (!kernels<T>().extended_forward(p)) return nullptr;
  }
  const long last = seq.after(seq.step(T_ - 1));
  Owned h = copy_of_step<T>(hidden.get(), last);
  Owned c = is_lstm ? copy_of_step<T>(cells.get(), last) : none();
  Owned saved = pack_tuple(contract.extended_saved, std::move(x), std::move(hidden),
                           std::move(cells), std::move(gates), std::move(recurrent_n),
                           std::move(normed_ih), std::move(normed_hh), std::move(precision_ih),
                           std::move(precision_hh), borrowed(args[4]), borrowed(args[5]),
                           borrowed(args[6]), borrowed(args[7]), borrowed(args[0]));
  if (!is_lstm) {
    return pack_tuple(&PyTuple_Type, std::move(y), std::move(h), std::move(saved)).release();
  }
  return pack_tuple(&PyTuple_Type, std::move(y), std::move(h), std::move(c), std::move(saved))
      .release();
}

// The gradients of all ten weights: new arrays, or `into`.
template <class T>
Owned optional_gradients(Reader<T>& reader, Extended<T>& p, PyObject* into) {
  const long H = p.seq.hidden, P = p.fed_back, G = p.gates * H;
  T** const targets[] = {&p.gradients.weight_ih,     &p.gradients.weight_hh, &p.gradients.bias_ih,
                         &p.gradients.bias_hh,       &p.gradients.weight_hr, &p.gradients.peephole,
                         &p.gradients.norm_ih,       &p.gradients.norm_hh,   &p.gradients.norm_cell,
                         &p.gradients.norm_cell_bias};
  const T* const given[] = {p.weights.weight_ih,     p.weights.weight_hh, p.weights.bias_ih,
                            p.weights.bias_hh,       p.weights.weight_hr, p.weights.peephole,
                            p.weights.norm_ih,       p.weights.norm_hh,   p.weights.norm_cell,
                            p.weights.norm_cell_bias};
  const long shapes[][2] = {{G, p.seq.inputs}, {G, P}, {G, 0}, {G, 0}, {P, H},
                            {G - H, 0},        {G, 0}, {G, 0}, {H, 0}, {H, 0}};
  const bool matrix[] = {true, true, false, false, true, false, false, false, false, false};
  p.add = into != Py_None;
  if (p.add && !is_tuple(into, 10)) {
    reader.fits = false;
    return Owned();
  }
  Owned tuple = p.add ? borrowed(into) : Owned(contract.weights->tp_alloc(contract.weights, 10));
  for (Py_ssize_t k = 0; tuple && k < 10; ++k) {
    const long rows = shapes[k][0], columns = shapes[k][1];
    if (p.add) {
      if (given[k] == nullptr) continue;
      *targets[k] = matrix[k] ? reader.write_or_null(item(into, k), {rows, columns})
                              : reader.write_or_null(item(into, k), {rows});
      continue;
    }
    const bool shared = k == 3 && p.cell != Cell::gru;  // both biases have one gradient
    Owned made = given[k] == nullptr ? none()
                 : shared            ? borrowed(item(tuple.get(), 2))
                 : matrix[k]         ? Owned(new_array<T>(rows, columns))
                                     : Owned(new_array<T>(rows));
    if (!made) return Owned();
    if (given[k] != nullptr && !shared) *targets[k] = data_of<T>(made.get());
    PyTuple_SET_ITEM(tuple.get(), k, made.release());
  }
  if (p.add && (p.gradients.weight_ih == nullptr || p.gradients.weight_hh == nullptr ||
                (p.projects() && p.gradients.weight_hr == nullptr))) {
    reader.fits = false;
  }
  return reader.fits ? std::move(tuple) : Owned();
}

// args: saved, dy, dh, dc, into, need_dx
template <class T>
PyObject* extended_backward(PyObject* const* args) {
  Extended<T> p{};
  Sequence& seq = p.seq;
  if (!is_tuple(args[0], 14)) return none().release();
  PyObject* const* saved = &PyTuple_GET_ITEM(args[0], 0);
  Reader<T> reader;
  if (!read_layer(reader, p, saved[13], saved[0], saved[1], saved[2], saved[9], saved[10],
                  saved[11], saved[12])) {
    return none().release();
  }
  const long T_ = seq.steps, B = seq.batch, H = seq.hidden, P = p.fed_back, G = p.gates * H;
  const bool is_lstm = p.cell == Cell::lstm;
  const auto read = [&](Py_ssize_t k, bool wanted, long steps, long columns) {
    return wanted ? reader.read(saved[k], {steps, B, columns}) : nullptr;
  };
  const bool norm_ih = p.weights.norm_ih != nullptr, norm_hh = p.weights.norm_hh != nullptr;
  p.hidden = read(1, true, T_ + 1, P);
  p.cells = read(2, is_lstm, T_ + 1, H);
  p.gate_values = read(3, true, T_, G);
  p.recurrent_n = read(4, p.reset_after, T_, H);
  p.normed_ih = read(5, norm_ih, T_, G);
  p.normed_hh = read(6, norm_hh, T_, G);
  p.precision_ih = read(7, norm_ih, T_, 1);
  p.precision_hh = read(8, norm_hh, T_, p.norms());
  p.dy = reader.read_or_null(args[1], {T_, B, P});
  p.dh = reader.read_or_null(args[2], {B, P});
  p.dc = reader.read_or_null(args[3], {B, H});
  if (!reader.fits) return none().release();

  Owned gradients = optional_gradients(reader, p, args[4]);
  if (!reader.fits) return none().release();
  const bool need_dx = PyObject_IsTrue(args[5]) == 1;
  Owned dx = need_dx ? Owned(new_array<T>(T_, B, seq.inputs)) : none();
  Owned dh0(new_array<T>(B, P)), dc0 = is_lstm ? Owned(new_array<T>(B, H)) : none();
  if (!gradients || !dx || !dh0 || !dc0) return nullptr;
  p.dx = need_dx ? data_of<T>(dx.get()) : nullptr;
  p.dh0 = data_of<T>(dh0.get());
  p.dc0 = is_lstm ? data_of<T>(dc0.get()) : nullptr;
  {
    const Unlocked unlocked(operations_of(seq, 2 * p.gates));
    if (!kernels<T>().extended_backward(p)) return nullptr;
  }
  if (!is_lstm) {
    return pack_tuple(&PyTuple_Type, std::move(dx), std::move(dh0), std::move(gradients)).release();
  }
  return pack_tuple(&PyTuple_Type, std::move(dx), std::move(dh0), std::move(dc0),
                    std::move(gradients))
      .release();
}

}  // namespace gatecast
