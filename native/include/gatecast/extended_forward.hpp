// The cells with in-cell options, forward; equations in reference/*_extended.py.
#pragma once

#include "gatecast/activations.hpp"
#include "gatecast/layer_norm.hpp"
#include "gatecast/rnn.hpp"
#include "gatecast/run.hpp"

namespace gatecast::GATECAST_ISA {

// c before zoneout, and the gates, of one row; coupled: gates i, g, o and f = 1 - i.
template <class T>
void lstm_extended_row(const T* ax, const T* ah, const T* peephole, const T* c_before, T* gates,
                       T* c, long H, bool coupled) {
  const long g_at = coupled ? H : 2 * H, o_at = g_at + H;
  for (long j = 0; j < H; j += kLanes<T>) {
    const Lanes<T> lanes(H - j);
    const Vec<T> old = lanes.load(c_before + j);
    Vec<T> a_i = load(ax + j) + load(ah + j), a_o = load(ax + o_at + j) + load(ah + o_at + j);
    Vec<T> a_f = load(ax + H + j) + load(ah + H + j);
    if (peephole != nullptr) {
      a_i += lanes.load(peephole + j) * old;
      if (!coupled) a_f += lanes.load(peephole + H + j) * old;
    }
    const Vec<T> i = sigmoid<T>(a_i);
    const Vec<T> f = coupled ? T(1) - i : sigmoid<T>(a_f);
    const Vec<T> g = tanh<T>(load(ax + g_at + j) + load(ah + g_at + j));
    const Vec<T> cell = f * old + i * g;
    if (peephole != nullptr) a_o += lanes.load(peephole + (o_at - H) + j) * cell;
    lanes.store(gates + j, i);
    if (!coupled) lanes.store(gates + H + j, f);
    lanes.store(gates + g_at + j, g);
    lanes.store(gates + o_at + j, sigmoid<T>(a_o));
    lanes.store(c + j, cell);
  }
}

// The cell as the output gate sees it: layer-normed where that option is on.
template <class T>
T show_cell(const OptionalWeights<const T>& weights, const T* c, T* normed, T* shown, long H) {
  T precision = 0;
  if (weights.norm_cell == nullptr) {
    std::memcpy(shown, c, sizeof(T) * static_cast<std::size_t>(H));
    return precision;
  }
  std::memcpy(shown, c, sizeof(T) * static_cast<std::size_t>(H));
  finish_side(shown, H, weights.norm_cell, weights.norm_cell_bias, normed, &precision);
  return precision;
}

template <class T>
class ExtendedForwardRun : public LayerRun<T, ExtendedForwardRun<T>> {
 public:
  using Base = LayerRun<T, ExtendedForwardRun<T>>;
  using Base::at, Base::s_;

  explicit ExtendedForwardRun(const Extended<T>& p)
      : Base(p.seq, 1.0 * p.gates * p.seq.hidden * (p.seq.inputs + p.fed_back)),
        p_(p),
        G_(p.gates * p.seq.hidden),
        P_(p.fed_back),
        step_(gate_row<T>(G_ + s_.hidden)),
        H_step_(gate_row<T>(s_.hidden)),
        P_step_(gate_row<T>(P_)),
        first_(p.reset_before() ? 2 * s_.hidden : G_) {}

  void lay_out(Cutter<T>& cutter) {
    W_ = cutter.cut(packed_size<T>(G_, s_.inputs));
    U_ = cutter.cut(packed_size<T>(first_, P_));
    U_n_ = cutter.cut(p_.reset_before() ? packed_size<T>(s_.hidden, P_) : 0);
    R_ = cutter.cut(p_.projects() ? packed_size<T>(P_, s_.hidden) : 0);
  }

  void prepare() {
    pack_transposed<T>(W_, p_.weights.weight_ih, G_, s_.inputs);
    pack_transposed<T>(U_, p_.weights.weight_hh, first_, P_);
    if (p_.reset_before()) {
      pack_transposed<T>(U_n_, p_.weights.weight_hh + first_ * P_, s_.hidden, P_);
    }
    if (p_.projects()) pack_transposed<T>(R_, p_.weights.weight_hr, P_, s_.hidden);
  }

