// The GRU's backward pass; gru.hpp has the equations of a row.
#pragma once

#include "gatecast/gru.hpp"

namespace gatecast::GATECAST_ISA {

template <class T>
class GruBackwardRun : public BackwardRun<T, GruBackwardRun<T>> {
 public:
  using Base = BackwardRun<T, GruBackwardRun<T>>;
  using Base::at, Base::s_, Base::state_step_;
  struct Work {
    T *da, *x, *hidden, *v_right, *v, *dv, *dh;  // v = r h₋, in the reset-before form
  };

  explicit GruBackwardRun(const GruBackward<T>& p)
      : Base(p.seq,
             3.0 * p.seq.hidden * ((p.dx == nullptr ? 1 : 2) * p.seq.inputs + 2 * p.seq.hidden)),
        p_(p),
        step_(gate_row<T>(4 * p.seq.hidden)),
        of_W_(3 * p.seq.hidden, p.seq.inputs),
        of_U_(2 * p.seq.hidden, p.seq.hidden),
        of_U_n_(p.seq.hidden, p.seq.hidden) {}

  void lay_out(Cutter<T>& cutter) {
    const long H = s_.hidden;
    U_ = cutter.cut(packed_size<T>(H, 2 * H));
    U_n_ = cutter.cut(packed_size<T>(H, H));
    W_ = cutter.cut(p_.dx == nullptr ? 0 : packed_size<T>(s_.inputs, 3 * H));
    this->lay_out_sums(cutter, [&] {
      dW_ = cutter.cut(of_W_.size());
      dU_ = cutter.cut(of_U_.size());
      dU_n_ = cutter.cut(of_U_n_.size());
      db_ = cutter.cut(padded<T>(4 * H));
    });
  }

  void prepare() {
    const long H = s_.hidden;
    pack<T>(U_, p_.weights.weight_hh, H, 2 * H);
    pack<T>(U_n_, p_.weights.weight_hh + 2 * H * H, H, H);
    if (p_.dx != nullptr) pack<T>(W_, p_.weights.weight_ih, s_.inputs, 3 * H);
  }

  Work lay_out_shard(Cutter<T>& cutter) const {
    const long shard_rows = this->cut_.rows, rows = this->chunk_ * shard_rows;
    const bool before = !p_.reset_after;
    Work w;
    w.da = cutter.cut(rows * step_ + kLanes<T>);
    w.x = cutter.cut(of_W_.right_size(rows));
    w.hidden = cutter.cut(of_U_.right_size(rows));
    w.v_right = cutter.cut(before ? of_U_n_.right_size(rows) : 0);
    w.v = cutter.cut(before ? shard_rows * s_.hidden : 0);
    w.dv = cutter.cut(before ? shard_rows * state_step_ : 0);
    w.dh = cutter.cut(shard_rows * state_step_);
    return w;
  }

  void start(const Work& w, long begin, long rows) const {
    const long H = s_.hidden;
    spread_rows(w.dh, state_step_, p_.dh == nullptr ? nullptr : p_.dh + begin * H, rows, H);
  }

  void step_back(const Work& w, typename Base::Step s) const {
    const long H = s_.hidden;
    const T* h_before = p_.hidden + at(s_.before(s.t), s.begin, H);
    T* da = w.da + s.slot * s.rows * step_;
    for (long r = 0; r < s.rows; ++r) {
      T* dh = w.dh + r * state_step_;
      if (!s_.active(s.t, s.begin + r)) {  // a row that has ended passes its gradient through
        clear(da + r * step_, 4 * H);
        continue;
      }
      if (p_.dy != nullptr) add_row(dh, p_.dy + at(s.t, s.begin + r, H), H);
      const T* u = p_.reset_after ? p_.recurrent_n + at(s.t, s.begin + r, H) : nullptr;
      gru_row_backward<T>(p_.gates + at(s.t, s.begin + r, 3 * H), u, h_before + r * H, dh,
                          da + r * step_, H);
    }
    if (!p_.reset_after) undo_reset(w, s, h_before, da);
    const Term<T> terms[] = {{{da, step_, 1}, U_, 2 * H}, {{da + 3 * H, step_, 1}, U_n_, H}};
    product<T>(s.rows, state_step_, terms, p_.reset_after ? 2 : 1,
               {w.dh, state_step_, Start::keep});
    const long first = s.slot * s.rows;
    of_W_.pack_right(w.x, s.chunk_rows, first, p_.x + at(s.t, s.begin, s_.inputs), s.rows);
    of_U_.pack_right(w.hidden, s.chunk_rows, first, h_before, s.rows);
  }

