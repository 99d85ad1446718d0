// The GRU, forward and backward through time, in both of its forms; the equations are those of
// gatecast/kernels/reference/gru.py, with the same letters.
#pragma once

#include "gatecast/activations.hpp"
#include "gatecast/run.hpp"

namespace gatecast::GATECAST_ISA {

// h = n + z (h₋ - n)
template <class T>
GATECAST_INLINE Vec<T> gru_mix(Vec<T> z, Vec<T> n, Vec<T> h_before) {
  return (h_before - n) * z + n;
}

// Reset after the product.  a: r and z, then W_n x + b_n, then u = U_n h₋ + d_n.
template <class T>
void gru_row_after(const T* a, const T* h_before, T* gates, T* u, T* h, long H) {
  for (long j = 0; j < H; j += kLanes<T>) {
    const Lanes<T> lanes(H - j);
    const Vec<T> r = sigmoid<T>(load(a + j)), z = sigmoid<T>(load(a + H + j));
    const Vec<T> u_j = load(a + 3 * H + j);
    const Vec<T> n = tanh<T>(load(a + 2 * H + j) + r * u_j);
    lanes.store(gates + j, r);
    lanes.store(gates + H + j, z);
    lanes.store(gates + 2 * H + j, n);
    lanes.store(u + j, u_j);
    lanes.store(h + j, gru_mix<T>(z, n, lanes.load(h_before + j)));
  }
}

// Reset before the product, first half: r, z and v = r h₋.
template <class T>
void gru_row_reset(const T* a, const T* h_before, T* gates, T* v, long H) {
  for (long j = 0; j < H; j += kLanes<T>) {
    const Lanes<T> lanes(H - j);
    const Vec<T> r = sigmoid<T>(load(a + j)), z = sigmoid<T>(load(a + H + j));
    lanes.store(gates + j, r);
    lanes.store(gates + H + j, z);
    lanes.store(v + j, r * lanes.load(h_before + j));
  }
}

// Second half: n and h.
template <class T>
void gru_row_before(const T* a_n, const T* h_before, T* gates, T* h, long H) {
  for (long j = 0; j < H; j += kLanes<T>) {
    const Lanes<T> lanes(H - j);
    const Vec<T> n = tanh<T>(load(a_n + j)), z = lanes.load(gates + H + j);
    lanes.store(gates + 2 * H + j, n);
    lanes.store(h + j, gru_mix<T>(z, n, lanes.load(h_before + j)));
  }
}

// da (r, z, n, u) from dh, which becomes dh z.  In the reset-before form (u is null) da_r waits
// for the product with U_n.
template <class T>
void gru_row_backward(const T* gates, const T* u, const T* h_before, T* dh, T* da, long H) {
  const Vec<T> one = broadcast<T>(T(1));
  for (long j = 0; j < H; j += kLanes<T>) {
    const Lanes<T> lanes(H - j);
    const Vec<T> r = lanes.load(gates + j), z = lanes.load(gates + H + j);
    const Vec<T> n = lanes.load(gates + 2 * H + j), dh_j = load(dh + j);
    const Vec<T> da_n = dh_j * ((one - z) * (one - n * n));
    if (u != nullptr) lanes.store(da + j, da_n * lanes.load(u + j) * (r * (one - r)));
    lanes.store(da + H + j, dh_j * ((lanes.load(h_before + j) - n) * (z * (one - z))));
    lanes.store(da + 2 * H + j, da_n);
    if (u != nullptr) lanes.store(da + 3 * H + j, da_n * r);
    store(dh + j, dh_j * z);
  }
}

// Reset before: da_r from dv = U_nᵀ da_n, and dv's share of dh; also v = r h₋ for the sums.
template <class T>
void gru_row_backward_reset(const T* gates, const T* h_before, const T* dv, T* dh, T* da, T* v,
                            long H) {
  const Vec<T> one = broadcast<T>(T(1));
  for (long j = 0; j < H; j += kLanes<T>) {
    const Lanes<T> lanes(H - j);
    const Vec<T> r = lanes.load(gates + j), h_j = lanes.load(h_before + j), dv_j = load(dv + j);
    lanes.store(da + j, dv_j * h_j * (r * (one - r)));
    lanes.store(v + j, r * h_j);
    store(dh + j, load(dh + j) + dv_j * r);
  }
}

template <class T>
class GruForwardRun : public LayerRun<T, GruForwardRun<T>> {
 public:
  using Base = LayerRun<T, GruForwardRun<T>>;
  using Base::at, Base::s_;

  explicit GruForwardRun(const GruForward<T>& p)
      : Base(p.seq, 3.0 * p.seq.hidden * (p.seq.inputs + p.seq.hidden)),
        p_(p),
        step_(gate_row<T>(4 * p.seq.hidden)) {}

