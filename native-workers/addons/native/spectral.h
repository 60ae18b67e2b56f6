// Randomised range finding (transposed products of rows with a few weights each) and spectral scores.
#pragma once
#include "arguments.h"
#include "moments.h"
#include "vector.h"

namespace {
namespace spectral {

constexpr size_t WIDTH = 2 * W;
// Rows packed together: their products are added in registers and in the first cache before they go to memory.
constexpr size_t PACKED_ROWS = 4 * BLOCK_ROWS;

// R weights a row times WIDTH packed columns, added to R rows of products after every block of 64 rows.
template <int R>
inline void add_tile(const float* packed, const float* weights, size_t height, size_t count, double* products, size_t cols, size_t width) {
  double totals[R][WIDTH];
  for (int c = 0; c < R; c++)
    for (size_t j = 0; j < WIDTH; j++) totals[c][j] = j < width ? products[c * cols + j] : 0;
  for (size_t start = 0; start < height; start += BLOCK_ROWS) {
    const size_t end = height - start < BLOCK_ROWS ? height : start + BLOCK_ROWS;
    vf sums[R][2];
    for (int c = 0; c < R; c++) sums[c][0] = sums[c][1] = vf{};
    for (size_t r = start; r < end; r++) {
      const vf x0 = load(packed + r * WIDTH), x1 = load(packed + r * WIDTH + W);
      for (int c = 0; c < R; c++) {
        const vf weight = splat(weights[r * count + c]);
        sums[c][0] = fmadd(weight, x0, sums[c][0]);
        sums[c][1] = fmadd(weight, x1, sums[c][1]);
      }
    }
    for (int c = 0; c < R; c++) {
      float out[WIDTH];
      store(out, sums[c][0]);
      store(out + W, sums[c][1]);
      for (size_t j = 0; j < WIDTH; j++) totals[c][j] += out[j];
    }
  }
  for (int c = 0; c < R; c++)
    for (size_t j = 0; j < width; j++) products[c * cols + j] = totals[c][j];
}

// x f, rows i?, from n, to n, cols n, centre f, weights f, count n, products F*
const char* add_products(const Arg* a) {
  if (const char* fault = check_rows(a[0], a[1], a[2], a[3], a[4])) return fault;
  if (a[5].length < a[4].number) return "The centre is shorter than a row.";
  if (a[6].length < (a[3].number - a[2].number) * a[7].number) return "There are fewer weights than rows times weights.";
  if (a[8].length < a[7].number * a[4].number) return "The products are fewer than weights times columns.";
  const size_t cols = static_cast<size_t>(a[4].number), count = static_cast<size_t>(a[7].number);
  const size_t from = static_cast<size_t>(a[2].number), to = static_cast<size_t>(a[3].number);
  const float* centre = a[5].f32;
  alignas(64) float packed[PACKED_ROWS * WIDTH];
  for (size_t start = from; start < to; start += PACKED_ROWS) {
    const size_t height = to - start < PACKED_ROWS ? to - start : PACKED_ROWS;
    const float* weights = a[6].f32 + (start - from) * count;
    for (size_t j = 0; j < cols; j += WIDTH) {
      const size_t width = cols - j < WIDTH ? cols - j : WIDTH;
      for (size_t r = 0; r < height; r++) {
        const float* row = row_at(a[0], a[1], start + r, cols) + j;
        for (size_t t = 0; t < width; t++) packed[r * WIDTH + t] = row[t] - centre[j + t];
        for (size_t t = width; t < WIDTH; t++) packed[r * WIDTH + t] = 0;
      }
      double* products = a[8].f64 + j;
      size_t c = 0;
      for (; c + TILE_ROWS <= count; c += TILE_ROWS) add_tile<TILE_ROWS>(packed, weights + c, height, count, products + c * cols, cols, width);
      for (; c < count; c++) add_tile<1>(packed, weights + c, height, count, products + c * cols, cols, width);
    }
  }
  return nullptr;
}

// As many floats as a vector holds doubles.
typedef float narrow __attribute__((vector_size(WD * 4), aligned(4), may_alias));

// R rows together hide the latency of one row's sums, each in eight sums that are joined in pairs.
template <int R>
inline void project_rows(const float* const* rows, size_t cols, const double* centre, const double* direction, double* out) {
  constexpr int parts = 8 / WD;
  vd lanes[R][parts] = {};
  size_t j = 0;
  for (; j + 8 <= cols; j += 8)
    for (int p = 0; p < parts; p++) {
      const size_t c = j + p * WD;
      const vd middle = load(centre + c), along = load(direction + c);
      for (int r = 0; r < R; r++) {
        const vd x = __builtin_convertvector(*reinterpret_cast<const narrow*>(rows[r] + c), vd);
        lanes[r][p] += (x - middle) * along;
      }
    }
  for (int r = 0; r < R; r++) {
    double s[8];
    for (int p = 0; p < parts; p++) store(s + p * WD, lanes[r][p]);
    for (size_t l = 0; j + l < cols; l++) s[l] += (static_cast<double>(rows[r][j + l]) - centre[j + l]) * direction[j + l];
    out[r] = ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
  }
}

// x f, rows i?, from n, to n, cols n, centre F, direction F, out F>
const char* project_onto(const Arg* a) {
  if (const char* fault = check_rows(a[0], a[1], a[2], a[3], a[4])) return fault;
  if (a[5].length < a[4].number || a[6].length < a[4].number) return "The centre or the direction is shorter than a row.";
  if (a[7].length < a[3].number - a[2].number) return "The output is shorter than the rows.";
  const size_t cols = static_cast<size_t>(a[4].number);
  const size_t from = static_cast<size_t>(a[2].number), to = static_cast<size_t>(a[3].number);
  constexpr size_t together = 4;
  for (size_t first = from; first < to; first += together) {
    const size_t height = to - first < together ? to - first : together;
    fetch_rows(a[0], a[1], first + AHEAD < to ? first + AHEAD : to, first + AHEAD + together < to ? first + AHEAD + together : to, cols);
    const float* rows[together];
    for (size_t r = 0; r < height; r++) rows[r] = row_at(a[0], a[1], first + r, cols);
    double* out = a[7].f64 + (first - from);
    if (height == together) project_rows<together>(rows, cols, a[5].f64, a[6].f64, out);
    else for (size_t r = 0; r < height; r++) project_rows<1>(rows + r, cols, a[5].f64, a[6].f64, out + r);
  }
  return nullptr;
}

}  // namespace spectral
}  // namespace
