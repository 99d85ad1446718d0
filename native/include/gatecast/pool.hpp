// A small pool of threads that sleep when idle, and the memory that each thread works in.
//
// Made on first use and remade after a fork; one call at a time uses it, a second caller runs
// its shards alone.  What a shard computes never depends on which thread runs it, so results
// are the same bits at any number of threads.
#pragma once

#include <cstddef>

namespace gatecast {

// Number of threads that a call may use, the calling one included.
int thread_count();
void set_thread_count(int count);

using ShardFunction = void (*)(void* context, long shard);

// Asked now and then on the calling thread; true abandons the work.
using InterruptHook = bool (*)();
void set_interrupt_hook(InterruptHook hook);

// Runs function(context, 0 .. shards-1), on several threads when `operations` is worth it.
// False when the work was abandoned: its output is then incomplete.
bool run_shards(long shards, double operations, ShardFunction function, void* context);

// Whether the work of this thread is to be abandoned.  Cheap, but it reads a clock on the
// calling thread: ask about once per hundred microseconds.
bool abandoned();

// Memory of this thread, 64-byte aligned and kept for the next call.  Three slots: what the
// calling thread prepares for all shards, what one shard works in, and what a whole network keeps.
enum class Slot { call, shard, program };
void* scratch(Slot slot, std::size_t bytes);

// Bytes that scratch holds now, in all threads.
std::size_t scratch_bytes();

// Threads that the pool has made in this process.
int pool_size();

}  // namespace gatecast