  void lay_out(Cutter<T>& cutter) {
    const long H = s_.hidden, I = s_.inputs;
    W_.packed = cutter.cut(W_.size(s_, 2 * H, I));
    U_.packed = cutter.cut(U_.size(s_, 2 * H, H));
    W_n_.packed = cutter.cut(W_n_.size(s_, H, I));
    U_n_.packed = cutter.cut(U_n_.size(s_, H, H));
    bias_ = cutter.cut(padded<T>(2 * H));
    b_n_ = cutter.cut(padded<T>(H));
    d_n_ = cutter.cut(padded<T>(H));
  }

  void prepare() {
    const long H = s_.hidden, I = s_.inputs;
    const LayerWeights<T>& w = p_.weights;
    W_.prepare(s_, w.weight_ih, 2 * H, I);
    U_.prepare(s_, w.weight_hh, 2 * H, H);
    W_n_.prepare(s_, w.weight_ih + 2 * H * I, H, I);
    U_n_.prepare(s_, w.weight_hh + 2 * H * H, H, H);
    pack_bias<T>(bias_, w.bias_ih, w.bias_hh, 2 * H);
    const T* b_n = w.bias_ih == nullptr ? nullptr : w.bias_ih + 2 * H;
    const T* d_n = w.bias_hh == nullptr ? nullptr : w.bias_hh + 2 * H;
    pack_bias<T>(b_n_, b_n, p_.reset_after ? nullptr : d_n, H);
    pack_bias<T>(d_n_, d_n, nullptr, H);
  }

  void shard(long shard) {
    const long H = s_.hidden, begin = this->begin_of(shard), rows = this->rows_of(shard);
    T* a = static_cast<T*>(scratch(Slot::shard, sizeof(T) * rows * step_));
    copy(p_.hidden + at(s_.before(s_.step(0)), begin, H), p_.h0 + begin * H, rows * H);
    Watch watch = this->watch();
    for (long k = 0; k < s_.steps && !watch.stop(); ++k) step(a, s_.step(k), begin, rows);
  }

 private:
  void step(T* a, long t, long begin, long rows) const {
    const long H = s_.hidden, I = s_.inputs;
    const T* h_before = p_.hidden + at(s_.before(t), begin, H);
    T* h = p_.hidden + at(s_.after(t), begin, H);
    const Left<T> x{p_.x + at(t, begin, I), I, 1};
    const Term<T> rz[] = {W_.times(x), U_.times({h_before, H, 1})};
    product<T>(rows, 2 * H, rz, 2, {a, step_, Start::bias, bias_});
    p_.reset_after ? after(a, x, t, begin, rows, h_before, h)
                   : before(a, x, t, begin, rows, h_before, h);
    for (long r = 0; s_.lengths != nullptr && r < rows; ++r) {
      if (!s_.active(t, begin + r)) copy(h + r * H, h_before + r * H, H);  // it keeps its state
    }
    if (p_.y != nullptr) {
      write_ragged_outputs(s_, t, begin, rows, H, h, p_.y + at(t, begin, H));
    }
  }

  void after(T* a, Left<T> x, long t, long begin, long rows, const T* h_before, T* h) const {
    const long H = s_.hidden;
    const Term<T> of_x = W_n_.times(x), of_h = U_n_.times({h_before, H, 1});
    product<T>(rows, H, &of_x, 1, {a + 2 * H, step_, Start::bias, b_n_});
    product<T>(rows, padded<T>(H), &of_h, 1, {a + 3 * H, step_, Start::bias, d_n_});
    const long kept = p_.passing ? 0 : t;
    for (long r = 0; r < rows; ++r) {
      gru_row_after<T>(a + r * step_, h_before + r * H, p_.gates + at(kept, begin + r, 3 * H),
                       p_.recurrent_n + at(kept, begin + r, H), h + r * H, H);
    }
  }

  void before(T* a, Left<T> x, long t, long begin, long rows, const T* h_before, T* h) const {
    const long H = s_.hidden;
    T* gates = p_.gates + at(p_.passing ? 0 : t, begin, 3 * H);
    for (long r = 0; r < rows; ++r) {  // v takes the place of u
      T* a_r = a + r * step_;
      gru_row_reset<T>(a_r, h_before + r * H, gates + r * 3 * H, a_r + 3 * H, H);
    }
    const Term<T> terms[] = {W_n_.times(x), U_n_.times({a + 3 * H, step_, 1})};
    product<T>(rows, H, terms, 2, {a + 2 * H, step_, Start::bias, b_n_});
    for (long r = 0; r < rows; ++r) {
      gru_row_before<T>(a + r * step_ + 2 * H, h_before + r * H, gates + r * 3 * H, h + r * H, H);
    }
  }

  const GruForward<T>& p_;
  long step_;
  ForwardWeights<T> W_, U_, W_n_, U_n_;
  T *bias_ = nullptr, *b_n_ = nullptr, *d_n_ = nullptr;
};

}  // namespace gatecast::GATECAST_ISA
