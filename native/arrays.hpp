// NumPy arrays as the kernels see them: read without conversion, made without a detour.
//
// The C API of NumPy and not nanobind's ndarray: a call on a tiny network takes some twenty
// arrays, and the general exchange protocol would cost more than the arithmetic.
#pragma once

#define NPY_NO_DEPRECATED_API NPY_2_0_API_VERSION
#define NPY_TARGET_VERSION NPY_1_25_API_VERSION
#define PY_ARRAY_UNIQUE_SYMBOL gatecast_numpy
#include <Python.h>
#include <numpy/arrayobject.h>

#include <initializer_list>

#include "gatecast/layer.hpp"

namespace gatecast {

template <class T>
constexpr int kNumpyType = NPY_FLOAT;
template <>
constexpr int kNumpyType<double> = NPY_DOUBLE;
template <>
constexpr int kNumpyType<Length> = NPY_INT64;

inline PyArrayObject* as_array(PyObject* object) {
  return reinterpret_cast<PyArrayObject*>(object);
}

// Reads arrays that fit exactly: type, shape, C order, aligned.  The first that does not makes
// `fits` false; Python then says what is wrong, or copies and tries again.
template <class T>
class Reader {
 public:
  bool fits = true;

  T* read(PyObject* object, std::initializer_list<long> shape) {
    return static_cast<T*>(data(object, shape, kNumpyType<T>, false));
  }
  T* read_or_null(PyObject* object, std::initializer_list<long> shape) {
    return object == Py_None ? nullptr : read(object, shape);
  }
  T* write(PyObject* object, std::initializer_list<long> shape) {
    return static_cast<T*>(data(object, shape, kNumpyType<T>, true));
  }
  T* write_or_null(PyObject* object, std::initializer_list<long> shape) {
    return object == Py_None ? nullptr : write(object, shape);
  }

  const Length* read_lengths(PyObject* object, long batch, long steps) {
    if (object == Py_None) return nullptr;
    const auto* lengths = static_cast<Length*>(data(object, {batch}, NPY_INT64, false));
    for (long b = 0; lengths != nullptr && b < batch; ++b) {
      if (lengths[b] < 0 || lengths[b] > steps) fits = false;
    }
    return lengths;
  }

 private:
  void* data(PyObject* object, std::initializer_list<long> shape, int type, bool writeable) {
    if (!fits || !PyArray_Check(object)) return fail();
    PyArrayObject* array = as_array(object);
    const int flags =
        NPY_ARRAY_C_CONTIGUOUS | NPY_ARRAY_ALIGNED | (writeable ? NPY_ARRAY_WRITEABLE : 0);
    if (!same_type(array, type) || !PyArray_CHKFLAGS(array, flags) ||
        PyArray_NDIM(array) != static_cast<int>(shape.size()) || !PyArray_ISNOTSWAPPED(array)) {
      return fail();
    }
    const npy_intp* size = PyArray_DIMS(array);
    for (const long wanted : shape) {
      if (*size++ != wanted) return fail();
    }
    return PyArray_DATA(array);
  }

  static bool same_type(PyArrayObject* array, int type) {
    const int found = PyArray_TYPE(array);
    return found == type || (type == NPY_INT64 && sizeof(long) == 8 && found == NPY_LONG) ||
           (type == NPY_INT64 && found == NPY_LONGLONG);
  }

  void* fail() {
    fits = false;
    return nullptr;
  }
};

// A new array, not initialised; null with a Python error set when there is no memory.
template <class T, class... Sizes>
PyObject* new_array(Sizes... sizes) {
  npy_intp shape[] = {static_cast<npy_intp>(sizes)...};
  return PyArray_SimpleNew(static_cast<int>(sizeof...(sizes)), shape, kNumpyType<T>);
}

template <class T>
T* data_of(PyObject* array) {
  return static_cast<T*>(PyArray_DATA(as_array(array)));
}

}  // namespace gatecast
