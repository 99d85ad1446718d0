// The linear head: y = x Wᵀ + b over many rows, and its gradients.
#pragma once

#include "gatecast/optimiser.hpp"
#include "gatecast/run.hpp"

namespace gatecast::GATECAST_ISA {

// Rows as a sequence of one step, which is what the cutting into shards knows.
template <class T>
Sequence rows_as_sequence(const Linear<T>& p) {
  return {1, p.rows, p.inputs, p.outputs, nullptr, false};
}

template <class T>
class LinearForwardRun : public LayerRun<T, LinearForwardRun<T>> {
 public:
  explicit LinearForwardRun(const Linear<T>& p)
      : LayerRun<T, LinearForwardRun<T>>(rows_as_sequence(p), 1.0 * p.inputs * p.outputs),
        p_(p) {}

  void lay_out(Cutter<T>& cutter) {
    W_ = cutter.cut(packed_size<T>(p_.outputs, p_.inputs));
    bias_ = cutter.cut(padded<T>(p_.outputs));
  }
  void prepare() {
    pack_transposed<T>(W_, p_.weight, p_.outputs, p_.inputs);
    pack_bias<T>(bias_, p_.bias, nullptr, p_.outputs);
  }
  void shard(long shard) const {
    const long I = p_.inputs, O = p_.outputs, begin = this->begin_of(shard);
    const Term<T> term{{p_.x + begin * I, I, 1}, W_, I};
    product<T>(this->rows_of(shard), O, &term, 1, {p_.y + begin * O, O, Start::bias, bias_});
  }

 private:
  const Linear<T>& p_;
  T *W_ = nullptr, *bias_ = nullptr;
};

template <class T>
class LinearBackwardRun : public LayerRun<T, LinearBackwardRun<T>> {
 public:
  explicit LinearBackwardRun(const Linear<T>& p)
      : LayerRun<T, LinearBackwardRun<T>>(rows_as_sequence(p), 2.0 * p.inputs * p.outputs),
        p_(p),
        of_W_(p.outputs, p.inputs),
        step_(gate_row<T>(p.outputs)) {}

  void lay_out(Cutter<T>& cutter) {
    W_ = cutter.cut(p_.dx == nullptr ? 0 : packed_size<T>(p_.inputs, p_.outputs));
    const long begin = cutter.used();
    dW_ = cutter.cut(of_W_.size());
    db_ = cutter.cut(padded<T>(p_.outputs));
    sums_step_ = cutter.used() - begin;
    cutter.cut(sums_step_ * (this->cut_.count - 1));
  }

  void prepare() {
    if (p_.dx != nullptr) pack<T>(W_, p_.weight, p_.inputs, p_.outputs);
  }

  void shard(long shard) const {
    const FlushSubnormals flush;
    Cutter<T> count;
    T *dy, *x;
    lay_out_shard(count, &dy, &x);
    Cutter<T> cutter(static_cast<T*>(scratch(Slot::shard, sizeof(T) * this->bytes_of(count))));
    lay_out_shard(cutter, &dy, &x);
    const long begin = this->begin_of(shard), rows = this->rows_of(shard);
    block(shard, dy, x, begin, rows < kBlock ? rows : kBlock, Start::zero);
    for (long done = kBlock; done < rows; done += kBlock) {
      block(shard, dy, x, begin + done, rows - done < kBlock ? rows - done : kBlock, Start::keep);
    }
  }

  void reduce() const {
    const long shards = this->cut_.count;
    of_W_.reduce(p_.dweight, dW_, sums_step_, shards, p_.add);
    reduce_bias<T>(p_.dbias, db_, sums_step_, shards, p_.outputs, p_.add);
  }

 private:
  static constexpr long kBlock = 256;

  void lay_out_shard(Cutter<T>& cutter, T** dy, T** x) const {
    *dy = cutter.cut(kBlock * step_ + kLanes<T>);
    *x = cutter.cut(of_W_.right_size(kBlock));
  }

  void block(long shard, T* dy, T* x, long begin, long rows, Start start) const {
    const long I = p_.inputs, O = p_.outputs, offset = shard * sums_step_;
    spread_rows(dy, step_, p_.dy + begin * O, rows, O);
    of_W_.pack_right(x, rows, 0, p_.x + begin * I, rows);
    of_W_.add(dW_ + offset, dy, step_, x, rows, start);
    sum_rows<T>(db_ + offset, dy, step_, rows, O, start == Start::zero);
    if (p_.dx == nullptr) return;
    const Term<T> term{{dy, step_, 1}, W_, O};
    product<T>(rows, I, &term, 1, {p_.dx + begin * I, I});
  }

  const Linear<T>& p_;
  OuterSum<T> of_W_;
  long step_;
  long sums_step_ = 0;
  T *W_ = nullptr, *dW_ = nullptr, *db_ = nullptr;
};

}  // namespace gatecast::GATECAST_ISA
