// Vectors of the instruction set this unit is compiled for. Everything is local to the unit: an inline function shared by
// units of different sets could be the copy that the linker keeps, and die on a lesser machine.
#pragma once
#include <stddef.h>
#include <stdint.h>
#if defined(__AVX2__)
#include <immintrin.h>
#endif

namespace {

#if defined(__AVX512F__)
constexpr int W = 16;
#elif defined(__AVX2__)
constexpr int W = 8;
#else
constexpr int W = 4;
#endif
// Doubles in a vector.
constexpr int WD = W / 2;

typedef float vf __attribute__((vector_size(W * 4)));
typedef double vd __attribute__((vector_size(W * 4)));
typedef float vf_unaligned __attribute__((vector_size(W * 4), aligned(4), may_alias));
typedef double vd_unaligned __attribute__((vector_size(W * 4), aligned(8), may_alias));

inline vf load(const float* p) { return *reinterpret_cast<const vf_unaligned*>(p); }
inline vd load(const double* p) { return *reinterpret_cast<const vd_unaligned*>(p); }
inline void store(float* p, vf v) { *reinterpret_cast<vf_unaligned*>(p) = v; }
inline void store(double* p, vd v) { *reinterpret_cast<vd_unaligned*>(p) = v; }
// Not 0 + x: that would be a sum.
#if defined(__AVX512F__)
inline vf splat(float x) { return _mm512_set1_ps(x); }
inline vd splat(double x) { return _mm512_set1_pd(x); }
#elif defined(__AVX2__)
inline vf splat(float x) { return _mm256_set1_ps(x); }
inline vd splat(double x) { return _mm256_set1_pd(x); }
#else
inline vf splat(float x) { return vf{x, x, x, x}; }
inline vd splat(double x) { return vd{x, x}; }
#endif

// a * b + c, in one rounding where the instruction set fuses: engines of one class agree to the byte, not across classes.
#if defined(__AVX512F__)
inline vf fmadd(vf a, vf b, vf c) { return _mm512_fmadd_ps(a, b, c); }
inline vd fmadd(vd a, vd b, vd c) { return _mm512_fmadd_pd(a, b, c); }
#elif defined(__AVX2__)
inline vf fmadd(vf a, vf b, vf c) { return _mm256_fmadd_ps(a, b, c); }
inline vd fmadd(vd a, vd b, vd c) { return _mm256_fmadd_pd(a, b, c); }
#else
inline vf fmadd(vf a, vf b, vf c) { return a * b + c; }
inline vd fmadd(vd a, vd b, vd c) { return a * b + c; }
#endif

// The register tile by instruction set: rows of the left operand times vectors of the right one.
#if defined(__AVX512F__)
constexpr int TILE_ROWS = 8;
#elif defined(__AVX2__)
constexpr int TILE_ROWS = 6;
#else
constexpr int TILE_ROWS = 4;
#endif
constexpr int TILE_VECTORS = 2;

}  // namespace