  void shard(long shard) {
    const long H = s_.hidden, begin = this->begin_of(shard), rows = this->rows_of(shard);
    Cutter<T> count;
    lay_out_shard(count, rows);
    Cutter<T> cutter(static_cast<T*>(scratch(Slot::shard, sizeof(T) * this->bytes_of(count))));
    const Work w = lay_out_shard(cutter, rows);
    const long first = s_.before(s_.step(0));
    copy(p_.hidden + at(first, begin, P_), p_.h0 + begin * P_, rows * P_);
    if (p_.cells != nullptr) copy(p_.cells + at(first, begin, H), p_.c0 + begin * H, rows * H);
    Watch watch = this->watch();
    for (long k = 0; k < s_.steps && !watch.stop(); ++k) step(w, s_.step(k), begin, rows);
  }

 private:
  struct Work {
    T *ax, *ah, *fed, *fresh, *projected, *normed;
  };

  Work lay_out_shard(Cutter<T>& cutter, long rows) const {
    Work w;
    w.ax = cutter.cut(rows * step_);
    w.ah = cutter.cut(rows * step_);
    w.fed = cutter.cut(rows * P_step_);
    w.fresh = cutter.cut(rows * H_step_);
    w.projected = cutter.cut(rows * P_step_);
    w.normed = cutter.cut(H_step_);
    return w;
  }

  void step(const Work& w, long t, long begin, long rows) const {
    const long I = s_.inputs, before = at(s_.before(t), begin, P_);
    for (long r = 0; r < rows; ++r) {
      masked_row(w.fed + r * P_step_, p_.hidden + before + r * P_,
                 offset(p_.dropout, (begin + r) * P_), P_);
    }
    const Term<T> of_x{{p_.x + at(t, begin, I), I, 1}, W_, I}, of_h{{w.fed, P_step_, 1}, U_, P_};
    product<T>(rows, G_, &of_x, 1, {w.ax, step_});
    product<T>(rows, first_, &of_h, 1, {w.ah, step_});
    const OptionalWeights<const T>& weights = p_.weights;
    for (long r = 0; r < rows; ++r) {
      const long row = at(t, begin + r, 1);
      finish_side(w.ax + r * step_, G_, weights.norm_ih, weights.bias_ih,
                  offset(p_.normed_ih, row * G_), offset(p_.precision_ih, row));
      finish_side(w.ah + r * step_, first_, weights.norm_hh, weights.bias_hh,
                  offset(p_.normed_hh, row * G_), offset(p_.precision_hh, row * p_.norms()));
    }
    if (p_.reset_before()) reset_before(w, t, begin, rows);
    for (long r = 0; r < rows; ++r) cell_row(w, t, begin + r, r);
    const T* fresh = w.fresh;
    if (p_.projects()) {
      const Term<T> term{{w.fresh, H_step_, 1}, R_, s_.hidden};
      product<T>(rows, P_, &term, 1, {w.projected, P_step_});
      fresh = w.projected;
    }
    for (long r = 0; r < rows; ++r) {
      store_hidden(fresh + r * (p_.projects() ? P_step_ : H_step_), t, begin + r);
    }
    if (p_.y != nullptr) {
      write_ragged_outputs(s_, t, begin, rows, P_, p_.hidden + at(s_.after(t), begin, P_),
                           p_.y + at(t, begin, P_));
    }
  }

  // r, then the recurrent side of n from r·h'.
  void reset_before(const Work& w, long t, long begin, long rows) const {
    const long H = s_.hidden;
    for (long r = 0; r < rows; ++r) {
      T *ax = w.ax + r * step_, *ah = w.ah + r * step_, *fed = w.fed + r * P_step_;
      for (long j = 0; j < H; j += kLanes<T>) {
        const Lanes<T> lanes(H - j);
        const Vec<T> reset = sigmoid<T>(load(ax + j) + load(ah + j));
        lanes.store(fed + j, reset * lanes.load(fed + j));
      }
    }
    const Term<T> term{{w.fed, P_step_, 1}, U_n_, P_};
    product<T>(rows, H, &term, 1, {w.ah + 2 * H, step_});
    const OptionalWeights<const T>& weights = p_.weights;
    for (long r = 0; r < rows; ++r) {
      const long row = at(t, begin + r, 1);
      finish_side(w.ah + r * step_ + 2 * H, H, offset(weights.norm_hh, 2 * H),
                  offset(weights.bias_hh, 2 * H), offset(p_.normed_hh, row * G_ + 2 * H),
                  offset(p_.precision_hh, row * 2 + 1));
    }
  }

