// The LSTM, forward and backward through time; the equations are those of
// gatecast/kernels/reference/lstm.py, with the same letters.
#pragma once

#include "gatecast/activations.hpp"
#include "gatecast/gradient.hpp"
#include "gatecast/steps.hpp"

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
class LstmForwardRun {
 public:
  explicit LstmForwardRun(const LstmForward<T>& p)
      : p_(p), s_(p.seq), G_(4 * s_.hidden),
        operations_(2.0 * s_.steps * s_.batch * G_ * (s_.inputs + s_.hidden)),
        cut_(cut_batch(s_.batch, s_.hidden, operations_)) {}

  bool run() {
    Cutter<T> count;
    lay_out(count);
    Cutter<T> cutter(static_cast<T*>(scratch(Slot::call, sizeof(T) * count.used())));
    lay_out(cutter);
    pack_transposed<T>(W_, p_.weights.weight_ih, G_, s_.inputs);
    pack_transposed<T>(U_, p_.weights.weight_hh, G_, s_.hidden);
    pack_bias<T>(bias_, p_.weights.bias_ih, p_.weights.bias_hh, G_);
    return run_shards(
        cut_.count, operations_,
        [](void* self, long shard) { static_cast<LstmForwardRun*>(self)->shard(shard); }, this);
  }

 private:
  void lay_out(Cutter<T>& cutter) {
    W_ = cutter.cut(packed_size<T>(G_, s_.inputs));
    U_ = cutter.cut(packed_size<T>(G_, s_.hidden));
    bias_ = cutter.cut(padded<T>(G_));
  }

  void shard(long shard) {
    const long H = s_.hidden, B = s_.batch, I = s_.inputs;
    const long begin = cut_.begin(shard), rows = rows_of(cut_, shard, B);
    const long width = gate_row<T>(G_);
    T* a = static_cast<T*>(scratch(Slot::shard, sizeof(T) * rows * width));
    const long first = s_.before(s_.step(0));
    copy(p_.hidden + (first * B + begin) * H, p_.h0 + begin * H, rows * H);
    copy(p_.cells + (first * B + begin) * H, p_.c0 + begin * H, rows * H);
    Watch watch(operations_ / (s_.steps * cut_.count));

    for (long k = 0; k < s_.steps && !watch.stop(); ++k) {
      const long t = s_.step(k);
      const long before = (s_.before(t) * B + begin) * H, after = (s_.after(t) * B + begin) * H;
      const Term<T> terms[] = {{{p_.x + (t * B + begin) * I, I, 1}, W_, I},
                               {{p_.hidden + before, H, 1}, U_, H}};
      product<T>(rows, G_, terms, 2, {a, width, Start::bias, bias_});
      for (long r = 0; r < rows; ++r) {
        const long from = before + r * H, to = after + r * H;
        lstm_row<T>(a + r * width, p_.cells + from, p_.gates + (t * B + begin + r) * G_,
                    p_.cells + to, p_.hidden + to, H);
        if (!s_.active(t, begin + r)) {  // a row that has ended keeps its state
          copy(p_.hidden + to, p_.hidden + from, H);
          copy(p_.cells + to, p_.cells + from, H);
        }
      }
      if (p_.y != nullptr) {
        write_ragged_outputs(s_, t, begin, rows, H, p_.hidden + after,
                             p_.y + (t * B + begin) * H);
      }
    }
  }

  const LstmForward<T>& p_;
  const Sequence& s_;
  long G_;
  double operations_;
  Shards cut_;
  T *W_ = nullptr, *U_ = nullptr, *bias_ = nullptr;
};

template <class T>
class LstmBackwardRun {
 public:
  explicit LstmBackwardRun(const LstmBackward<T>& p)
      : p_(p), s_(p.seq), G_(4 * s_.hidden),
        operations_((p.dx == nullptr ? 2.0 : 4.0) * s_.steps * s_.batch * G_ *
                    (s_.inputs + 2 * s_.hidden)),
        cut_(cut_batch(s_.batch, s_.hidden, operations_)),
        chunk_(steps_per_chunk(cut_.rows, s_.hidden)),
        to_weight_ih_(G_, s_.inputs), to_weight_hh_(G_, s_.hidden), H_step_(padded<T>(s_.hidden)),
        da_step_(gate_row<T>(G_)) {
    if (chunk_ > s_.steps) chunk_ = s_.steps;
  }

  bool run() {
    Cutter<T> count;
    lay_out(count);
    Cutter<T> cutter(static_cast<T*>(scratch(Slot::call, sizeof(T) * count.used())));
    lay_out(cutter);
    pack<T>(U_, p_.weights.weight_hh, s_.hidden, G_);
    if (p_.dx != nullptr) pack<T>(W_, p_.weights.weight_ih, s_.inputs, G_);
    const bool done = run_shards(
        cut_.count, operations_,
        [](void* self, long shard) { static_cast<LstmBackwardRun*>(self)->shard(shard); }, this);
    if (done) reduce();
    return done;
  }

 private:
  struct Sums {
    T *weight_ih, *weight_hh, *bias;
  };
  struct Work {
    T *da, *x, *hidden, *dh, *dh_before, *dc;
  };

  void lay_out(Cutter<T>& cutter) {
    U_ = cutter.cut(packed_size<T>(s_.hidden, G_));
    W_ = cutter.cut(p_.dx == nullptr ? 0 : packed_size<T>(s_.inputs, G_));
    const long begin = cutter.used();
    sums_ = {cutter.cut(to_weight_ih_.size()), cutter.cut(to_weight_hh_.size()),
             cutter.cut(padded<T>(G_))};
    sums_step_ = cutter.used() - begin;
    cutter.cut(sums_step_ * (cut_.count - 1));
  }

