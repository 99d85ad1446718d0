#!/bin/sh
# Builds the thread pool with ThreadSanitizer and runs it hard.  Needs g++.
set -eu
cd "$(dirname "$0")/../.."
mkdir -p build
g++ -std=c++17 -O1 -g -fsanitize=thread -Inative/include \
  native/tests/pool_stress.cpp native/pool.cpp -o build/pool_stress -lpthread
# Its shadow memory does not fit every random layout of the address space.
if command -v setarch >/dev/null; then exec setarch -R build/pool_stress; fi
exec build/pool_stress
