// What every kernel is called with, in the addon and in the WebAssembly twin alike.
#pragma once
#include <stddef.h>
#include <stdint.h>

// One argument: an array (data and number of elements) or a number. The twin writes this layout by hand: 24 bytes.
struct Arg {
  union {
    alignas(8) float* f32;
    double* f64;
    int32_t* i32;
    uint32_t* u32;
    uint16_t* u16;
    uint8_t* u8;
    void* data;
  };
  double length;
  double number;
};

// Null when done, else a sentence about what does not fit; nothing was written then.
using KernelFunction = const char* (*)(const Arg*);

// The signature has one word an argument: f F i u h b for Float32, Float64, Int32, Uint32, Uint16 and Uint8 arrays, n for a
// whole number from 0 on, r for any finite number; then ? where null is allowed, * for read and written, > for written only,
// ~ for scratch memory.
struct Kernel {
  const char* name;
  const char* signature;
  KernelFunction run;
};

struct KernelTable {
  const Kernel* kernels;
  size_t count;
};

// Scratch memory from the next multiple of 64 bytes on: a wide load that crosses cache lines costs two. Callers add 16
// elements for it.
template <typename T>
static inline T* aligned(T* scratch) {
  return reinterpret_cast<T*>((reinterpret_cast<uintptr_t>(scratch) + 63) & ~static_cast<uintptr_t>(63));
}
constexpr double ALIGNMENT_SLACK = 16;