  Work lay_out_shard(Cutter<T>& cutter) const {
    const long rows = chunk_ * cut_.rows;
    Work w;
    w.da = cutter.cut(rows * da_step_ + kLanes<T>);
    w.x = cutter.cut(to_weight_ih_.right_size(rows));
    w.hidden = cutter.cut(to_weight_hh_.right_size(rows));
    w.dh = cutter.cut(cut_.rows * H_step_);
    w.dh_before = cutter.cut(cut_.rows * H_step_);
    w.dc = cutter.cut(cut_.rows * H_step_);
    return w;
  }

  void shard(long shard) {
    const long H = s_.hidden, B = s_.batch;
    const long begin = cut_.begin(shard), rows = rows_of(cut_, shard, B);
    Cutter<T> count;
    lay_out_shard(count);
    Cutter<T> cutter(static_cast<T*>(scratch(Slot::shard, sizeof(T) * count.used())));
    Work w = lay_out_shard(cutter);
    spread_rows(w.dh, H_step_, p_.dh == nullptr ? nullptr : p_.dh + begin * H, rows, H);
    spread_rows(w.dc, H_step_, p_.dc == nullptr ? nullptr : p_.dc + begin * H, rows, H);
    Watch watch(operations_ / (s_.steps * cut_.count));

    for (long k = s_.steps; k > 0; k -= chunk_) {
      const long steps = k < chunk_ ? k : chunk_;
      for (long slot = 0; slot < steps; ++slot) {
        if (watch.stop()) return;
        step_back(w, s_.step(k - 1 - slot), slot, steps * rows, begin, rows);
      }
      close_chunk(w, k - 1, steps, begin, rows, shard);
    }
    gather_rows(p_.dh0 + begin * H, w.dh, H_step_, rows, H);
    gather_rows(p_.dc0 + begin * H, w.dc, H_step_, rows, H);
  }

  // One step: da from dh and dc, then dh and dc of the step before.
  void step_back(Work& w, long t, long slot, long chunk_rows, long begin, long rows) const {
    const long H = s_.hidden, B = s_.batch, I = s_.inputs;
    const long before = (s_.before(t) * B + begin) * H, after = (s_.after(t) * B + begin) * H;
    T* da = w.da + slot * rows * da_step_;
    for (long r = 0; r < rows; ++r) {
      T *dh = w.dh + r * H_step_, *da_r = da + r * da_step_;
      if (!s_.active(t, begin + r)) {
        std::memset(da_r, 0, sizeof(T) * static_cast<std::size_t>(G_));
        continue;
      }
      if (p_.dy != nullptr) add_row(dh, p_.dy + (t * B + begin + r) * H, H);
      lstm_row_backward<T>(p_.gates + (t * B + begin + r) * G_, p_.cells + before + r * H,
                           p_.cells + after + r * H, dh, w.dc + r * H_step_, da_r, H);
    }
    to_weight_ih_.pack_right(w.x, chunk_rows, slot * rows, p_.x + (t * B + begin) * I, rows);
    to_weight_hh_.pack_right(w.hidden, chunk_rows, slot * rows, p_.hidden + before, rows);
    const Term<T> term{{da, da_step_, 1}, U_, G_};
    product<T>(rows, H, &term, 1, {w.dh_before, H_step_});
    for (long r = 0; s_.lengths != nullptr && r < rows; ++r) {
      if (!s_.active(t, begin + r)) copy(w.dh_before + r * H_step_, w.dh + r * H_step_, H);
    }
    std::swap(w.dh, w.dh_before);
  }

  // Sums over the steps of the chunk, while da is in the cache.
  void close_chunk(const Work& w, long last, long steps, long begin, long rows, long shard) const {
    const bool first = last == s_.steps - 1;
    const Start start = first ? Start::zero : Start::keep;
    const long k = steps * rows, offset = shard * sums_step_;
    to_weight_ih_.add(sums_.weight_ih + offset, w.da, da_step_, w.x, k, start);
    to_weight_hh_.add(sums_.weight_hh + offset, w.da, da_step_, w.hidden, k, start);
    sum_rows<T>(sums_.bias + offset, w.da, da_step_, k, G_, first);
    for (long slot = 0; p_.dx != nullptr && slot < steps; ++slot) {
      T* dx = p_.dx + (s_.step(last - slot) * s_.batch + begin) * s_.inputs;
      const Term<T> term{{w.da + slot * rows * da_step_, da_step_, 1}, W_, G_};
      product<T>(rows, s_.inputs, &term, 1, {dx, s_.inputs});
    }
  }

  void reduce() {
    const LayerGradients<T>& to = p_.gradients;
    const long shards = cut_.count;
    to_weight_ih_.reduce(to.weight_ih, sums_.weight_ih, sums_step_, shards, to.add);
    to_weight_hh_.reduce(to.weight_hh, sums_.weight_hh, sums_step_, shards, to.add);
    reduce_bias<T>(to.bias_ih, sums_.bias, sums_step_, shards, G_, to.add);
    reduce_bias<T>(to.bias_hh, sums_.bias, sums_step_, shards, G_, to.add);
  }

  const LstmBackward<T>& p_;
  const Sequence& s_;
  long G_;
  double operations_;
  Shards cut_;
  long chunk_;
  OuterSum<T> to_weight_ih_, to_weight_hh_;
  long H_step_, da_step_;
  T *W_ = nullptr, *U_ = nullptr;
  Sums sums_{};
  long sums_step_ = 0;
};

}  // namespace gatecast::GATECAST_ISA
