// The kernels for one instruction set and one type: compiled once for each pair.
//
// Nothing here may emit code that another unit could share (no std:: templates): the linker
// would keep one copy, perhaps the one that only the newest processors can run.
#include "gatecast/dispatch.hpp"
#include "gatecast/extended_backward.hpp"
#include "gatecast/gru_backward.hpp"
#include "gatecast/linear.hpp"
#include "gatecast/lstm.hpp"
#include "gatecast/rnn.hpp"
#include "gatecast/vector.hpp"

namespace gatecast::GATECAST_ISA {
namespace {

template <class T>
void apply(int function, const T* from, T* to, long count) {
  for (long j = 0; j < count; j += kLanes<T>) {
    const Lanes<T> lanes(count - j);
    const Vec<T> v = lanes.load(from + j);
    lanes.store(to + j, function == 0   ? exponential<T>(v)
                        : function == 1 ? tanh<T>(v)
                                        : sigmoid<T>(v));
  }
}

template <class T>
constexpr Kernels<T> table() {
  return {
      [](const LstmForward<T>& p) { return LstmForwardRun<T>(p).run(); },
      [](const LstmBackward<T>& p) { return LstmBackwardRun<T>(p).run(); },
      [](const GruForward<T>& p) { return GruForwardRun<T>(p).run(); },
      [](const GruBackward<T>& p) { return GruBackwardRun<T>(p).run(); },
      [](const RnnForward<T>& p) { return RnnForwardRun<T>(p).run(); },
      [](const RnnBackward<T>& p) { return RnnBackwardRun<T>(p).run(); },
      [](const Extended<T>& p) { return ExtendedForwardRun<T>(p).run(); },
      [](const Extended<T>& p) { return ExtendedBackwardRun<T>(p).run(); },
      [](const Linear<T>& p) { return LinearForwardRun<T>(p).run(); },
      [](const Linear<T>& p) { return LinearBackwardRun<T>(p).run(); },
      [](const AdamStep<T>& s) { in_blocks(s, adam_block<T>); },
      [](const SgdStep<T>& s) { in_blocks(s, sgd_block<T>); },
      [](const RmspropStep<T>& s) { in_blocks(s, rmsprop_block<T>); },
      sum_of_squares<T>,
      apply<T>,
  };
}

}  // namespace

#if defined(GATECAST_DOUBLE)
extern const Kernels<double> kernels_double = table<double>();
#else
extern const Kernels<float> kernels_float = table<float>();
#endif

}  // namespace gatecast::GATECAST_ISA