  void close_chunk(const Work& w, const typename Base::Chunk& c) const {
    const long H = s_.hidden, offset = c.shard * this->sums_step_;
    of_W_.add(dW_ + offset, w.da, step_, w.x, c.k(), c.start());
    of_U_.add(dU_ + offset, w.da, step_, w.hidden, c.k(), c.start());
    if (p_.reset_after) {
      of_U_n_.add(dU_n_ + offset, w.da + 3 * H, step_, w.hidden, c.k(), c.start());
    } else {
      of_U_n_.add(dU_n_ + offset, w.da + 2 * H, step_, w.v_right, c.k(), c.start());
    }
    sum_rows<T>(db_ + offset, w.da, step_, c.k(), p_.reset_after ? 4 * H : 3 * H, c.first);
    this->input_gradient(p_.dx, c, 1, [&](Term<T>* terms, long row) {
      terms[0] = {{w.da + row * step_, step_, 1}, W_, 3 * H};
    });
  }

  void finish(const Work& w, long begin, long rows) const {
    gather_rows(p_.dh0 + begin * s_.hidden, w.dh, state_step_, rows, s_.hidden);
  }

  void reduce() const {
    const LayerGradients<T>& to = p_.gradients;
    const long H = s_.hidden, step = this->sums_step_, shards = this->cut_.count;
    of_W_.reduce(to.weight_ih, dW_, step, shards, to.add);
    of_U_.reduce(to.weight_hh, dU_, step, shards, to.add);
    of_U_n_.reduce(to.weight_hh + 2 * H * H, dU_n_, step, shards, to.add);
    reduce_bias<T>(to.bias_ih, db_, step, shards, 3 * H, to.add);
    if (to.bias_hh == nullptr) return;
    reduce_bias<T>(to.bias_hh, db_, step, shards, 2 * H, to.add);
    reduce_bias<T>(to.bias_hh + 2 * H, db_ + (p_.reset_after ? 3 : 2) * H, step, shards, H, to.add);
  }

 private:
  // Reset before the product: what flows through n reaches r and h₋ by way of v.
  void undo_reset(const Work& w, const typename Base::Step& s, const T* h_before, T* da) const {
    const long H = s_.hidden;
    const Term<T> term{{da + 2 * H, step_, 1}, U_n_, H};
    product<T>(s.rows, state_step_, &term, 1, {w.dv, state_step_});
    for (long r = 0; r < s.rows; ++r) {
      gru_row_backward_reset<T>(p_.gates + at(s.t, s.begin + r, 3 * H), h_before + r * H,
                                w.dv + r * state_step_, w.dh + r * state_step_, da + r * step_,
                                w.v + r * H, H);
    }
    of_U_n_.pack_right(w.v_right, s.chunk_rows, s.slot * s.rows, w.v, s.rows);
  }

  const GruBackward<T>& p_;
  long step_;
  OuterSum<T> of_W_, of_U_, of_U_n_;
  T *W_ = nullptr, *U_ = nullptr, *U_n_ = nullptr;
  T *dW_ = nullptr, *dU_ = nullptr, *dU_n_ = nullptr, *db_ = nullptr;  // of the first shard
};

}  // namespace gatecast::GATECAST_ISA
