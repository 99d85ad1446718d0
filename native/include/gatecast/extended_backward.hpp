// The cells with in-cell options, backward: each step undoes its equations from the last to the
// first, as in reference/*_extended.py.
#pragma once

#include "gatecast/extended_forward.hpp"

namespace gatecast::GATECAST_ISA {

// da of one row of the LSTM from dh (before projection and output gate) and dc, which becomes
// the gradient by the cell before, zoneout apart.  `shown` enters as the gradient by what the
// output gate sees.
template <class T>
void lstm_extended_row_backward(const T* gates, const T* peephole, const T* c_before,
                                const T* tanh_c, const T* dh, const T* dshown, T* dc, T* da, long H,
                                bool coupled) {
  const Vec<T> one = broadcast<T>(T(1));
  const long g_at = coupled ? H : 2 * H, o_at = g_at + H;
  for (long j = 0; j < H; j += kLanes<T>) {
    const Lanes<T> lanes(H - j);
    const Vec<T> i = lanes.load(gates + j), g = lanes.load(gates + g_at + j);
    const Vec<T> f = coupled ? one - i : lanes.load(gates + H + j);
    const Vec<T> o = lanes.load(gates + o_at + j), old = lanes.load(c_before + j);
    const Vec<T> da_o = lanes.load(dh + j) * lanes.load(tanh_c + j) * (o * (one - o));
    Vec<T> dc_new = lanes.load(dc + j) + lanes.load(dshown + j);
    if (peephole != nullptr) dc_new += da_o * lanes.load(peephole + (o_at - H) + j);
    const Vec<T> df = dc_new * old, di = dc_new * g;
    const Vec<T> da_i = (coupled ? di - df : di) * (i * (one - i)), da_f = df * (f * (one - f));
    Vec<T> dc_old = dc_new * f;
    if (peephole != nullptr) {
      dc_old += da_i * lanes.load(peephole + j);
      if (!coupled) dc_old += da_f * lanes.load(peephole + H + j);
    }
    lanes.store(da + j, da_i);
    if (!coupled) lanes.store(da + H + j, da_f);
    lanes.store(da + g_at + j, dc_new * (i * (one - g * g)));
    lanes.store(da + o_at + j, da_o);
    lanes.store(dc + j, dc_old);
  }
}

template <class T>
class ExtendedBackwardRun : public BackwardRun<T, ExtendedBackwardRun<T>> {
 public:
  using Base = BackwardRun<T, ExtendedBackwardRun<T>>;
  using Base::at, Base::s_;
  struct Work {
    // Of a chunk: gradients by the two products and, for the projection, by the new state; and
    // what stands on the right of the sums.
    T *dx_side, *dh_side, *dprojected, *x, *fed_right, *reset_right, *shown_right;
    // Of a step: gradients by the old and the new states, what the cell showed, r·h' ...
    T *dh, *dc, *dh_fresh, *dc_fresh, *dh_cell, *through, *fed, *reset, *shown;
    // Of a row.
    T *c, *normed, *tanh_c, *dshown;
  };

  explicit ExtendedBackwardRun(const Extended<T>& p)
      : Base(p.seq, 1.0 * p.gates * p.seq.hidden *
                        ((p.dx == nullptr ? 1 : 2) * p.seq.inputs + 2 * p.fed_back)),
        p_(p),
        G_(p.gates * p.seq.hidden),
        P_(p.fed_back),
        step_(gate_row<T>(G_)),
        H_step_(gate_row<T>(s_.hidden)),
        P_step_(gate_row<T>(P_)),
        first_(p.reset_before() ? 2 * s_.hidden : G_),
        of_W_(G_, s_.inputs),
        of_U_(first_, P_),
        of_U_n_(G_ - first_, P_),
        of_R_(P_, s_.hidden) {}

