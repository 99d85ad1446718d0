// The Python module gatecast.kernels._native: the only file that knows nanobind.
#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>

#include <stdexcept>
#include <string>

#include "cells.hpp"
#include "gatecast/pool.hpp"
#include "program_calls.hpp"

namespace nb = nanobind;

namespace {

using gatecast::Owned;

bool load_numpy() {
  import_array1(false);
  return true;
}

PyTypeObject* contract_type(const nb::module_& contract, const char* name) {
  return reinterpret_cast<PyTypeObject*>(contract.attr(name).inc_ref().ptr());
}

void load_contract() {
  const nb::module_ contract = nb::module_::import_("gatecast.kernels.contract");
  gatecast::contract = {contract_type(contract, "Weights"), contract_type(contract, "RNNSaved"),
                        contract_type(contract, "GRUSaved"), contract_type(contract, "LSTMSaved"),
                        contract_type(contract, "ExtendedSaved")};
}

nb::object hand_over(PyObject* result) {
  if (result == nullptr) throw nb::python_error();
  return nb::steal(result);
}

// Calls the function of the type of `x`; None when it is neither float32 nor float64.
template <class OfFloat, class OfDouble>
nb::object by_type(nb::handle x, OfFloat of_float, OfDouble of_double, PyObject* const* args) {
  if (!PyArray_Check(x.ptr())) return nb::none();
  switch (PyArray_TYPE(gatecast::as_array(x.ptr()))) {
    case NPY_FLOAT: return hand_over(of_float(args));
    case NPY_DOUBLE: return hand_over(of_double(args));
    default: return nb::none();
  }
}

// A forward call takes x first; a backward call takes saved, whose first item is x.
#define GATECAST_CALL(name)                                                             \
  template <class... Handles>                                                           \
  nb::object name(Handles... handles) {                                                 \
    PyObject* const args[] = {handles.ptr()...};                                        \
    const bool of_saved = PyTuple_Check(args[0]) && PyTuple_GET_SIZE(args[0]) >= 6;     \
    const nb::handle x = of_saved ? PyTuple_GET_ITEM(args[0], 0) : args[0];             \
    return by_type(x, gatecast::name<float>, gatecast::name<double>, args);             \
  }
GATECAST_CALL(lstm_forward)
GATECAST_CALL(lstm_backward)
GATECAST_CALL(gru_forward)
GATECAST_CALL(gru_backward)
GATECAST_CALL(rnn_forward)
GATECAST_CALL(rnn_backward)
#undef GATECAST_CALL

// A call of a whole network takes its lines, the flat parameters, then x.
#define GATECAST_PROGRAM_CALL(name)                                                   \
  template <class... Handles>                                                         \
  nb::object name(Handles... handles) {                                               \
    PyObject* const args[] = {handles.ptr()...};                                      \
    return by_type(args[1], gatecast::name<float>, gatecast::name<double>, args);     \
  }
GATECAST_PROGRAM_CALL(program_predict)
GATECAST_PROGRAM_CALL(program_forward)
GATECAST_PROGRAM_CALL(program_backward)
GATECAST_PROGRAM_CALL(program_mse)
#undef GATECAST_PROGRAM_CALL

using H = nb::handle;

template <class T>
void apply_to(int function, nb::handle from, nb::handle to) {
  gatecast::kernels<T>().apply(function, gatecast::data_of<T>(from.ptr()),
                               gatecast::data_of<T>(to.ptr()),
                               static_cast<long>(PyArray_SIZE(gatecast::as_array(from.ptr()))));
}

void apply(int function, nb::handle from, nb::handle to) {
  PyArray_TYPE(gatecast::as_array(from.ptr())) == NPY_FLOAT ? apply_to<float>(function, from, to)
                                                            : apply_to<double>(function, from, to);
}

}  // namespace

NB_MODULE(_native, m) {
  m.doc() = "gatecast's compiled kernels; see gatecast/kernels/contract.py";
  if (!load_numpy()) throw nb::python_error();
  load_contract();
  gatecast::set_interrupt_hook(gatecast::interrupted);

  const auto any = [](const char* name) { return nb::arg(name).none(); };
  m.def("lstm_forward", lstm_forward<H, H, H, H, H, H, H, H, H>, any("x"), any("h0"), any("c0"),
        any("weight_ih"), any("weight_hh"), any("bias_ih"), any("bias_hh"), any("lengths"),
        any("reverse"));
  m.def("lstm_backward", lstm_backward<H, H, H, H, H, H>, any("saved"), any("dy"), any("dh"),
        any("dc"), any("into"), any("need_dx"));
  m.def("gru_forward", gru_forward<H, H, H, H, H, H, H, H, H>, any("x"), any("h0"),
        any("weight_ih"), any("weight_hh"), any("bias_ih"), any("bias_hh"), any("reset_after"),
        any("lengths"), any("reverse"));
  m.def("gru_backward", gru_backward<H, H, H, H, H>, any("saved"), any("dy"), any("dh"),
        any("into"), any("need_dx"));
  m.def("rnn_forward", rnn_forward<H, H, H, H, H, H, H, H, H>, any("x"), any("h0"),
        any("weight_ih"), any("weight_hh"), any("bias_ih"), any("bias_hh"), any("nonlinearity"),
        any("lengths"), any("reverse"));
  m.def("rnn_backward", rnn_backward<H, H, H, H, H>, any("saved"), any("dy"), any("dh"),
        any("into"), any("need_dx"));
  m.def("program_predict", program_predict<H, H, H>, any("lines"), any("flat"), any("x"));
  m.def("program_forward", program_forward<H, H, H>, any("lines"), any("flat"), any("x"));
  m.def("program_backward", program_backward<H, H, H, H, H, H>, any("lines"), any("flat"),
        any("x"), any("memory"), any("dy"), any("grads"));
  m.def("program_mse", program_mse<H, H, H, H, H>, any("lines"), any("flat"), any("x"), any("y"),
        any("grads"));
  m.def("apply", apply, nb::arg("function"), nb::arg("from_"), nb::arg("to"));

  m.def("thread_count", gatecast::thread_count);
  m.def("set_thread_count", gatecast::set_thread_count, nb::arg("count"));
  m.def("pool_size", gatecast::pool_size);
  m.def("scratch_bytes", gatecast::scratch_bytes);
  m.def("isa", [] { return std::string(gatecast::isa()); });
  m.def("choose_isa", gatecast::choose_isa, nb::arg("name"));
}
