// A whole network in one call: recurrent layers, the last step, linear layers, one after another.
//
// On tiny networks the calls from Python cost more than the arithmetic; here there is one. It
// runs the same kernels as the layers do one by one, on the same flat vector of parameters.
#pragma once

#include <cstring>

#include "gatecast/dispatch.hpp"
#include "gatecast/pool.hpp"

namespace gatecast {

// One line of a program, as nn/program.py writes it; offsets count in the flat vector, -1 is none.
struct ProgramLayer {
  enum Kind : Length { rnn_tanh, rnn_relu, gru_after, gru_before, lstm, last, linear };
  Length kind, inputs, outputs, weight_ih, weight_hh, bias_ih, bias_hh;

  bool recurrent() const { return kind <= lstm; }
  bool gru() const { return kind == gru_after || kind == gru_before; }
  long gates() const { return kind == lstm ? 4 : gru() ? 3 : 1; }
};

constexpr long kLongestProgram = 32;

template <class P>
P* at_or_null(P* vector, Length offset) {
  return offset < 0 ? nullptr : vector + offset;
}

template <class T>
LayerWeights<T> weights_of(const ProgramLayer& layer, const T* values) {
  return {values + layer.weight_ih, values + layer.weight_hh, at_or_null(values, layer.bias_ih),
          at_or_null(values, layer.bias_hh)};
}

template <class T>
class Program {
 public:
  // Without `learns` nothing is kept for a backward pass.
  Program(const ProgramLayer* layers, long count, long steps, long batch, bool learns,
          T* memory = nullptr)
      : layers_(layers),
        count_(count),
        T_(steps),
        B_(batch),
        learns_(learns),
        memory_(memory) {
    lay_out();
  }

  // How many values of memory a run needs.
  long size() const { return size_; }
  bool gives_sequences() const { return sequences_[count_]; }
  long features() const { return layers_[count_ - 1].outputs; }

  // x (B, T, I) -> y (B, O) or (B, T, O).  False when the work was abandoned.
  bool forward(const T* values, const T* x, T* y) {
    inputs_ = x;
    if (copies_x_) turn(time_major_x_, x, B_, T_, layers_[0].inputs);
    std::memset(zeros_, 0, sizeof(T) * static_cast<std::size_t>(zeros_size_));
    for (long i = 0; i < count_; ++i) {
      const ProgramLayer& layer = layers_[i];
      if (layer.recurrent()) {
        if (!recurrent_forward(layer, values, i)) return false;
      } else if (layer.kind == ProgramLayer::linear) {
        Linear<T> p = linear(layer, values, i);
        p.y = places_[i].hidden;
        if (!kernels<T>().linear_forward(p)) return false;
      }
    }
    const T* out = flow(count_);
    if (gives_sequences() && B_ > 1 && T_ > 1) {
      turn(y, out, T_, B_, features());
    } else {
      std::memcpy(y, out, sizeof(T) * static_cast<std::size_t>(rows(count_) * features()));
    }
    return true;
  }

  // Writes the gradients of all parameters; `forward` has run in the same memory.
  bool backward(const T* values, const T* x, const T* dy, T* grads) {
    inputs_ = x;
    const T* d = dy;
    T* spare[] = {flows_, flows_ + flow_size_};
    int turn_of = 0;
    if (gives_sequences() && B_ > 1 && T_ > 1) {
      turn(spare[turn_of], dy, B_, T_, features());
      d = spare[turn_of];
      turn_of = 1;
    }
    bool final_only = false;  // d is the gradient by the last step alone
    for (long i = count_ - 1; i >= 0; --i) {
      const ProgramLayer& layer = layers_[i];
      if (layer.kind == ProgramLayer::last) {
        final_only = true;
        continue;
      }
      T* below = i > 0 ? spare[turn_of] : nullptr;
      if (layer.recurrent()) {
        if (!recurrent_backward(layer, values, grads, i, final_only ? nullptr : d,
                                final_only ? d : nullptr, below)) {
          return false;
        }
      } else {
        if (final_only) d = spread(d, layer.outputs, i);
        Linear<T> p = linear(layer, values, i);
        p.dy = d;
        p.dx = below;
        p.dweight = grads + layer.weight_ih;
        p.dbias = at_or_null(grads, layer.bias_ih);
        if (!kernels<T>().linear_backward(p)) return false;
      }
      final_only = false;
      d = below;
      turn_of = 1 - turn_of;
    }
    return true;
  }

 private:
  struct Place {
    T *hidden, *cells, *gates, *recurrent_n;
  };

  T* cut(long count) {
    T* piece = memory_ == nullptr ? nullptr : memory_ + size_;
    size_ += (count + 15) / 16 * 16;
    return piece;
  }

  void lay_out() {
    long states = 0;
    long spread_size = 0;
    sequences_[0] = true;
    for (long i = 0; i < count_; ++i) {
      const ProgramLayer& layer = layers_[i];
      const long H = static_cast<long>(layer.outputs);
      Place& place = places_[i];
      const bool last = layer.kind == ProgramLayer::last;
      sequences_[i + 1] = sequences_[i] && !last;
      if (layer.recurrent()) {
        place.hidden = cut((T_ + 1) * B_ * H);
        place.cells = layer.kind == ProgramLayer::lstm ? cut((T_ + 1) * B_ * H) : nullptr;
        const long kept = learns_ ? T_ * B_ : B_;
        place.gates = layer.gates() > 1 ? cut(kept * layer.gates() * H) : nullptr;
        place.recurrent_n = layer.kind == ProgramLayer::gru_after ? cut(kept * H) : nullptr;
        states = H > states ? H : states;
      } else if (!last) {
        place.hidden = cut(rows(i) * H);
      }
      // Gradients flow through two buffers in turn, as large as the largest of them.
      if (i > 0 && !last) widen(rows(i) * static_cast<long>(layer.inputs));
      if (last && !layers_[i - 1].recurrent()) spread_size = T_ * B_ * H;
    }
    if (gives_sequences()) widen(rows(count_) * features());
    copies_x_ = B_ > 1 && T_ > 1;
    time_major_x_ = copies_x_ ? cut(T_ * B_ * static_cast<long>(layers_[0].inputs)) : nullptr;
    zeros_size_ = B_ * states;
    zeros_ = cut(zeros_size_);
    if (!learns_) return;
    ends_ = cut(2 * zeros_size_);
    flows_ = cut(2 * flow_size_);
    spread_ = cut(spread_size);
  }