  // The gates and the new state, before projection and zoneout.
  void cell_row(const Work& w, long t, long row, long r) const {
    const long H = s_.hidden;
    const T *ax = w.ax + r * step_, *ah = w.ah + r * step_;
    T *gates = p_.gate_values + at(t, row, G_), *fresh = w.fresh + r * H_step_;
    switch (p_.cell) {
      case Cell::rnn: rnn_cell(ax, ah, gates, fresh); break;
      case Cell::gru: gru_cell(ax, ah, gates, fresh, t, row); break;
      case Cell::lstm: {
        const T* c_before = p_.cells + at(s_.before(t), row, H);
        T* c = p_.cells + at(s_.after(t), row, H);
        lstm_extended_row(ax, ah, p_.weights.peephole, c_before, gates, c, H, p_.coupled);
        show_cell(p_.weights, c, w.normed, fresh, H);
        const T* o = gates + G_ - H;
        for (long j = 0; j < H; j += kLanes<T>) {
          const Lanes<T> lanes(H - j);
          lanes.store(fresh + j, lanes.load(o + j) * tanh<T>(lanes.load(fresh + j)));
        }
        if (s_.active(t, row)) {
          mix_row(p_.zoneout_c, t, row, c, c_before, c, H);
        } else {
          copy(c, c_before, H);
        }
      }
    }
  }

  void rnn_cell(const T* ax, const T* ah, T* gates, T* fresh) const {
    for (long j = 0; j < s_.hidden; j += kLanes<T>) {
      const Lanes<T> lanes(s_.hidden - j);
      const Vec<T> a = load(ax + j) + load(ah + j);
      const Vec<T> h = p_.relu ? relu<T>(a) : tanh<T>(a);
      lanes.store(gates + j, h);
      lanes.store(fresh + j, h);
    }
  }

  void gru_cell(const T* ax, const T* ah, T* gates, T* fresh, long t, long row) const {
    const long H = s_.hidden;
    const T* h_before = p_.hidden + at(s_.before(t), row, H);
    for (long j = 0; j < H; j += kLanes<T>) {
      const Lanes<T> lanes(H - j);
      const Vec<T> r = sigmoid<T>(load(ax + j) + load(ah + j));
      const Vec<T> z = sigmoid<T>(load(ax + H + j) + load(ah + H + j));
      const Vec<T> u = load(ah + 2 * H + j);
      const Vec<T> n = tanh<T>(load(ax + 2 * H + j) + (p_.reset_after ? r * u : u));
      lanes.store(gates + j, r);
      lanes.store(gates + H + j, z);
      lanes.store(gates + 2 * H + j, n);
      if (p_.recurrent_n != nullptr) lanes.store(p_.recurrent_n + at(t, row, H) + j, u);
      lanes.store(fresh + j, n + z * (lanes.load(h_before + j) - n));
    }
  }

  void store_hidden(const T* fresh, long t, long row) const {
    const T* h_before = p_.hidden + at(s_.before(t), row, P_);
    T* h = p_.hidden + at(s_.after(t), row, P_);
    if (s_.active(t, row)) {
      mix_row(p_.zoneout_h, t, row, fresh, h_before, h, P_);
    } else {  // a row that has ended keeps its state
      copy(h, h_before, P_);
    }
  }

  const Extended<T>& p_;
  long G_, P_, step_, H_step_, P_step_;
  long first_;  // columns of the recurrent product that comes before r is known
  T *W_ = nullptr, *U_ = nullptr, *U_n_ = nullptr, *R_ = nullptr;
};

}  // namespace gatecast::GATECAST_ISA
