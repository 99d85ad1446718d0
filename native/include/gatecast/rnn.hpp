// The plain recurrent network, forward and backward through time; the equations are those of
// gatecast/kernels/reference/rnn.py, with the same letters.
#pragma once

#include "gatecast/activations.hpp"
#include "gatecast/run.hpp"

namespace gatecast::GATECAST_ISA {

// max(a, 0) as NumPy has it: NaN stays.
template <class T>
GATECAST_INLINE Vec<T> relu(Vec<T> a) {
  return a < Vec<T>{} ? Vec<T>{} : a;
}

template <class T>
void rnn_row(const T* a, T* h, long H, bool is_relu) {
  for (long j = 0; j < H; j += kLanes<T>) {
    const Lanes<T> lanes(H - j);
    const Vec<T> v = load(a + j);
    lanes.store(h + j, is_relu ? relu<T>(v) : tanh<T>(v));
  }
}

// da = dh φ'(a): 1 - h² for tanh, and 1 where h > 0 for relu.
template <class T>
void rnn_row_backward(const T* h, const T* dh, T* da, long H, bool is_relu) {
  const Vec<T> one = broadcast<T>(T(1));
  for (long j = 0; j < H; j += kLanes<T>) {
    const Lanes<T> lanes(H - j);
    const Vec<T> h_j = lanes.load(h + j);
    const Vec<T> slope = is_relu ? (h_j > Vec<T>{} ? one : Vec<T>{}) : one - h_j * h_j;
    lanes.store(da + j, slope * load(dh + j));
  }
}

template <class T>
class RnnForwardRun : public LayerRun<T, RnnForwardRun<T>> {
 public:
  using Base = LayerRun<T, RnnForwardRun<T>>;
  using Base::at, Base::s_;

  explicit RnnForwardRun(const RnnForward<T>& p)
      : Base(p.seq, 1.0 * p.seq.hidden * (p.seq.inputs + p.seq.hidden)),
        p_(p),
        step_(gate_row<T>(p.seq.hidden)) {}

  void lay_out(Cutter<T>& cutter) {
    W_.packed = cutter.cut(W_.size(s_, s_.hidden, s_.inputs));
    U_.packed = cutter.cut(U_.size(s_, s_.hidden, s_.hidden));
    bias_ = cutter.cut(padded<T>(s_.hidden));
  }

  void prepare() {
    W_.prepare(s_, p_.weights.weight_ih, s_.hidden, s_.inputs);
    U_.prepare(s_, p_.weights.weight_hh, s_.hidden, s_.hidden);
    pack_bias<T>(bias_, p_.weights.bias_ih, p_.weights.bias_hh, s_.hidden);
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
    const Term<T> terms[] = {W_.times({p_.x + at(t, begin, I), I, 1}), U_.times({h_before, H, 1})};
    product<T>(rows, padded<T>(H), terms, 2, {a, step_, Start::bias, bias_});
    for (long r = 0; r < rows; ++r) {
      if (s_.active(t, begin + r)) {
        rnn_row<T>(a + r * step_, h + r * H, H, p_.relu);
      } else {  // a row that has ended keeps its state
        copy(h + r * H, h_before + r * H, H);
      }
    }
    if (p_.y != nullptr) {
      write_ragged_outputs(s_, t, begin, rows, H, h, p_.y + at(t, begin, H));
    }
  }

  const RnnForward<T>& p_;
  long step_;
  ForwardWeights<T> W_, U_;
  T* bias_ = nullptr;
};

template <class T>
class RnnBackwardRun : public BackwardRun<T, RnnBackwardRun<T>> {
 public:
  using Base = BackwardRun<T, RnnBackwardRun<T>>;
  using Base::at, Base::s_, Base::state_step_;
  struct Work {
    T *da, *x, *hidden, *dh;
  };

  explicit RnnBackwardRun(const RnnBackward<T>& p)
      : Base(p.seq,
             1.0 * p.seq.hidden * ((p.dx == nullptr ? 1 : 2) * p.seq.inputs + 2 * p.seq.hidden)),
        p_(p),
        step_(gate_row<T>(p.seq.hidden)),
        of_W_(p.seq.hidden, p.seq.inputs),
        of_U_(p.seq.hidden, p.seq.hidden) {}

