#include "gatecast/pool.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <new>
#include <system_error>
#include <thread>
#include <vector>

#if !defined(_WIN32)
#include <pthread.h>
#endif
#if defined(__linux__)
#include <sched.h>
#endif

namespace gatecast {
namespace {

using Clock = std::chrono::steady_clock;

// Waking a thread costs some ten microseconds; below this a second one does not pay.
constexpr double kOperationsWorthThreads = 4e6;
constexpr auto kPollEvery = std::chrono::milliseconds(20);
constexpr int kSpinsBeforeSleep = 200;  // a few microseconds, for the last shard of another thread

std::atomic<int> g_threads{1};
std::atomic<InterruptHook> g_interrupted{nullptr};
std::atomic<std::size_t> g_scratch_bytes{0};

struct Job {
  ShardFunction function;
  void* context;
  long shards;
  std::atomic<long> next{0};
  std::atomic<bool> abandoned{false};

  void work() {
    for (long shard = next++; shard < shards && !abandoned.load(); shard = next++) {
      function(context, shard);
    }
  }
};

// What this thread works on; `caller` marks the thread that may ask the interrupt hook.
thread_local Job* t_job = nullptr;
thread_local bool t_caller = false;
thread_local Clock::time_point t_polled;

bool poll(Job& job) {
  const auto now = Clock::now();
  if (now - t_polled < kPollEvery) return false;
  t_polled = now;
  const InterruptHook hook = g_interrupted.load();
  if (hook == nullptr || !hook()) return false;
  job.abandoned = true;
  return true;
}

class Pool {
 public:
  std::mutex entry;  // held by the call that uses the pool

  void run(Job& job, int helpers) {
    grow(helpers);
    keep_off_this_core();
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      job_ = &job;
      seats_ = std::min(helpers, size_);
    }
    for (int i = 0; i < helpers; ++i) wake_.notify_one();
    job.work();
    finish(job);
  }

  int size() const { return size_; }

 private:
  void grow(int helpers) {
    while (size_ < helpers) {
      try {
        std::thread helper([this] { serve(); });
        handles_.push_back(helper.native_handle());
        helper.detach();
      } catch (const std::system_error&) {
        return;  // the machine grants no more threads: those that there are do the work
      }
      ++size_;
    }
  }

  // Linux likes to wake a thread on the core of the thread that wakes it; where the cores do not
  // share a cache (virtual machines) both then take turns on one core, sometimes for seconds.
  // So the helpers may run anywhere but on the core where the caller runs now.
  void keep_off_this_core() {
#if defined(__linux__)
    const int core = sched_getcpu();
    if (core == avoided_ && pinned_ == handles_.size()) return;
    cpu_set_t allowed;
    if (core < 0 || sched_getaffinity(0, sizeof allowed, &allowed) != 0) return;
    if (CPU_COUNT(&allowed) > 1 && core < CPU_SETSIZE) CPU_CLR(core, &allowed);
    for (const auto handle : handles_) pthread_setaffinity_np(handle, sizeof allowed, &allowed);
    avoided_ = core;
    pinned_ = handles_.size();
#endif
  }

  void finish(Job& job) {
    for (int spin = 0; spin < kSpinsBeforeSleep && busy_.load() > 0; ++spin) {
#if defined(__x86_64__)
      __builtin_ia32_pause();
#endif
    }
    std::unique_lock<std::mutex> lock(mutex_);
    job_ = nullptr;
    while (busy_.load() > 0) {
      if (idle_.wait_for(lock, kPollEvery) == std::cv_status::timeout) {
        lock.unlock();
        poll(job);
        lock.lock();
      }
    }
  }

  void serve() {
    std::unique_lock<std::mutex> lock(mutex_);
    for (;;) {
      wake_.wait(lock, [this] { return job_ != nullptr && seats_ > 0; });
      Job* job = job_;
      --seats_;
      ++busy_;
      lock.unlock();
      t_job = job;
      job->work();
      t_job = nullptr;
      lock.lock();
      if (--busy_ == 0) idle_.notify_one();
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_, idle_;
  Job* job_ = nullptr;
  int seats_ = 0;
  std::atomic<int> busy_{0};
  int size_ = 0;
  std::vector<std::thread::native_handle_type> handles_;
  int avoided_ = -1;
  std::size_t pinned_ = 0;
};

// Never destroyed: its threads sleep until the process ends.
std::atomic<Pool*> g_pool{nullptr};

// The threads of the parent do not exist in a forked child, and its locks may be held forever:
// the child forgets the pool and makes a new one when it needs it.
void forget_pool() { g_pool.store(nullptr); }

Pool& pool() {
  Pool* existing = g_pool.load();
  if (existing != nullptr) return *existing;
  Pool* made = new Pool;
  if (g_pool.compare_exchange_strong(existing, made)) return *made;
  delete made;
  return *existing;
}

struct AtFork {
  AtFork() {
#if !defined(_WIN32)
    pthread_atfork(nullptr, nullptr, forget_pool);
#endif
  }
} g_at_fork;

struct Arena {
  void* data = nullptr;
  std::size_t size = 0;

  ~Arena() { release(); }

  void release() {
    ::operator delete(data, std::align_val_t{64});
    g_scratch_bytes -= size;
    data = nullptr;
    size = 0;
  }

  void* at_least(std::size_t bytes) {
    if (bytes > size) {
      release();
      data = ::operator new(bytes, std::align_val_t{64});
      // Kernels compute with the padding of rows too, and drop it.  Old pointers read as floats
      // are subnormal numbers, on which some processors take a hundred times as long.
      std::memset(data, 0, bytes);
      size = bytes;
      g_scratch_bytes += size;
    }
    return data;
  }
};

thread_local Arena t_arenas[3];

}  // namespace

int thread_count() { return g_threads.load(); }
void set_thread_count(int count) { g_threads = std::max(1, count); }
void set_interrupt_hook(InterruptHook hook) { g_interrupted = hook; }
std::size_t scratch_bytes() { return g_scratch_bytes.load(); }

int pool_size() {
  const Pool* existing = g_pool.load();
  return existing == nullptr ? 0 : existing->size();
}

void* scratch(Slot slot, std::size_t bytes) {
  return t_arenas[static_cast<int>(slot)].at_least(bytes);
}

bool run_shards(long shards, double operations, ShardFunction function, void* context) {
  Job job{function, context, shards};
  t_job = &job;
  t_caller = true;
  t_polled = Clock::time_point();
  const long helpers = std::min<long>(thread_count(), shards) - 1;
  if (helpers > 0 && operations >= kOperationsWorthThreads) {
    t_polled = Clock::now();
    Pool& threads = pool();
    const std::unique_lock<std::mutex> turn(threads.entry, std::try_to_lock);
    if (turn.owns_lock()) {
      threads.run(job, static_cast<int>(helpers));
    } else {
      job.work();
    }
  } else {
    if (operations >= kOperationsWorthThreads) t_polled = Clock::now();
    job.work();
  }
  t_job = nullptr;
  t_caller = false;
  return !job.abandoned.load();
}

bool abandoned() {
  Job* job = t_job;
  if (job == nullptr) return false;
  if (job->abandoned.load(std::memory_order_relaxed)) return true;
  return t_caller && poll(*job);
}

}  // namespace gatecast
