// The pool under ThreadSanitizer: many calls, from several threads at once, changing sizes.
#include <atomic>
#include <cstdio>
#include <cstring>
#include <thread>
#include <vector>

#include "gatecast/pool.hpp"

namespace {

struct Sum {
  const std::vector<long>* numbers;
  std::vector<long> parts;
};

void add_part(void* context, long shard) {
  Sum& sum = *static_cast<Sum*>(context);
  const std::size_t size = 1 << 14;
  auto* memory = static_cast<char*>(gatecast::scratch(gatecast::Slot::shard, size));
  std::memset(memory, static_cast<int>(shard), size);  // each thread works in its own memory
  long part = memory[size - 1] - static_cast<char>(shard);
  for (std::size_t j = static_cast<std::size_t>(shard); j < sum.numbers->size();
       j += sum.parts.size()) {
    part += (*sum.numbers)[j];
  }
  sum.parts[static_cast<std::size_t>(shard)] = part;
}

bool one_call(long shards) {
  std::vector<long> numbers(1000, 1);
  Sum sum{&numbers, std::vector<long>(static_cast<std::size_t>(shards))};
  if (!gatecast::run_shards(shards, 1e9, add_part, &sum)) return false;
  long total = 0;
  for (const long part : sum.parts) total += part;
  return total == 1000;
}

}  // namespace

int main() {
  std::atomic<bool> good{true};
  for (const int threads : {1, 2, 8}) {
    gatecast::set_thread_count(threads);
    std::vector<std::thread> callers;
    for (int caller = 0; caller < 4; ++caller) {
      callers.emplace_back([&good] {
        for (long call = 0; call < 300; ++call) {
          if (!one_call(1 + call % 16)) good = false;
        }
      });
    }
    for (std::thread& caller : callers) caller.join();
  }
  std::puts(good ? "every sum is right" : "a sum is wrong");
  return good ? 0 : 1;
}