  void lay_out(Cutter<T>& cutter) {
    const long H = s_.hidden;
    U_ = cutter.cut(packed_size<T>(P_, first_));
    U_n_ = cutter.cut(packed_size<T>(P_, G_ - first_));
    W_ = cutter.cut(p_.dx == nullptr ? 0 : packed_size<T>(s_.inputs, G_));
    R_ = cutter.cut(p_.projects() ? packed_size<T>(H, P_) : 0);
    this->lay_out_sums(cutter, [&] {
      dW_ = cutter.cut(of_W_.size());
      dU_ = cutter.cut(of_U_.size());
      dU_n_ = cutter.cut(of_U_n_.size());
      dR_ = cutter.cut(p_.projects() ? of_R_.size() : 0);
      db_ = cutter.cut(padded<T>(G_));
      dd_ = cutter.cut(padded<T>(G_));
      dnorm_ih_ = cutter.cut(padded<T>(G_));
      dnorm_hh_ = cutter.cut(padded<T>(G_));
      dpeephole_ = cutter.cut(padded<T>(G_));
      dnorm_cell_ = cutter.cut(padded<T>(H));
      dnorm_cell_bias_ = cutter.cut(padded<T>(H));
    });
  }

  void prepare() {
    const long H = s_.hidden;
    pack<T>(U_, p_.weights.weight_hh, P_, first_);
    pack<T>(U_n_, p_.weights.weight_hh + first_ * P_, P_, G_ - first_);
    if (p_.dx != nullptr) pack<T>(W_, p_.weights.weight_ih, s_.inputs, G_);
    if (p_.projects()) pack<T>(R_, p_.weights.weight_hr, H, P_);
    for (long s = 0; s < this->cut_.count; ++s) clear(dW_ + s * this->sums_step_, this->sums_step_);
  }

  Work lay_out_shard(Cutter<T>& cutter) const {
    const long rows = this->cut_.rows, all = this->chunk_ * rows;
    Work w;
    w.dx_side = cutter.cut(all * step_ + kLanes<T>);
    w.dh_side = cutter.cut(all * step_ + kLanes<T>);
    w.dprojected = cutter.cut(p_.projects() ? all * P_step_ + kLanes<T> : 0);
    w.x = cutter.cut(of_W_.right_size(all));
    w.fed_right = cutter.cut(of_U_.right_size(all));
    w.reset_right = cutter.cut(p_.reset_before() ? of_U_n_.right_size(all) : 0);
    w.shown_right = cutter.cut(p_.projects() ? of_R_.right_size(all) : 0);
    T** const of_P[] = {&w.dh, &w.dh_fresh, &w.through};
    for (T** array : of_P) *array = cutter.cut(rows * P_step_);
    T** const of_H[] = {&w.dc, &w.dc_fresh, &w.dh_cell};
    for (T** array : of_H) *array = cutter.cut(rows * H_step_);
    w.fed = cutter.cut(rows * P_);
    w.reset = cutter.cut(rows * P_);
    w.shown = cutter.cut(rows * s_.hidden);
    T** const of_row[] = {&w.c, &w.normed, &w.tanh_c, &w.dshown};
    for (T** array : of_row) *array = cutter.cut(H_step_);
    return w;
  }

  void start(const Work& w, long begin, long rows) const {
    const long H = s_.hidden;
    spread_rows(w.dh, P_step_, offset(p_.dh, begin * P_), rows, P_);
    spread_rows(w.dc, H_step_, offset(p_.dc, begin * H), rows, H);
  }

  void step_back(const Work& w, typename Base::Step s) const {
    const long H = s_.hidden, begin = s.begin, rows = s.rows, first = s.slot * rows;
    T *da = w.dx_side + first * step_, *dv = w.dh_side + first * step_;
    const long shard_offset = s.shard * this->sums_step_;
    for (long r = 0; r < rows; ++r) split_states(w, s.t, begin + r, r);
    if (p_.projects()) {
      copy(w.dprojected + first * P_step_, w.dh_fresh, rows * P_step_);
      const Term<T> term{{w.dh_fresh, P_step_, 1}, R_, P_};
      product<T>(rows, H, &term, 1, {w.dh_cell, H_step_});
    }
    for (long r = 0; r < rows; ++r) {
      const T* dh = p_.projects() ? w.dh_cell + r * H_step_ : w.dh_fresh + r * P_step_;
      cell_row_back(w, s.t, begin + r, r, dh, da + r * step_, dv + r * step_, shard_offset);
    }
    if (p_.reset_before()) reset_before_back(w, s, da, dv, shard_offset);
    for (long r = 0; r < rows; ++r) {
      sides_back(s.t, begin + r, da + r * step_, dv + r * step_, shard_offset);
    }
    const Term<T> term{{dv, step_, 1}, U_, first_};
    product<T>(rows, P_, &term, 1,
               {w.through, P_step_, p_.reset_before() ? Start::keep : Start::zero});
    for (long r = 0; r < rows; ++r) {
      add_to_sum(w.dh + r * P_step_, w.through + r * P_step_, offset(p_.dropout, (begin + r) * P_),
                 P_);
    }
    of_W_.pack_right(w.x, s.chunk_rows, first, p_.x + at(s.t, begin, s_.inputs), rows);
    of_U_.pack_right(w.fed_right, s.chunk_rows, first, w.fed, rows);
    if (p_.projects()) of_R_.pack_right(w.shown_right, s.chunk_rows, first, w.shown, rows);
  }

