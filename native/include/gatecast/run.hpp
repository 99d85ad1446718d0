// One call over a whole layer: lay out the memory, prepare, run the shards, reduce.
#pragma once

#include "gatecast/gradient.hpp"
#include "gatecast/single.hpp"
#include "gatecast/steps.hpp"

namespace gatecast::GATECAST_ISA {

// A forward or backward pass; Run is the class that derives from it and gives
//   lay_out(cutter)    what all shards share: packed weights, sums of gradients
//   prepare()          fills it
//   shard(number)      all steps of some rows
//   reduce()           after all shards
template <class T, class Run>
class LayerRun {
 public:
  bool run() {
    Cutter<T> count;
    self().lay_out(count);
    Cutter<T> cutter(static_cast<T*>(scratch(Slot::call, sizeof(T) * bytes_of(count))));
    self().lay_out(cutter);
    self().prepare();
    const auto function = [](void* run, long shard) { static_cast<Run*>(run)->shard(shard); };
    if (!run_shards(cut_.count, operations_, function, &self())) return false;
    self().reduce();
    return true;
  }

 protected:
  // `products` is the number of multiplications for one row and step.
  LayerRun(const Sequence& seq, double products)
      : s_(seq),
        operations_(2.0 * products * static_cast<double>(seq.steps * seq.batch)),
        cut_(cut_batch(seq.batch, seq.hidden, operations_)) {}

  static std::size_t bytes_of(const Cutter<T>& count) {
    return static_cast<std::size_t>(count.used());
  }
  Watch watch() const { return Watch(operations_ / static_cast<double>(s_.steps * cut_.count)); }
  long begin_of(long shard) const { return cut_.begin(shard); }
  long rows_of(long shard) const {
    const long left = s_.batch - cut_.begin(shard);
    return left < cut_.rows ? left : cut_.rows;
  }

  // Offset of row `begin` at step or state `t` in an array with rows of `width` values.
  long at(long t, long begin, long width) const { return (t * s_.batch + begin) * width; }

  void prepare() {}
  void reduce() {}

  Sequence s_;
  double operations_;
  Shards cut_;

 private:
  Run& self() { return *static_cast<Run*>(this); }
};

// A backward pass goes through the steps in chunks, whose da stays in the cache until the
// gradients of the weights have been summed over them.  Run gives in addition
//   lay_out_shard(cutter) -> Work    what one shard works in
//   start(work, begin, rows)         dh and dc after the last step
//   step_back(work, Step)            da of one step, and dh of the step before
//   close_chunk(work, Chunk)         the sums
//   finish(work, begin, rows)        dh0 and dc0
template <class T, class Run>
class BackwardRun : public LayerRun<T, Run> {
 public:
  struct Step {
    long t, slot, begin, rows, chunk_rows, shard;
  };
  struct Chunk {
    long last, steps, begin, rows, shard;  // `last`: place in the order of the first slot's step
    bool first;
    long k() const { return steps * rows; }
    Start start() const { return first ? Start::zero : Start::keep; }
  };

  void shard(long shard) {
    const FlushSubnormals flush;
    const long begin = this->begin_of(shard), rows = this->rows_of(shard);
    Run& run = *static_cast<Run*>(this);
    Cutter<T> count;
    run.lay_out_shard(count);
    auto* memory = static_cast<T*>(scratch(Slot::shard, sizeof(T) * this->bytes_of(count)));
    Cutter<T> cutter(memory);
    auto work = run.lay_out_shard(cutter);
    run.start(work, begin, rows);
    Watch watch = this->watch();
    for (long k = this->s_.steps; k > 0; k -= chunk_) {
      const long steps = k < chunk_ ? k : chunk_;
      for (long slot = 0; slot < steps; ++slot) {
        if (watch.stop()) return;
        run.step_back(work, {this->s_.step(k - 1 - slot), slot, begin, rows, steps * rows, shard});
      }
      run.close_chunk(work, {k - 1, steps, begin, rows, shard, k == this->s_.steps});
    }
    run.finish(work, begin, rows);
  }

 protected:
  BackwardRun(const Sequence& seq, double products)
      : LayerRun<T, Run>(seq, products),
        chunk_(steps_per_chunk(this->cut_.rows, seq.hidden)),
        state_step_(padded<T>(seq.hidden)) {
    if (chunk_ > seq.steps) chunk_ = seq.steps;
  }

  // Sums of all shards: `cut` lays out those of one.
  template <class Cut>
  void lay_out_sums(Cutter<T>& cutter, Cut cut) {
    const long begin = cutter.used();
    cut();
    sums_step_ = cutter.used() - begin;
    cutter.cut(sums_step_ * (this->cut_.count - 1));
  }

  // dx of the steps of a chunk, from terms over the columns of da.
  template <class TermsOf>
  void input_gradient(T* dx, const Chunk& chunk, int count, TermsOf terms_of) const {
    const long I = this->s_.inputs;
    for (long slot = 0; dx != nullptr && slot < chunk.steps; ++slot) {
      Term<T> terms[2];
      terms_of(terms, slot * chunk.rows);
      const long t = this->s_.step(chunk.last - slot);
      product<T>(chunk.rows, I, terms, count, {dx + this->at(t, chunk.begin, I), I});
    }
  }

  long chunk_, state_step_;
  long sums_step_ = 0;
};

}  // namespace gatecast::GATECAST_ISA
