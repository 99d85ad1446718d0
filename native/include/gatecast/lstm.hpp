// The LSTM, forward and backward through time; the equations are those of
// gatecast/kernels/reference/lstm.py, with the same letters.
#pragma once

#include "gatecast/activations.hpp"
#include "gatecast/run.hpp"

namespace gatecast::GATECAST_ISA {

// One row of one step: from what stands inside the activations (a) to the gates and states.
template <class T>
void lstm_row(const T* a, const T* c_before, T* gates, T* c, T* h, long H) {
  for (long j = 0; j < H; j += kLanes<T>) {
    const Lanes<T> lanes(H - j);
    const Vec<T> i = sigmoid<T>(load(a + j));
    const Vec<T> f = sigmoid<T>(load(a + H + j));
    const Vec<T> g = tanh<T>(load(a + 2 * H + j));
    const Vec<T> o = sigmoid<T>(load(a + 3 * H + j));
    const Vec<T> cell = f * lanes.load(c_before + j) + i * g;
    lanes.store(gates + j, i);
    lanes.store(gates + H + j, f);
    lanes.store(gates + 2 * H + j, g);
    lanes.store(gates + 3 * H + j, o);
    lanes.store(c + j, cell);
    lanes.store(h + j, o * tanh<T>(cell));
  }
}

// One row of one step backward: dc becomes the gradient by the cell before, da is written.
template <class T>
void lstm_row_backward(const T* gates, const T* c_before, const T* c, const T* dh, T* dc, T* da,
                       long H) {
  const Vec<T> one = broadcast<T>(T(1));
  for (long j = 0; j < H; j += kLanes<T>) {
    const Lanes<T> lanes(H - j);
    const Vec<T> i = lanes.load(gates + j), f = lanes.load(gates + H + j);
    const Vec<T> g = lanes.load(gates + 2 * H + j), o = lanes.load(gates + 3 * H + j);
    const Vec<T> tanh_c = tanh<T>(lanes.load(c + j));
    const Vec<T> dh_j = load(dh + j);
    const Vec<T> dc_j = load(dc + j) + dh_j * (o * (one - tanh_c * tanh_c));
    lanes.store(da + j, dc_j * (i * (one - i) * g));
    lanes.store(da + H + j, dc_j * (f * (one - f) * lanes.load(c_before + j)));
    lanes.store(da + 2 * H + j, dc_j * (i * (one - g * g)));
    lanes.store(da + 3 * H + j, dh_j * (o * (one - o) * tanh_c));
    store(dc + j, dc_j * f);
  }
}

template <class T>
class LstmForwardRun : public LayerRun<T, LstmForwardRun<T>> {
 public:
  using Base = LayerRun<T, LstmForwardRun<T>>;
  using Base::at, Base::s_;

  explicit LstmForwardRun(const LstmForward<T>& p)
      : Base(p.seq, 4.0 * p.seq.hidden * (p.seq.inputs + p.seq.hidden)),
        p_(p),
        G_(4 * p.seq.hidden),
        step_(gate_row<T>(G_)) {}

  void lay_out(Cutter<T>& cutter) {
    W_.packed = cutter.cut(W_.size(s_, G_, s_.inputs));
    U_.packed = cutter.cut(U_.size(s_, G_, s_.hidden));
    bias_ = cutter.cut(padded<T>(G_));
  }

  void prepare() {
    W_.prepare(s_, p_.weights.weight_ih, G_, s_.inputs);
    U_.prepare(s_, p_.weights.weight_hh, G_, s_.hidden);
    pack_bias<T>(bias_, p_.weights.bias_ih, p_.weights.bias_hh, G_);
  }

  void shard(long shard) {
    const long H = s_.hidden, begin = this->begin_of(shard), rows = this->rows_of(shard);
    T* a = static_cast<T*>(scratch(Slot::shard, sizeof(T) * rows * step_));
    const long first = s_.before(s_.step(0));
    copy(p_.hidden + at(first, begin, H), p_.h0 + begin * H, rows * H);
    copy(p_.cells + at(first, begin, H), p_.c0 + begin * H, rows * H);
    Watch watch = this->watch();
    for (long k = 0; k < s_.steps && !watch.stop(); ++k) step(a, s_.step(k), begin, rows);
  }

 private:
  void step(T* a, long t, long begin, long rows) const {
    const long H = s_.hidden, I = s_.inputs;
    const long before = at(s_.before(t), begin, H), after = at(s_.after(t), begin, H);
    const Term<T> terms[] = {W_.times({p_.x + at(t, begin, I), I, 1}),
                             U_.times({p_.hidden + before, H, 1})};
    product<T>(rows, padded<T>(G_), terms, 2, {a, step_, Start::bias, bias_});
    T* gates = p_.gates + at(p_.passing ? 0 : t, begin, G_);
    for (long r = 0; r < rows; ++r) {
      const long from = before + r * H, to = after + r * H;
      lstm_row<T>(a + r * step_, p_.cells + from, gates + r * G_, p_.cells + to, p_.hidden + to, H);
      if (!s_.active(t, begin + r)) {  // a row that has ended keeps its state
        copy(p_.hidden + to, p_.hidden + from, H);
        copy(p_.cells + to, p_.cells + from, H);
      }
    }
    if (p_.y == nullptr) return;
    write_ragged_outputs(s_, t, begin, rows, H, p_.hidden + after, p_.y + at(t, begin, H));
  }