  void lay_out(Cutter<T>& cutter) {
    const long H = s_.hidden;
    U_ = cutter.cut(packed_size<T>(H, H));
    W_ = cutter.cut(p_.dx == nullptr ? 0 : packed_size<T>(s_.inputs, H));
    this->lay_out_sums(cutter, [&] {
      dW_ = cutter.cut(of_W_.size());
      dU_ = cutter.cut(of_U_.size());
      db_ = cutter.cut(padded<T>(H));
    });
  }

  void prepare() {
    pack<T>(U_, p_.weights.weight_hh, s_.hidden, s_.hidden);
    if (p_.dx != nullptr) pack<T>(W_, p_.weights.weight_ih, s_.inputs, s_.hidden);
  }

  Work lay_out_shard(Cutter<T>& cutter) const {
    const long rows = this->chunk_ * this->cut_.rows;
    Work w;
    w.da = cutter.cut(rows * step_ + kLanes<T>);
    w.x = cutter.cut(of_W_.right_size(rows));
    w.hidden = cutter.cut(of_U_.right_size(rows));
    w.dh = cutter.cut(this->cut_.rows * state_step_);
    return w;
  }

  void start(const Work& w, long begin, long rows) const {
    const long H = s_.hidden;
    spread_rows(w.dh, state_step_, p_.dh == nullptr ? nullptr : p_.dh + begin * H, rows, H);
  }

  void step_back(const Work& w, typename Base::Step s) const {
    const long H = s_.hidden;
    const T* h_before = p_.hidden + at(s_.before(s.t), s.begin, H);
    const T* h = p_.hidden + at(s_.after(s.t), s.begin, H);
    T* da = w.da + s.slot * s.rows * step_;
    const bool ragged = s_.lengths != nullptr;
    for (long r = 0; r < s.rows; ++r) {
      T* dh = w.dh + r * state_step_;
      if (!s_.active(s.t, s.begin + r)) {  // a row that has ended passes its gradient through
        clear(da + r * step_, H);
        continue;
      }
      if (p_.dy != nullptr) add_row(dh, p_.dy + at(s.t, s.begin + r, H), H);
      rnn_row_backward<T>(h + r * H, dh, da + r * step_, H, p_.relu);
      if (ragged) clear(dh, H);
    }
    const Term<T> term{{da, step_, 1}, U_, H};
    product<T>(s.rows, state_step_, &term, 1,
               {w.dh, state_step_, ragged ? Start::keep : Start::zero});
    of_W_.pack_right(w.x, s.chunk_rows, s.slot * s.rows, p_.x + at(s.t, s.begin, s_.inputs),
                     s.rows);
    of_U_.pack_right(w.hidden, s.chunk_rows, s.slot * s.rows, h_before, s.rows);
  }

  void close_chunk(const Work& w, const typename Base::Chunk& c) const {
    const long offset = c.shard * this->sums_step_;
    of_W_.add(dW_ + offset, w.da, step_, w.x, c.k(), c.start());
    of_U_.add(dU_ + offset, w.da, step_, w.hidden, c.k(), c.start());
    sum_rows<T>(db_ + offset, w.da, step_, c.k(), s_.hidden, c.first);
    this->input_gradient(p_.dx, c, 1, [&](Term<T>* terms, long row) {
      terms[0] = {{w.da + row * step_, step_, 1}, W_, s_.hidden};
    });
  }

  void finish(const Work& w, long begin, long rows) const {
    gather_rows(p_.dh0 + begin * s_.hidden, w.dh, state_step_, rows, s_.hidden);
  }

  void reduce() const {
    const LayerGradients<T>& to = p_.gradients;
    const long step = this->sums_step_, shards = this->cut_.count;
    of_W_.reduce(to.weight_ih, dW_, step, shards, to.add);
    of_U_.reduce(to.weight_hh, dU_, step, shards, to.add);
    reduce_bias<T>(to.bias_ih, db_, step, shards, s_.hidden, to.add);
    reduce_bias<T>(to.bias_hh, db_, step, shards, s_.hidden, to.add);
  }

 private:
  const RnnBackward<T>& p_;
  long step_;
  OuterSum<T> of_W_, of_U_;
  T *W_ = nullptr, *U_ = nullptr;
  T *dW_ = nullptr, *dU_ = nullptr, *db_ = nullptr;  // sums of the first shard
};

}  // namespace gatecast::GATECAST_ISA
