#include "gatecast/dispatch.hpp"

#include <atomic>
#include <cstring>

namespace gatecast {
namespace {

struct Choice {
  const char* name;
  const Kernels<float>* of_float;
  const Kernels<double>* of_double;
  bool (*supported)();
};

const Choice kChoices[] = {
#if defined(GATECAST_X86)
    {"avx512", &avx512::kernels_float, &avx512::kernels_double,
     [] {
       return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
              __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
     }},
    {"avx2", &avx2::kernels_float, &avx2::kernels_double,
     [] { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }},
#endif
    {"baseline", &baseline::kernels_float, &baseline::kernels_double, [] { return true; }},
};

const Choice* best() {
#if defined(GATECAST_X86)
  __builtin_cpu_init();
#endif
  const Choice* choice = kChoices;
  while (!choice->supported()) ++choice;
  return choice;
}

std::atomic<const Choice*> g_choice{best()};

}  // namespace

const char* isa() { return g_choice.load()->name; }

bool choose_isa(const char* name) {
  for (const Choice& choice : kChoices) {
    if (std::strcmp(choice.name, name) == 0 && choice.supported()) {
      g_choice = &choice;
      return true;
    }
  }
  return false;
}

template <>
const Kernels<float>& kernels<float>() {
  return *g_choice.load()->of_float;
}
template <>
const Kernels<double>& kernels<double>() {
  return *g_choice.load()->of_double;
}

}  // namespace gatecast
