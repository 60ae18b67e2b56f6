// IEEE 754 half precision to single precision: exact, so that every engine gives the same bytes.
#pragma once
#include "arguments.h"
#include "vector.h"

namespace {

// halves h, floats f>
const char* half_to_float(const Arg* a) {
  if (a[1].length < a[0].length) return "The output is shorter than the input.";
  const size_t n = static_cast<size_t>(a[0].length);
  size_t i = 0;
#if defined(__F16C__)
  for (; i + 8 <= n; i += 8)
    _mm256_storeu_ps(a[1].f32 + i, _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(a[0].u16 + i))));
#endif
  for (; i < n; i++) {
    const uint32_t half = a[0].u16[i];
    const uint32_t sign = (half & 0x8000u) << 16, exponent = (half >> 10) & 31u, fraction = half & 1023u;
    uint32_t bits;
    if (exponent == 31) {
      bits = sign | 0x7f800000u | (fraction == 0 ? 0 : (fraction << 13) | 0x400000u);
    } else if (exponent != 0) {
      bits = sign | ((exponent + 112) << 23) | (fraction << 13);
    } else {
      const float value = static_cast<float>(fraction) * 0x1p-24f;
      __builtin_memcpy(&bits, &value, 4);
      bits |= sign;
    }
    __builtin_memcpy(a[1].f32 + i, &bits, 4);
  }
  return nullptr;
}

}  // namespace