  void close_chunk(const Work& w, const typename Base::Chunk& c) const {
    const long o = c.shard * this->sums_step_, k = c.k();
    of_W_.add(dW_ + o, w.dx_side, step_, w.x, k, Start::keep);
    of_U_.add(dU_ + o, w.dh_side, step_, w.fed_right, k, Start::keep);
    if (p_.reset_before()) {
      of_U_n_.add(dU_n_ + o, w.dh_side + first_, step_, w.reset_right, k, Start::keep);
    }
    if (p_.projects()) {
      of_R_.add(dR_ + o, w.dprojected, P_step_, w.shown_right, k, Start::keep);
    }
    this->input_gradient(p_.dx, c, 1, [&](Term<T>* terms, long row) {
      terms[0] = {{w.dx_side + row * step_, step_, 1}, W_, G_};
    });
  }

  void finish(const Work& w, long begin, long rows) const {
    const long H = s_.hidden;
    gather_rows(p_.dh0 + begin * P_, w.dh, P_step_, rows, P_);
    if (p_.dc0 != nullptr) gather_rows(p_.dc0 + begin * H, w.dc, H_step_, rows, H);
  }

  void reduce() const {
    const OptionalWeights<T>& to = p_.gradients;
    const long H = s_.hidden, step = this->sums_step_, shards = this->cut_.count;
    of_W_.reduce(to.weight_ih, dW_, step, shards, p_.add);
    of_U_.reduce(to.weight_hh, dU_, step, shards, p_.add);
    if (p_.reset_before()) {
      of_U_n_.reduce(to.weight_hh + first_ * P_, dU_n_, step, shards, p_.add);
    }
    if (p_.projects()) of_R_.reduce(to.weight_hr, dR_, step, shards, p_.add);
    const bool is_gru = p_.cell == Cell::gru;
    const auto vector = [&](T* target, const T* sums, long count) {
      reduce_bias<T>(target, sums, step, shards, count, p_.add);
    };
    vector(to.bias_ih, db_, G_);
    vector(to.bias_hh, is_gru ? dd_ : db_, G_);
    vector(to.norm_ih, dnorm_ih_, G_);
    vector(to.norm_hh, dnorm_hh_, G_);
    vector(to.peephole, dpeephole_, G_ - H);
    vector(to.norm_cell, dnorm_cell_, H);
    vector(to.norm_cell_bias, dnorm_cell_bias_, H);
  }

 private:
  // The share of dh and dc that flows to the new states, and the fed-back state h'.
  void split_states(const Work& w, long t, long row, long r) const {
    const long H = s_.hidden;
    T *dh = w.dh + r * P_step_, *dc = w.dc + r * H_step_;
    masked_row(w.fed + r * P_, p_.hidden + at(s_.before(t), row, P_), offset(p_.dropout, row * P_),
               P_);
    if (!s_.active(t, row)) {  // a row that has ended passes its gradients through unchanged
      clear(w.dh_fresh + r * P_step_, P_);
      return;
    }
    if (p_.dy != nullptr) add_to_sum<T>(dh, p_.dy + at(t, row, P_), nullptr, P_);
    unmix_row(p_.zoneout_h, t, row, dh, w.dh_fresh + r * P_step_, P_);
    if (p_.cell == Cell::lstm) unmix_row(p_.zoneout_c, t, row, dc, w.dc_fresh + r * H_step_, H);
  }

  // da of one row, and du in `dv` (after gain and shift of the recurrent side).
  void cell_row_back(const Work& w, long t, long row, long r, const T* dh, T* da, T* dv,
                     long o) const {
    const long H = s_.hidden;
    if (!s_.active(t, row)) {
      clear(da, G_);
      clear(dv, G_);
      if (p_.projects()) clear(w.shown + r * H, H);
      return;
    }
    switch (p_.cell) {
      case Cell::rnn:
        rnn_row_back(t, row, dh, da);
        copy(dv, da, G_);
        break;
      case Cell::gru: gru_row_back(w.dh + r * P_step_, t, row, dh, da, dv); break;
      case Cell::lstm: lstm_row_back(w, t, row, r, dh, da, o); copy(dv, da, G_);
    }
  }

