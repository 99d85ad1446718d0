// The Python module gatecast.kernels._native: the only file that knows nanobind.
#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>

#include <stdexcept>
#include <string>

#include "cells.hpp"
#include "gatecast/pool.hpp"

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

nb::object lstm_forward(nb::handle x, nb::handle h0, nb::handle c0, nb::handle weight_ih,
                        nb::handle weight_hh, nb::handle bias_ih, nb::handle bias_hh,
                        nb::handle lengths, nb::handle reverse) {
  PyObject* const args[] = {x.ptr(),         h0.ptr(),      c0.ptr(),
                            weight_ih.ptr(), weight_hh.ptr(), bias_ih.ptr(),
                            bias_hh.ptr(),   lengths.ptr(), reverse.ptr()};
  return by_type(x, gatecast::lstm_forward<float>, gatecast::lstm_forward<double>, args);
}

nb::object lstm_backward(nb::handle saved, nb::handle dy, nb::handle dh, nb::handle dc,
                         nb::handle into, nb::handle need_dx) {
  if (!gatecast::is_tuple(saved.ptr(), 7)) return nb::none();
  PyObject* const args[] = {saved.ptr(), dy.ptr(), dh.ptr(), dc.ptr(), into.ptr(), need_dx.ptr()};
  return by_type(gatecast::item(saved.ptr(), 0), gatecast::lstm_backward<float>,
                 gatecast::lstm_backward<double>, args);
}

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

  m.def("lstm_forward", lstm_forward, nb::arg("x"), nb::arg("h0"), nb::arg("c0"),
        nb::arg("weight_ih"), nb::arg("weight_hh"), nb::arg("bias_ih").none(),
        nb::arg("bias_hh").none(), nb::arg("lengths").none(), nb::arg("reverse"));
  m.def("lstm_backward", lstm_backward, nb::arg("saved"), nb::arg("dy").none(),
        nb::arg("dh").none(), nb::arg("dc").none(), nb::arg("into").none(), nb::arg("need_dx"));
  m.def("apply", apply, nb::arg("function"), nb::arg("from_"), nb::arg("to"));

  m.def("thread_count", gatecast::thread_count);
  m.def("set_thread_count", gatecast::set_thread_count, nb::arg("count"));
  m.def("pool_size", gatecast::pool_size);
  m.def("scratch_bytes", gatecast::scratch_bytes);
  m.def("isa", [] { return std::string(gatecast::isa()); });
  m.def("choose_isa", gatecast::choose_isa, nb::arg("name"));
}
