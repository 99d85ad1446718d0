// Python objects that the calls hand out, and the lock of the interpreter.
#pragma once

#include <utility>

#include "arrays.hpp"

namespace gatecast {

// A reference that is given back.
class Owned {
 public:
  Owned() = default;
  explicit Owned(PyObject* object) : object_(object) {}
  Owned(Owned&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  Owned& operator=(Owned&& other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~Owned() { Py_XDECREF(object_); }

  PyObject* get() const { return object_; }
  PyObject* release() { return std::exchange(object_, nullptr); }
  explicit operator bool() const { return object_ != nullptr; }

 private:
  PyObject* object_ = nullptr;
};

inline Owned borrowed(PyObject* object) {
  Py_INCREF(object);
  return Owned(object);
}

inline Owned none() { return borrowed(Py_None); }

// The NamedTuples of contract.py; filled when the module is loaded.
struct Contract {
  PyTypeObject *weights, *rnn_saved, *gru_saved, *lstm_saved, *extended_saved;
};
inline Contract contract{};

// A tuple, or a NamedTuple of that type, of these parts; null when one of them is.
template <class... Parts>
Owned pack_tuple(PyTypeObject* type, Parts... parts) {
  if (!(static_cast<bool>(parts) && ...)) return Owned();
  Owned tuple(type->tp_alloc(type, sizeof...(parts)));
  if (!tuple) return tuple;
  Py_ssize_t k = 0;
  ((PyTuple_SET_ITEM(tuple.get(), k++, parts.release())), ...);
  return tuple;
}

inline PyObject* item(PyObject* tuple, Py_ssize_t k) { return PyTuple_GET_ITEM(tuple, k); }

// A tuple of at least that many items, which the contract's NamedTuples are.
inline bool is_tuple(PyObject* object, Py_ssize_t items) {
  return PyTuple_Check(object) && PyTuple_GET_SIZE(object) >= items;
}

// Lets other Python threads run during a long call.  A short one keeps the lock: giving it away
// can cost more than the work.
class Unlocked {
 public:
  explicit Unlocked(double operations)
      : state_(operations >= 1e6 ? PyEval_SaveThread() : nullptr) {}
  ~Unlocked() {
    if (state_ != nullptr) PyEval_RestoreThread(state_);
  }
  Unlocked(const Unlocked&) = delete;
  Unlocked& operator=(const Unlocked&) = delete;

 private:
  PyThreadState* state_;
};

// Asked by the pool on the calling thread: has the user pressed Ctrl-C?
inline bool interrupted() {
  const PyGILState_STATE state = PyGILState_Ensure();
  const bool raised = PyErr_CheckSignals() != 0;
  PyGILState_Release(state);
  return raised;
}

// A read-only view of steps [first, first + count) of an array of states.
inline Owned view_of_steps(PyObject* states, long first, long count) {
  PyArrayObject* array = as_array(states);
  npy_intp shape[3] = {count, PyArray_DIM(array, 1), PyArray_DIM(array, 2)};
  char* data = PyArray_BYTES(array) + first * PyArray_STRIDE(array, 0);
  PyArray_Descr* type = PyArray_DESCR(array);
  Py_INCREF(type);
  Owned view(PyArray_NewFromDescr(&PyArray_Type, type, 3, shape, nullptr, data,
                                  NPY_ARRAY_C_CONTIGUOUS | NPY_ARRAY_ALIGNED, nullptr));
  if (!view) return view;
  Py_INCREF(states);
  if (PyArray_SetBaseObject(as_array(view.get()), states) < 0) return Owned();
  return view;
}

// A copy of one step of an array of states.
template <class T>
Owned copy_of_step(PyObject* states, long step) {
  const long batch = PyArray_DIM(as_array(states), 1), width = PyArray_DIM(as_array(states), 2);
  Owned copied(new_array<T>(batch, width));
  if (copied) {
    const std::size_t size = static_cast<std::size_t>(batch * width);
    std::memcpy(data_of<T>(copied.get()), data_of<T>(states) + step * size, size * sizeof(T));
  }
  return copied;
}

}  // namespace gatecast
