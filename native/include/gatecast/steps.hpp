// What all cells share: when to ask whether to stop, ragged rows, and the copying of states.
#pragma once

#include "gatecast/layer.hpp"
#include "gatecast/pack.hpp"
#include "gatecast/pool.hpp"

namespace gatecast::GATECAST_ISA {

// Asks about once per million operations whether the work is abandoned.
class Watch {
 public:
  explicit Watch(double operations_per_step) : per_step_(operations_per_step) {}

  bool stop() {
    done_ += per_step_;
    if (done_ < 1e6) return false;
    done_ = 0;
    return abandoned();
  }

 private:
  double per_step_, done_ = 0;
};

template <class T>
GATECAST_INLINE void copy(T* to, const T* from, long count) {
  std::memcpy(to, from, sizeof(T) * static_cast<std::size_t>(count));
}

template <class T>
GATECAST_INLINE void clear(T* to, long count) {
  std::memset(to, 0, sizeof(T) * static_cast<std::size_t>(count));
}

template <class T>
GATECAST_INLINE void copy_or_zero(T* to, const T* from, long count) {
  if (from != nullptr) {
    copy(to, from, count);
  } else {
    clear(to, count);
  }
}

// Copies rows of `columns` values into rows that are `to_step` apart; null gives zeros.
template <class T>
void spread_rows(T* to, long to_step, const T* from, long rows, long columns) {
  for (long r = 0; r < rows; ++r) {
    copy_or_zero(to + r * to_step, from == nullptr ? nullptr : from + r * columns, columns);
  }
}

template <class T>
void gather_rows(T* to, const T* from, long from_step, long rows, long columns) {
  for (long r = 0; r < rows; ++r) copy(to + r * columns, from + r * from_step, columns);
}

// to (padded) += from
template <class T>
GATECAST_INLINE void add_row(T* to, const T* from, long count) {
  for (long j = 0; j < count; j += kLanes<T>) {
    const Lanes<T> lanes(count - j);
    store(to + j, load(to + j) + lanes.load(from + j));
  }
}

// y of one step: the states, zero where the row has ended.
template <class T>
void write_ragged_outputs(const Sequence& seq, long step, long begin, long rows, long columns,
                          const T* hidden, T* y) {
  for (long r = 0; r < rows; ++r) {
    const bool active = seq.active(step, begin + r);
    copy_or_zero(y + r * columns, active ? hidden + r * columns : nullptr, columns);
  }
}

}  // namespace gatecast::GATECAST_ISA