  void rnn_row_back(long t, long row, const T* dh, T* da) const {
    const T* gates = p_.gate_values + at(t, row, G_);
    const Vec<T> one = broadcast<T>(T(1));
    for (long j = 0; j < s_.hidden; j += kLanes<T>) {
      const Lanes<T> lanes(s_.hidden - j);
      const Vec<T> h = lanes.load(gates + j);
      const Vec<T> slope = p_.relu ? (h > Vec<T>{} ? one : Vec<T>{}) : one - h * h;
      lanes.store(da + j, slope * lanes.load(dh + j));
    }
  }

  // dh_old takes dh z; in the reset-before form da_r is still to come.
  void gru_row_back(T* dh_old, long t, long row, const T* dh, T* da, T* dv) const {
    const long H = s_.hidden;
    const T *gates = p_.gate_values + at(t, row, G_), *u = offset(p_.recurrent_n, at(t, row, H));
    const T* h_before = p_.hidden + at(s_.before(t), row, H);
    const Vec<T> one = broadcast<T>(T(1));
    for (long j = 0; j < H; j += kLanes<T>) {
      const Lanes<T> lanes(H - j);
      const Vec<T> r = lanes.load(gates + j), z = lanes.load(gates + H + j);
      const Vec<T> n = lanes.load(gates + 2 * H + j), d = lanes.load(dh + j);
      const Vec<T> da_n = d * ((one - z) * (one - n * n));
      const Vec<T> da_z = d * ((lanes.load(h_before + j) - n) * (z * (one - z)));
      lanes.store(dh_old + j, lanes.load(dh_old + j) + d * z);
      lanes.store(da + H + j, da_z);
      lanes.store(da + 2 * H + j, da_n);
      lanes.store(dv + H + j, da_z);
      lanes.store(dv + 2 * H + j, p_.reset_after ? da_n * r : da_n);
      if (!p_.reset_after) continue;
      const Vec<T> da_r = da_n * lanes.load(u + j) * (r * (one - r));
      lanes.store(da + j, da_r);
      lanes.store(dv + j, da_r);
    }
  }

  void lstm_row_back(const Work& w, long t, long row, long r, const T* dh, T* da, long o) const {
    const long H = s_.hidden;
    const T *gates = p_.gate_values + at(t, row, G_), *out = gates + G_ - H;
    const T* c_before = p_.cells + at(s_.before(t), row, H);
    const Vec<T> one = broadcast<T>(T(1));
    for (long j = 0; j < H; j += kLanes<T>) {
      const Lanes<T> lanes(H - j);
      const Vec<T> i = lanes.load(gates + j);
      const Vec<T> f = p_.coupled ? one - i : lanes.load(gates + H + j);
      const Vec<T> g = lanes.load(gates + (p_.coupled ? H : 2 * H) + j);
      lanes.store(w.c + j, f * lanes.load(c_before + j) + i * g);
    }
    const T precision = show_cell(p_.weights, w.c, w.normed, w.tanh_c, H);
    for (long j = 0; j < H; j += kLanes<T>) {
      const Lanes<T> lanes(H - j);
      const Vec<T> tanh_c = tanh<T>(lanes.load(w.tanh_c + j)), gate = lanes.load(out + j);
      lanes.store(w.tanh_c + j, tanh_c);
      lanes.store(w.dshown + j, lanes.load(dh + j) * (gate * (one - tanh_c * tanh_c)));
      if (p_.projects()) lanes.store(w.shown + r * H + j, gate * tanh_c);
    }
    if (p_.weights.norm_cell != nullptr) {
      add_to_sum(dnorm_cell_ + o, w.dshown, w.normed, H);
      add_to_sum<T>(dnorm_cell_bias_ + o, w.dshown, nullptr, H);
      normalise_backward(w.dshown, p_.weights.norm_cell, w.normed, precision, H);
    }
    T *dc = w.dc + r * H_step_, *dc_fresh = w.dc_fresh + r * H_step_;
    lstm_extended_row_backward(gates, p_.weights.peephole, c_before, w.tanh_c, dh, w.dshown,
                               dc_fresh, da, H, p_.coupled);
    add_to_sum<T>(dc, dc_fresh, nullptr, H);
    if (p_.weights.peephole == nullptr) return;
    add_to_sum(dpeephole_ + o, da, c_before, H);
    if (!p_.coupled) add_to_sum(dpeephole_ + o + H, da + H, c_before, H);
    add_to_sum<T>(dpeephole_ + o + G_ - 2 * H, da + G_ - H, w.c, H);
  }

