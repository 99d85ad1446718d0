#!/bin/sh
# Builds the kernels with AddressSanitizer and UndefinedBehaviorSanitizer and runs their tests.
# Needs g++, cmake and ninja, and a Python (PYTHON=...) with nanobind, numpy and pytest.
set -eu
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}
build=${BUILD:-build/sanitized}
site=$build/site

rm -rf "$site"
mkdir -p "$site"
cp -r src/gatecast "$site/"
rm -f "$site"/gatecast/kernels/_native*.so
cmake -S . -B "$build" -G Ninja -DGATECAST_SANITIZE=ON -DCMAKE_CXX_COMPILER=g++ \
  -DPython_EXECUTABLE="$(command -v "$python")" \
  -DGATECAST_OUTPUT="$(cd "$site" && pwd)/gatecast/kernels"
cmake --build "$build"

# Python itself is not instrumented: the runtime has to be there first, and what Python never
# frees is no leak of ours.
export LD_PRELOAD="$(g++ -print-file-name=libasan.so) $(g++ -print-file-name=libubsan.so)"
export ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1
export UBSAN_OPTIONS=print_stacktrace=1
export PYTHONPATH="$site" GATECAST_REQUIRE_NATIVE=1 OMP_NUM_THREADS=1
[ $# -gt 0 ] || set -- tests/kernels
exec "$python" -m pytest -q -p no:cacheprovider "$@"
