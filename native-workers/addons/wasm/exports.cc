// The WebAssembly twin: the same kernels with 128-bit vectors, called by number with arguments written into linear memory.
#define TABLE kernels_wasm
#include "../native/table.h"

extern "C" {

// A freestanding module has no C library; the compiler still asks for these two.
void* memcpy(void* to, const void* from, size_t n) {
  uint8_t* t = static_cast<uint8_t*>(to);
  const uint8_t* f = static_cast<const uint8_t*>(from);
  for (size_t i = 0; i < n; i++) t[i] = f[i];
  return to;
}
void* memset(void* to, int value, size_t n) {
  uint8_t* t = static_cast<uint8_t*>(to);
  for (size_t i = 0; i < n; i++) t[i] = static_cast<uint8_t>(value);
  return to;
}

extern uint8_t __heap_base;

__attribute__((export_name("heap"))) const void* heap() { return &__heap_base; }
__attribute__((export_name("kernelCount"))) size_t kernel_count() { return kernels_wasm.count; }
__attribute__((export_name("kernelName"))) const char* kernel_name(size_t index) { return kernels_wasm.kernels[index].name; }
__attribute__((export_name("kernelSignature"))) const char* kernel_signature(size_t index) {
  return kernels_wasm.kernels[index].signature;
}
__attribute__((export_name("run"))) const char* run(size_t index, const Arg* args) { return kernels_wasm.kernels[index].run(args); }
}