  // Reset before the product: through n to r and h', whose share goes to `through`.
  void reset_before_back(const Work& w, const typename Base::Step& s, T* da, T* dv, long o) const {
    const long H = s_.hidden;
    const T* gain = offset(p_.weights.norm_hh, 2 * H);
    for (long r = 0; r < s.rows; ++r) {
      T* dn = dv + r * step_ + 2 * H;
      const long row = at(s.t, s.begin + r, 1);
      add_to_sum<T>(dd_ + o + 2 * H, dn, nullptr, H);
      if (gain == nullptr) continue;
      const T* normed = p_.normed_hh + row * G_ + 2 * H;
      add_to_sum(dnorm_hh_ + o + 2 * H, dn, normed, H);
      normalise_backward(dn, gain, normed, p_.precision_hh[row * 2 + 1], H);
    }
    const Term<T> term{{dv + 2 * H, step_, 1}, U_n_, H};
    product<T>(s.rows, P_, &term, 1, {w.through, P_step_});
    const Vec<T> one = broadcast<T>(T(1));
    for (long r = 0; r < s.rows; ++r) {
      const T *gates = p_.gate_values + at(s.t, s.begin + r, G_), *fed = w.fed + r * P_;
      T *through = w.through + r * P_step_, *reset = w.reset + r * P_;
      const bool active = s_.active(s.t, s.begin + r);
      for (long j = 0; j < H; j += kLanes<T>) {
        const Lanes<T> lanes(H - j);
        const Vec<T> gate = lanes.load(gates + j), d = lanes.load(through + j);
        const Vec<T> fed_j = lanes.load(fed + j), da_r = d * fed_j * (gate * (one - gate));
        lanes.store(reset + j, gate * fed_j);
        if (active) lanes.store(da + r * step_ + j, da_r);
        if (active) lanes.store(dv + r * step_ + j, da_r);
        lanes.store(through + j, d * gate);
      }
    }
    of_U_n_.pack_right(w.reset_right, s.chunk_rows, s.slot * s.rows, w.reset, s.rows);
  }

  // Sums of bias and gain, then the gradients by the products themselves.
  void sides_back(long t, long step_row, T* da, T* dv, long o) const {
    const long row = at(t, step_row, 1);
    add_to_sum<T>(db_ + o, da, nullptr, G_);
    add_to_sum<T>(dd_ + o, dv, nullptr, first_);
    if (p_.weights.norm_ih != nullptr) {
      const T* normed = p_.normed_ih + row * G_;
      add_to_sum(dnorm_ih_ + o, da, normed, G_);
      normalise_backward(da, p_.weights.norm_ih, normed, p_.precision_ih[row], G_);
    }
    if (p_.weights.norm_hh == nullptr) return;
    const T* normed = p_.normed_hh + row * G_;
    add_to_sum(dnorm_hh_ + o, dv, normed, first_);
    normalise_backward(dv, p_.weights.norm_hh, normed, p_.precision_hh[row * p_.norms()], first_);
  }

  const Extended<T>& p_;
  long G_, P_, step_, H_step_, P_step_;
  long first_;  // columns of the recurrent product that comes before r is known
  OuterSum<T> of_W_, of_U_, of_U_n_, of_R_;
  T *W_ = nullptr, *U_ = nullptr, *U_n_ = nullptr, *R_ = nullptr;
  // Sums of the first shard; dW_ is where they begin.
  T *dW_ = nullptr, *dU_ = nullptr, *dU_n_ = nullptr, *dR_ = nullptr;
  T *db_ = nullptr, *dd_ = nullptr, *dnorm_ih_ = nullptr, *dnorm_hh_ = nullptr;
  T *dpeephole_ = nullptr, *dnorm_cell_ = nullptr, *dnorm_cell_bias_ = nullptr;
};

}  // namespace gatecast::GATECAST_ISA