  void widen(long size) { flow_size_ = size > flow_size_ ? size : flow_size_; }

  // Vectors that layer i takes (for i = count: that the program gives).
  long rows(long i) const { return sequences_[i] ? T_ * B_ : B_; }

  // What flows into layer i, time major; for i = count what comes out.
  const T* flow(long i) const {
    if (i == 0) return copies_x_ ? time_major_x_ : inputs_;
    const ProgramLayer& below = layers_[i - 1];
    if (below.recurrent()) return places_[i - 1].hidden + B_ * below.outputs;
    if (below.kind == ProgramLayer::linear) return places_[i - 1].hidden;
    return flow(i - 1) + (T_ - 1) * B_ * below.outputs;  // the last step
  }

  // (rows, columns, n) -> (columns, rows, n)
  static void turn(T* to, const T* from, long rows, long columns, long n) {
    for (long r = 0; r < rows; ++r) {
      for (long c = 0; c < columns; ++c) {
        std::memcpy(to + (c * rows + r) * n, from + (r * columns + c) * n,
                    sizeof(T) * static_cast<std::size_t>(n));
      }
    }
  }

  // The gradient by all steps where only the last one has one.
  const T* spread(const T* d, long n, long i) {
    if (!sequences_[i]) return d;
    const auto before = static_cast<std::size_t>((T_ - 1) * B_ * n);
    std::memset(spread_, 0, sizeof(T) * before);
    std::memcpy(spread_ + before, d, sizeof(T) * static_cast<std::size_t>(B_ * n));
    return spread_;
  }

  Sequence sequence(const ProgramLayer& layer) const {
    return {T_, B_, static_cast<long>(layer.inputs), static_cast<long>(layer.outputs)};
  }

  Linear<T> linear(const ProgramLayer& layer, const T* values, long i) const {
    Linear<T> p{};
    p.rows = rows(i);
    p.inputs = static_cast<long>(layer.inputs);
    p.outputs = static_cast<long>(layer.outputs);
    p.x = flow(i);
    p.weight = values + layer.weight_ih;
    p.bias = at_or_null(values, layer.bias_ih);
    return p;
  }

  bool recurrent_forward(const ProgramLayer& layer, const T* values, long i) {
    const Sequence seq = sequence(layer);
    const LayerWeights<T> w = weights_of(layer, values);
    const Place& at = places_[i];
    if (layer.kind == ProgramLayer::lstm) {
      return kernels<T>().lstm_forward(
          {seq, w, flow(i), zeros_, zeros_, at.hidden, at.cells, at.gates, nullptr, !learns_});
    }
    if (layer.gru()) {
      return kernels<T>().gru_forward({seq, w, layer.kind == ProgramLayer::gru_after, flow(i),
                                       zeros_, at.hidden, at.gates, at.recurrent_n, nullptr,
                                       !learns_});
    }
    return kernels<T>().rnn_forward(
        {seq, w, layer.kind == ProgramLayer::rnn_relu, flow(i), zeros_, at.hidden, nullptr});
  }

  bool recurrent_backward(const ProgramLayer& layer, const T* values, T* grads, long i, const T* dy,
                          const T* dh, T* dx) {
    const Sequence seq = sequence(layer);
    const LayerWeights<T> w = weights_of(layer, values);
    const LayerGradients<T> g{grads + layer.weight_ih, grads + layer.weight_hh,
                              at_or_null(grads, layer.bias_ih), at_or_null(grads, layer.bias_hh),
                              false};
    const Place& at = places_[i];
    T *dh0 = ends_, *dc0 = ends_ + zeros_size_;
    if (layer.kind == ProgramLayer::lstm) {
      return kernels<T>().lstm_backward(
          {seq, w, flow(i), at.hidden, at.cells, at.gates, dy, dh, nullptr, dx, dh0, dc0, g});
    }
    if (layer.gru()) {
      return kernels<T>().gru_backward({seq, w, layer.kind == ProgramLayer::gru_after, flow(i),
                                        at.hidden, at.gates, at.recurrent_n, dy, dh, dx, dh0, g});
    }
    return kernels<T>().rnn_backward(
        {seq, w, layer.kind == ProgramLayer::rnn_relu, flow(i), at.hidden, dy, dh, dx, dh0, g});
  }

  const ProgramLayer* layers_;
  long count_, T_, B_;
  bool learns_;
  T* memory_;
  long size_ = 0;
  const T* inputs_ = nullptr;
  Place places_[kLongestProgram] = {};
  bool sequences_[kLongestProgram + 1] = {};
  bool copies_x_ = false;
  T *time_major_x_ = nullptr, *zeros_ = nullptr, *ends_ = nullptr, *flows_ = nullptr,
    *spread_ = nullptr;
  long zeros_size_ = 0, flow_size_ = 0;
};

}  // namespace gatecast
