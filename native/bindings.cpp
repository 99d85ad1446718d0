// The Python module gatecast.kernels._native: the only file that knows nanobind.
#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>

#include <stdexcept>
#include <string>

#include "cells.hpp"
#include "extended_calls.hpp"
#include "gatecast/pool.hpp"
#include "program_calls.hpp"
#include "program_step.hpp"
#include "vectors.hpp"

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

// Most forward calls take x first, those of the extended cells a word and then x; a backward call
// takes saved, whose first item is x.
nb::handle x_of(PyObject* first, PyObject* second) {
  if (PyTuple_Check(first) && PyTuple_GET_SIZE(first) >= 6) return PyTuple_GET_ITEM(first, 0);
  return PyUnicode_Check(first) && second != nullptr ? second : first;
}

#define GATECAST_CALL(name)                                                   \
  template <class... Handles>                                                 \
  nb::object name(Handles... handles) {                                       \
    PyObject* const args[] = {handles.ptr()...};                              \
    return by_type(x_of(args[0], sizeof...(handles) > 1 ? args[1] : nullptr), \
                   gatecast::name<float>, gatecast::name<double>, args);      \
  }
GATECAST_CALL(lstm_forward)
GATECAST_CALL(lstm_backward)
GATECAST_CALL(gru_forward)
GATECAST_CALL(gru_backward)
GATECAST_CALL(rnn_forward)
GATECAST_CALL(rnn_backward)
GATECAST_CALL(extended_forward)
GATECAST_CALL(extended_backward)
GATECAST_CALL(global_norm)
GATECAST_CALL(linear_forward)
GATECAST_CALL(linear_backward)
GATECAST_CALL(gather_windows)
#undef GATECAST_CALL

// A call of a whole network takes its lines, the flat parameters, then x.
#define GATECAST_PROGRAM_CALL(name)                                               \
  template <class... Handles>                                                     \
  nb::object name(Handles... handles) {                                           \
    PyObject* const args[] = {handles.ptr()...};                                  \
    return by_type(args[1], gatecast::name<float>, gatecast::name<double>, args); \
  }
GATECAST_PROGRAM_CALL(program_predict)
GATECAST_PROGRAM_CALL(program_forward)
GATECAST_PROGRAM_CALL(program_backward)
GATECAST_PROGRAM_CALL(program_mse)
GATECAST_PROGRAM_CALL(program_step)
#undef GATECAST_PROGRAM_CALL
// An optimiser step changes its vectors in place; false when they do not fit.
template <class OfFloat, class OfDouble>
bool optimise(OfFloat of_float, OfDouble of_double, PyObject* const* args, const double* options) {
  if (!PyArray_Check(args[0])) return false;
  switch (PyArray_TYPE(gatecast::as_array(args[0]))) {
    case NPY_FLOAT: return of_float(args, options);
    case NPY_DOUBLE: return of_double(args, options);
    default: return false;
  }
}

bool adam_step(nb::handle parameters, nb::handle gradients, nb::handle first, nb::handle second,
               double learning_rate, double beta1, double beta2, double epsilon,
               double weight_decay, bool decoupled, double correction1, double correction2,
               double scale) {
  PyObject* const args[] = {parameters.ptr(), gradients.ptr(), first.ptr(), second.ptr()};
  const double options[] = {learning_rate,       beta1,       beta2,       epsilon, weight_decay,
                            decoupled ? 1. : 0., correction1, correction2, scale};
  return optimise(gatecast::adam_step<float>, gatecast::adam_step<double>, args, options);
}

bool sgd_step(nb::handle parameters, nb::handle gradients, nb::handle velocity,
              double learning_rate, double momentum, double dampening, double weight_decay,
              bool nesterov, double scale) {
  PyObject* const args[] = {parameters.ptr(), gradients.ptr(), velocity.ptr()};
  const double options[] = {learning_rate, momentum,           dampening,
                            weight_decay,  nesterov ? 1. : 0., scale};
  return optimise(gatecast::sgd_step<float>, gatecast::sgd_step<double>, args, options);
}

bool rmsprop_step(nb::handle parameters, nb::handle gradients, nb::handle square, nb::handle mean,
                  nb::handle velocity, double learning_rate, double alpha, double epsilon,
                  double weight_decay, double momentum, double scale) {
  PyObject* const args[] = {parameters.ptr(), gradients.ptr(), square.ptr(), mean.ptr(),
                            velocity.ptr()};
  const double options[] = {learning_rate, alpha, epsilon, weight_decay, momentum, scale};
  return optimise(gatecast::rmsprop_step<float>, gatecast::rmsprop_step<double>, args, options);
}

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

// How threadpoolctl recognises the module among others of that name.
extern "C" __attribute__((visibility("default"))) int gatecast_num_threads() {
  return gatecast::thread_count();
}

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
  m.def("program_backward", program_backward<H, H, H, H, H, H>, any("lines"), any("flat"), any("x"),
        any("memory"), any("dy"), any("grads"));
  m.def("program_mse", program_mse<H, H, H, H, H>, any("lines"), any("flat"), any("x"), any("y"),
        any("grads"));
  m.def("program_step", program_step<H, H, H, H>, any("lines"), any("flat"), any("x"),
        any("state"));
  m.def("extended_forward", extended_forward<H, H, H, H, H, H, H, H>, any("form"), any("x"),
        any("h0"), any("c0"), any("weights"), any("masks"), any("lengths"), any("reverse"));
  m.def("extended_backward", extended_backward<H, H, H, H, H, H>, any("saved"), any("dy"),
        any("dh"), any("dc"), any("into"), any("need_dx"));
  m.def("adam_step", adam_step, any("parameters"), any("gradients"), any("first"), any("second"),
        nb::arg("learning_rate"), nb::arg("beta1"), nb::arg("beta2"), nb::arg("epsilon"),
        nb::arg("weight_decay"), nb::arg("decoupled"), nb::arg("correction1"),
        nb::arg("correction2"), nb::arg("scale"));
  m.def("sgd_step", sgd_step, any("parameters"), any("gradients"), any("velocity"),
        nb::arg("learning_rate"), nb::arg("momentum"), nb::arg("dampening"),
        nb::arg("weight_decay"), nb::arg("nesterov"), nb::arg("scale"));
  m.def("rmsprop_step", rmsprop_step, any("parameters"), any("gradients"), any("square"),
        any("mean"), any("velocity"), nb::arg("learning_rate"), nb::arg("alpha"),
        nb::arg("epsilon"), nb::arg("weight_decay"), nb::arg("momentum"), nb::arg("scale"));
  m.def("global_norm", global_norm<H>, any("vector"));
  m.def("linear_forward", linear_forward<H, H, H>, any("x"), any("weight"), any("bias"));
  m.def("linear_backward", linear_backward<H, H, H, H, H, H>, any("x"), any("weight"), any("dy"),
        any("dweight"), any("dbias"), any("need_dx"));
  m.def("gather_windows", gather_windows<H, H, H>, any("series"), any("starts"), any("width"));
  m.def("apply", apply, nb::arg("function"), nb::arg("from_"), nb::arg("to"));

  m.def("thread_count", gatecast::thread_count);
  m.def("set_thread_count", gatecast::set_thread_count, nb::arg("count"));
  m.def("pool_size", gatecast::pool_size);
  m.def("scratch_bytes", gatecast::scratch_bytes);
  m.def("isa", [] { return std::string(gatecast::isa()); });
  m.def("choose_isa", gatecast::choose_isa, nb::arg("name"));
}