  const LstmForward<T>& p_;
  long G_, step_;
  ForwardWeights<T> W_, U_;
  T* bias_ = nullptr;
};

template <class T>
class LstmBackwardRun : public BackwardRun<T, LstmBackwardRun<T>> {
 public:
  using Base = BackwardRun<T, LstmBackwardRun<T>>;
  using Base::at, Base::s_, Base::state_step_;
  struct Work {
    T *da, *x, *hidden, *dh, *dc;
  };

  explicit LstmBackwardRun(const LstmBackward<T>& p)
      : Base(p.seq,
             4.0 * p.seq.hidden * ((p.dx == nullptr ? 1 : 2) * p.seq.inputs + 2 * p.seq.hidden)),
        p_(p),
        G_(4 * p.seq.hidden),
        step_(gate_row<T>(G_)),
        of_W_(G_, p.seq.inputs),
        of_U_(G_, p.seq.hidden) {}

  void lay_out(Cutter<T>& cutter) {
    U_ = cutter.cut(packed_size<T>(s_.hidden, G_));
    W_ = cutter.cut(p_.dx == nullptr ? 0 : packed_size<T>(s_.inputs, G_));
    this->lay_out_sums(cutter, [&] {
      dW_ = cutter.cut(of_W_.size());
      dU_ = cutter.cut(of_U_.size());
      db_ = cutter.cut(padded<T>(G_));
    });
  }

  void prepare() {
    pack<T>(U_, p_.weights.weight_hh, s_.hidden, G_);
    if (p_.dx != nullptr) pack<T>(W_, p_.weights.weight_ih, s_.inputs, G_);
  }

  Work lay_out_shard(Cutter<T>& cutter) const {
    const long rows = this->chunk_ * this->cut_.rows;
    Work w;
    w.da = cutter.cut(rows * step_ + kLanes<T>);
    w.x = cutter.cut(of_W_.right_size(rows));
    w.hidden = cutter.cut(of_U_.right_size(rows));
    w.dh = cutter.cut(this->cut_.rows * state_step_);
    w.dc = cutter.cut(this->cut_.rows * state_step_);
    return w;
  }

  void start(const Work& w, long begin, long rows) const {
    const long H = s_.hidden;
    spread_rows(w.dh, state_step_, p_.dh == nullptr ? nullptr : p_.dh + begin * H, rows, H);
    spread_rows(w.dc, state_step_, p_.dc == nullptr ? nullptr : p_.dc + begin * H, rows, H);
  }

  void step_back(const Work& w, typename Base::Step s) const {
    const long H = s_.hidden;
    const long before = at(s_.before(s.t), s.begin, H), after = at(s_.after(s.t), s.begin, H);
    T* da = w.da + s.slot * s.rows * step_;
    const bool ragged = s_.lengths != nullptr;
    for (long r = 0; r < s.rows; ++r) {
      T* dh = w.dh + r * state_step_;
      if (!s_.active(s.t, s.begin + r)) {  // a row that has ended passes its gradients through
        clear(da + r * step_, G_);
        continue;
      }
      if (p_.dy != nullptr) add_row(dh, p_.dy + at(s.t, s.begin + r, H), H);
      lstm_row_backward<T>(p_.gates + at(s.t, s.begin + r, G_), p_.cells + before + r * H,
                           p_.cells + after + r * H, dh, w.dc + r * state_step_, da + r * step_, H);
      if (ragged) clear(dh, H);
    }
    const Term<T> term{{da, step_, 1}, U_, G_};
    product<T>(s.rows, state_step_, &term, 1,
               {w.dh, state_step_, ragged ? Start::keep : Start::zero});
    of_W_.pack_right(w.x, s.chunk_rows, s.slot * s.rows, p_.x + at(s.t, s.begin, s_.inputs),
                     s.rows);
    of_U_.pack_right(w.hidden, s.chunk_rows, s.slot * s.rows, p_.hidden + before, s.rows);
  }

  void close_chunk(const Work& w, const typename Base::Chunk& c) const {
    const long offset = c.shard * this->sums_step_;
    of_W_.add(dW_ + offset, w.da, step_, w.x, c.k(), c.start());
    of_U_.add(dU_ + offset, w.da, step_, w.hidden, c.k(), c.start());
    sum_rows<T>(db_ + offset, w.da, step_, c.k(), G_, c.first);
    this->input_gradient(p_.dx, c, 1, [&](Term<T>* terms, long row) {
      terms[0] = {{w.da + row * step_, step_, 1}, W_, G_};
    });
  }

  void finish(const Work& w, long begin, long rows) const {
    gather_rows(p_.dh0 + begin * s_.hidden, w.dh, state_step_, rows, s_.hidden);
    gather_rows(p_.dc0 + begin * s_.hidden, w.dc, state_step_, rows, s_.hidden);
  }

  void reduce() const {
    const LayerGradients<T>& to = p_.gradients;
    const long step = this->sums_step_, shards = this->cut_.count;
    of_W_.reduce(to.weight_ih, dW_, step, shards, to.add);
    of_U_.reduce(to.weight_hh, dU_, step, shards, to.add);
    reduce_bias<T>(to.bias_ih, db_, step, shards, G_, to.add);
    reduce_bias<T>(to.bias_hh, db_, step, shards, G_, to.add);
  }

 private:
  const LstmBackward<T>& p_;
  long G_, step_;
  OuterSum<T> of_W_, of_U_;
  T *W_ = nullptr, *U_ = nullptr;
  T *dW_ = nullptr, *dU_ = nullptr, *db_ = nullptr;  // sums of the first shard
};

}  // namespace gatecast::GATECAST_ISA
