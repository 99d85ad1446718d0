// The calls of whole networks: predict, and the loss with its gradient.
#pragma once

#include "calls.hpp"
#include "gatecast/program.hpp"

namespace gatecast {

// The arrays of a call: the program's lines, the parameters, the inputs.
template <class T>
struct ProgramCall {
  const ProgramLayer* layers = nullptr;
  long count = 0, steps = 0, batch = 0, parameters = 0;
  const T *values = nullptr, *x = nullptr;

  bool read(Reader<T>& reader, PyObject* lines, PyObject* flat, PyObject* inputs) {
    constexpr long columns = sizeof(ProgramLayer) / sizeof(Length);
    if (!PyArray_Check(lines) || PyArray_NDIM(as_array(lines)) != 2) return false;
    if (!PyArray_Check(inputs) || PyArray_NDIM(as_array(inputs)) != 3) return false;
    if (!PyArray_Check(flat) || PyArray_NDIM(as_array(flat)) != 1) return false;
    count = PyArray_DIM(as_array(lines), 0);
    if (count < 1 || count > kLongestProgram) return false;
    Reader<Length> lengths;
    layers = reinterpret_cast<const ProgramLayer*>(lengths.read(lines, {count, columns}));
    if (!lengths.fits) return false;
    batch = PyArray_DIM(as_array(inputs), 0);
    steps = PyArray_DIM(as_array(inputs), 1);
    parameters = PyArray_DIM(as_array(flat), 0);
    values = reader.read(flat, {parameters});
    x = reader.read(inputs, {batch, steps, static_cast<long>(layers[0].inputs)});
    return reader.fits && steps > 0 && batch > 0;
  }

  Program<T> program(T* memory = nullptr, bool learns = true) const {
    return Program<T>(layers, count, steps, batch, learns, memory);
  }

  double operations() const {
    double sum = 0;
    for (long i = 0; i < count; ++i) {
      const ProgramLayer& layer = layers[i];
      sum += 2.0 * layer.gates() * layer.outputs * (layer.inputs + layer.outputs);
    }
    return sum * static_cast<double>(steps * batch);
  }
};

template <class T>
T* program_memory(long count) {
  return static_cast<T*>(scratch(Slot::program, sizeof(T) * static_cast<std::size_t>(count)));
}

template <class T>
Owned outputs_of(const Program<T>& program, const ProgramCall<T>& call) {
  return program.gives_sequences() ? Owned(new_array<T>(call.batch, call.steps, program.features()))
                                   : Owned(new_array<T>(call.batch, program.features()));
}

// args: lines, flat, x -> y
template <class T>
PyObject* program_predict(PyObject* const* args) {
  Reader<T> reader;
  ProgramCall<T> call;
  if (!call.read(reader, args[0], args[1], args[2])) return none().release();
  T* memory = program_memory<T>(call.program(nullptr, false).size());
  Program<T> program = call.program(memory, false);
  Owned y = outputs_of(program, call);
  if (!y) return nullptr;
  const Unlocked unlocked(call.operations());
  return program.forward(call.values, call.x, data_of<T>(y.get())) ? y.release() : nullptr;
}

// args: lines, flat, x -> y, memory: what program_backward needs
template <class T>
PyObject* program_forward(PyObject* const* args) {
  Reader<T> reader;
  ProgramCall<T> call;
  if (!call.read(reader, args[0], args[1], args[2])) return none().release();
  Owned memory(new_array<T>(call.program().size()));
  if (!memory) return nullptr;
  Program<T> program = call.program(data_of<T>(memory.get()));
  Owned y = outputs_of(program, call);
  if (!y) return nullptr;
  {
    const Unlocked unlocked(call.operations());
    if (!program.forward(call.values, call.x, data_of<T>(y.get()))) return nullptr;
  }
  return pack_tuple(&PyTuple_Type, std::move(y), std::move(memory)).release();
}

template <class T>
const T* read_outputs(Reader<T>& reader, PyObject* array, const Program<T>& program,
                      const ProgramCall<T>& call) {
  return program.gives_sequences()
             ? reader.read(array, {call.batch, call.steps, program.features()})
             : reader.read(array, {call.batch, program.features()});
}

// args: lines, flat, x, memory, dy, grads; True when the gradients were written
template <class T>
PyObject* program_backward(PyObject* const* args) {
  Reader<T> reader;
  ProgramCall<T> call;
  if (!call.read(reader, args[0], args[1], args[2])) return none().release();
  T* memory = reader.write(args[3], {call.program().size()});
  if (!reader.fits) return none().release();
  Program<T> program = call.program(memory);
  const T* dy = read_outputs(reader, args[4], program, call);
  T* grads = reader.write(args[5], {call.parameters});
  if (!reader.fits) return none().release();
  const Unlocked unlocked(2 * call.operations());
  return program.backward(call.values, call.x, dy, grads) ? Py_NewRef(Py_True) : nullptr;
}

// args: lines, flat, x, y, grads -> mean squared error, its gradient written to grads
template <class T>
PyObject* program_mse(PyObject* const* args) {
  Reader<T> reader;
  ProgramCall<T> call;
  if (!call.read(reader, args[0], args[1], args[2])) return none().release();
  const Program<T> sizes = call.program();
  const T* target = read_outputs(reader, args[3], sizes, call);
  T* grads = reader.write(args[4], {call.parameters});
  if (!reader.fits) return none().release();
  const long outputs = (sizes.gives_sequences() ? call.steps : 1) * call.batch * sizes.features();
  T* memory = program_memory<T>(sizes.size() + outputs);
  T* y = memory + sizes.size();
  Program<T> program = call.program(memory);
  double sum = 0;
  {
    const Unlocked unlocked(3 * call.operations());
    if (!program.forward(call.values, call.x, y)) return nullptr;
    const T scale = static_cast<T>(2 * (1 / static_cast<double>(outputs)));  // as MSE has it
    for (long j = 0; j < outputs; ++j) {
      const T error = y[j] - target[j];
      sum += static_cast<double>(error * error);
      y[j] = scale * error;
    }
    sum /= static_cast<double>(outputs);
    const bool finite = sum - sum == 0;
    if (finite && !program.backward(call.values, call.x, y, grads)) return nullptr;
  }
  return PyFloat_FromDouble(sum);
}

}  // namespace gatecast
