// The kernels of every instruction set, and the choice among them.
#pragma once

#include "gatecast/extended.hpp"
#include "gatecast/optimiser.hpp"

namespace gatecast {

// Whole-layer calls; false when the work was abandoned.
template <class T>
struct Kernels {
  bool (*lstm_forward)(const LstmForward<T>&);
  bool (*lstm_backward)(const LstmBackward<T>&);
  bool (*gru_forward)(const GruForward<T>&);
  bool (*gru_backward)(const GruBackward<T>&);
  bool (*rnn_forward)(const RnnForward<T>&);
  bool (*rnn_backward)(const RnnBackward<T>&);
  bool (*extended_forward)(const Extended<T>&);
  bool (*extended_backward)(const Extended<T>&);
  bool (*linear_forward)(const Linear<T>&);
  bool (*linear_backward)(const Linear<T>&);
  void (*adam)(const AdamStep<T>&);
  void (*sgd)(const SgdStep<T>&);
  void (*rmsprop)(const RmspropStep<T>&);
  double (*sum_of_squares)(const T* a, long count);
  void (*apply)(int function, const T* from, T* to, long count);  // exp, tanh, sigmoid
};

// One per translation unit of kernels.cpp.
#define GATECAST_DECLARE(isa)                  \
  namespace isa {                              \
  extern const Kernels<float> kernels_float;   \
  extern const Kernels<double> kernels_double; \
  }
GATECAST_DECLARE(baseline)
GATECAST_DECLARE(avx2)
GATECAST_DECLARE(avx512)
#undef GATECAST_DECLARE

// The instruction set in use: the best that the processor has, or what choose_isa was told.
const char* isa();

// False where the processor (or this build) does not have it.
bool choose_isa(const char* name);

template <class T>
const Kernels<T>& kernels();

}  // namespace gatecast
