// Symmetric eigenproblems in float64: Householder reduction, back-transformation, rotations, matrix times block. Nothing is
// fused here and every sum has eight parts, so that all instruction sets give the same bytes.
#pragma once
#include "arguments.h"
#include "vector.h"

namespace {
namespace eigen {

// Vectors in eight doubles.
constexpr int PARTS = 8 / WD;
// Rows taken together: as many as the registers hold.
constexpr int EIGEN_ROWS = WD >= 4 ? 4 : 2;
// Entries are at most 1: a column whose squares sum to less is rounding.
constexpr double NEGLIGIBLE = 1e-290;

inline size_t padded(size_t length) { return (length + 7) / 8 * 8; }

// Joins eight sums in pairs: (0,4)(2,6) and (1,5)(3,7).
inline double in_pairs(const double* s) { return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7])); }

inline double joined(const vd* sums) {
  double s[8];
  for (int p = 0; p < PARTS; p++) store(s + p * WD, sums[p]);
  return in_pairs(s);
}

inline double dot(const double* a, const double* b, size_t length) {
  vd sums[PARTS] = {};
  for (size_t j = 0; j < length; j += 8)
    for (int p = 0; p < PARTS; p++) sums[p] += load(a + j + p * WD) * load(b + j + p * WD);
  return joined(sums);
}

// The vectors of a reduction: the pending update v w' + w v', the new reflection x and the product y = A x.
struct Reduction {
  double *v, *w, *x, *y;
};

// Brings row i up to date and makes its reflection, in x and in the row.
inline void begin_column(double* a, size_t stride, size_t i, double* diagonal, double* off, double* factors, Reduction k) {
  double* row = a + i * stride;
  const double vi = k.v[i], wi = k.w[i];
  for (size_t j = 0; j <= i; j++) row[j] -= vi * k.w[j] + wi * k.v[j];
  k.v[i] = 0;
  k.w[i] = 0;
  diagonal[i] = row[i];
  const double head = row[i - 1];
  for (size_t j = 0; j < stride; j++) k.x[j] = j < i - 1 ? row[j] : 0;
  for (size_t j = 0; j < stride; j++) k.y[j] = 0;
  const double tail = dot(k.x, k.x, padded(i - 1));
  if (tail < NEGLIGIBLE) {
    for (size_t j = 0; j < stride; j++) k.x[j] = 0;
    off[i] = head;
    factors[i] = 0;
  } else {
    const double norm = __builtin_sqrt(tail + head * head);
    off[i] = head > 0 ? -norm : norm;
    const double first = head - off[i];
    k.x[i - 1] = first;
    factors[i] = 2 / (tail + first * first);
  }
  for (size_t j = 0; j < stride; j++) row[j] = k.x[j];
}

// EIGEN_ROWS rows from r on of A -= v w' + w v' and of y += A x in one pass: the columns before `block` (which also add to y
// from the other side) and the 8 x 8 block on the diagonal.
inline void update_rows(double* a, size_t stride, size_t r, size_t block, Reduction k) {
  double* rows[EIGEN_ROWS];
  vd vr[EIGEN_ROWS], wr[EIGEN_ROWS], xr[EIGEN_ROWS], sums[EIGEN_ROWS][PARTS];
  for (int t = 0; t < EIGEN_ROWS; t++) {
    rows[t] = a + (r + t) * stride;
    vr[t] = splat(k.v[r + t]);
    wr[t] = splat(k.w[r + t]);
    xr[t] = splat(k.x[r + t]);
    for (int p = 0; p < PARTS; p++) sums[t][p] = vd{};
  }
  for (size_t j = 0; j < block; j += 8) {
    for (int p = 0; p < PARTS; p++) {
      const size_t c = j + p * WD;
      const vd vj = load(k.v + c), wj = load(k.w + c), xj = load(k.x + c);
      vd yj = load(k.y + c);
      for (int t = 0; t < EIGEN_ROWS; t++) {
        const vd value = load(rows[t] + c) - (vr[t] * wj + wr[t] * vj);
        store(rows[t] + c, value);
        yj += value * xr[t];
        sums[t][p] += value * xj;
      }
      store(k.y + c, yj);
    }
  }
  for (int p = 0; p < PARTS; p++) {
    const size_t c = block + p * WD;
    const vd vj = load(k.v + c), wj = load(k.w + c), xj = load(k.x + c);
    for (int t = 0; t < EIGEN_ROWS; t++) {
      const vd value = load(rows[t] + c) - (vr[t] * wj + wr[t] * vj);
      store(rows[t] + c, value);
      sums[t][p] += value * xj;
    }
  }
  for (int t = 0; t < EIGEN_ROWS; t++) k.y[r + t] += joined(sums[t]);
}

// Leaves the next update in v and w.
inline void finish_column(size_t i, size_t stride, double factor, Reduction k) {
  for (size_t j = 0; j < stride; j++) k.w[j] = j < i ? factor * k.y[j] : 0;
  const double half = (factor / 2) * dot(k.w, k.x, padded(i));
  for (size_t j = 0; j < stride; j++) {
    k.w[j] -= half * k.x[j];
    k.v[j] = k.x[j];
  }
}

inline const char* check_stride(const Arg& stride) {
  const bool fits = stride.number >= 8 && stride.number <= 65536 && static_cast<size_t>(stride.number) % 8 == 0;
  return fits ? nullptr : "The stride is not a multiple of 8 up to 65536.";
}

// matrix F*, stride n, place i*, diagonal F*, off F*, factors F*, work F*, budget n
const char* tridiagonalise(const Arg* a) {
  if (const char* fault = check_stride(a[1])) return fault;
  const size_t stride = static_cast<size_t>(a[1].number);
  if (a[2].length < 2) return "The place has a column and a row.";
  const int32_t *place = a[2].i32;
  if (place[0] < 0 || place[1] < 0 || place[1] % 8 != 0 || place[1] > place[0]) return "The place is not in the matrix.";
  size_t column = static_cast<size_t>(place[0]), row = static_cast<size_t>(place[1]);
  if (column >= stride || a[0].length < static_cast<double>(padded(column + 1) * stride)) return "The matrix is smaller than the place says.";
  for (int t = 3; t < 6; t++)
    if (a[t].length < static_cast<double>(column + 1)) return "The diagonals are shorter than the matrix.";
  if (a[6].length < 4.0 * static_cast<double>(stride)) return "The work memory is shorter than four rows.";
  double* matrix = a[0].f64;
  double* factors = a[5].f64;
  const Reduction k = {a[6].f64, a[6].f64 + stride, a[6].f64 + 2 * stride, a[6].f64 + 3 * stride};
  double used = 0;
  while (column > 0 && used < a[7].number) {
    if (row == 0) begin_column(matrix, stride, column, a[3].f64, a[4].f64, factors, k);
    for (; row < column && used < a[7].number; row += 8) {
      for (size_t r = row; r < row + 8; r += EIGEN_ROWS) update_rows(matrix, stride, r, row, k);
      used += 8 * static_cast<double>(row + 8);
    }
    if (row < column) break;
    finish_column(column, stride, factors[column], k);
    column--;
    row = 0;
  }
  if (column == 0) a[3].f64[0] = matrix[0];
  a[2].i32[0] = static_cast<int32_t>(column);
  a[2].i32[1] = static_cast<int32_t>(row);
  return nullptr;
}

// One reflection for R vectors.
template <int R>
inline void reflect(const double* reflection, double factor, size_t length, double* vectors, size_t stride) {
  vd sums[R][PARTS] = {};
  for (size_t j = 0; j < length; j += 8)
    for (int p = 0; p < PARTS; p++) {
      const vd v = load(reflection + j + p * WD);
      for (int t = 0; t < R; t++) sums[t][p] += load(vectors + t * stride + j + p * WD) * v;
    }
  vd scale[R];
  for (int t = 0; t < R; t++) scale[t] = splat(factor * joined(sums[t]));
  for (size_t j = 0; j < length; j += WD) {
    const vd v = load(reflection + j);
    for (int t = 0; t < R; t++) store(vectors + t * stride + j, load(vectors + t * stride + j) - scale[t] * v);
  }
}

// matrix F, stride n, factors F, from n, to n, vectors F*, count n
const char* apply_reflections(const Arg* a) {
  if (const char* fault = check_stride(a[1])) return fault;
  const size_t stride = static_cast<size_t>(a[1].number);
  if (a[3].number > a[4].number || a[4].number > a[1].number) return "The reflections are not in the matrix.";
  if (a[0].length < a[4].number * a[1].number) return "The matrix is smaller than its reflections.";
  if (a[2].length < a[4].number) return "There are fewer factors than reflections.";
  if (a[6].number > 65536 || a[5].length < a[6].number * a[1].number) return "There are fewer vectors than asked.";
  const size_t from = static_cast<size_t>(a[3].number), to = static_cast<size_t>(a[4].number), count = static_cast<size_t>(a[6].number);
  size_t k = 0;
  for (; k < count; k += k + EIGEN_ROWS <= count ? EIGEN_ROWS : 1) {
    double* vectors = a[5].f64 + k * stride;
    for (size_t i = from; i < to; i++) {
      const double factor = a[2].f64[i];
      if (factor == 0) continue;
      if (k + EIGEN_ROWS <= count)
        reflect<EIGEN_ROWS>(a[0].f64 + i * stride, factor, padded(i), vectors, stride);
      else
        reflect<1>(a[0].f64 + i * stride, factor, padded(i), vectors, stride);
    }
  }
  return nullptr;
}

// All sweeps on `WIDTH` vectors of columns: the row between two rotations stays in registers.
template <int WIDTH>
inline void rotate_strip(double* vectors, size_t stride, const int32_t* sweeps, size_t count, const double* rotations) {
  for (size_t s = 0; s < count; s++) {
    double* lower = vectors + (static_cast<size_t>(sweeps[2 * s]) + 1) * stride;
    vd carried[WIDTH];
    for (int t = 0; t < WIDTH; t++) carried[t] = load(lower + t * WD);
    for (int32_t left = sweeps[2 * s + 1]; left > 0; left--, rotations += 2, lower -= stride) {
      const vd c = splat(rotations[0]), sine = splat(rotations[1]);
      for (int t = 0; t < WIDTH; t++) {
        const vd e = load(lower - stride + t * WD);
        store(lower + t * WD, sine * e + c * carried[t]);
        carried[t] = c * e - sine * carried[t];
      }
    }
    for (int t = 0; t < WIDTH; t++) store(lower + t * WD, carried[t]);
  }
}

// vectors F*, stride n, sweeps i, rotations F
const char* rotate_rows(const Arg* a) {
  if (const char* fault = check_stride(a[1])) return fault;
  const size_t stride = static_cast<size_t>(a[1].number);
  const size_t count = static_cast<size_t>(a[2].length / 2);
  const double rows = __builtin_floor(a[0].length / a[1].number);
  double needed = 0;
  for (size_t s = 0; s < count; s++) {
    const int32_t first = a[2].i32[2 * s], length = a[2].i32[2 * s + 1];
    if (length < 0 || first < length - 1 || static_cast<double>(first) + 2 > rows) return "A sweep leaves the vectors.";
    needed += 2.0 * length;
  }
  if (a[3].length < needed) return "There are fewer rotations than the sweeps say.";
  constexpr int width = 4;
  size_t j = 0;
  for (; j + width * WD <= stride; j += width * WD) rotate_strip<width>(a[0].f64 + j, stride, a[2].i32, count, a[3].f64);
  for (; j < stride; j += WD) rotate_strip<1>(a[0].f64 + j, stride, a[2].i32, count, a[3].f64);
  return nullptr;
}

// basis F, cols n, count n, vector F*
const char* remove_span(const Arg* a) {
  if (a[1].number > 9007199254740991.0 / 65536 || a[2].number > 65536 || a[0].length < a[1].number * a[2].number)
    return "The basis is smaller than its rows.";
  if (a[3].length < a[1].number) return "The vector is shorter than the basis.";
  const size_t cols = static_cast<size_t>(a[1].number), count = static_cast<size_t>(a[2].number);
  double* vector = a[3].f64;
  const size_t whole = cols / 8 * 8;
  for (size_t k = 0; k < count; k++) {
    const double* row = a[0].f64 + k * cols;
    vd sums[PARTS] = {};
    for (size_t j = 0; j < whole; j += 8)
      for (int p = 0; p < PARTS; p++) sums[p] += load(vector + j + p * WD) * load(row + j + p * WD);
    double s[8];
    for (int p = 0; p < PARTS; p++) store(s + p * WD, sums[p]);
    for (size_t j = whole; j < cols; j++) s[j - whole] += vector[j] * row[j];
    const double along = in_pairs(s);
    const vd scale = splat(along);
    for (size_t j = 0; j < whole; j += WD) store(vector + j, load(vector + j) - scale * load(row + j));
    for (size_t j = whole; j < cols; j++) vector[j] -= along * row[j];
  }
  return nullptr;
}

template <int R>
inline void multiply_rows(const double* matrix, size_t cols, const double* block, double* product) {
  vd sums[R][PARTS] = {};
  for (size_t j = 0; j < cols; j++)
    for (int p = 0; p < PARTS; p++) {
      const vd b = load(block + 8 * j + p * WD);
      for (int t = 0; t < R; t++) sums[t][p] += splat(matrix[t * cols + j]) * b;
    }
  for (int t = 0; t < R; t++)
    for (int p = 0; p < PARTS; p++) store(product + 8 * t + p * WD, sums[t][p]);
}

// matrix F, cols n, block F, product F>: as many rows as the product holds
const char* multiply_block(const Arg* a) {
  const size_t rows = static_cast<size_t>(a[3].length / 8);
  if (a[1].number > 65536 || a[0].length < static_cast<double>(rows) * a[1].number) return "The matrix is smaller than rows times columns.";
  if (a[2].length < 8 * a[1].number) return "The block is shorter than 8 columns.";
  const size_t cols = static_cast<size_t>(a[1].number);
  constexpr size_t together = WD == 8 ? 8 : EIGEN_ROWS;
  size_t r = 0;
  for (; r + together <= rows; r += together) multiply_rows<together>(a[0].f64 + r * cols, cols, a[2].f64, a[3].f64 + 8 * r);
  for (; r < rows; r++) multiply_rows<1>(a[0].f64 + r * cols, cols, a[2].f64, a[3].f64 + 8 * r);
  return nullptr;
}

}  // namespace eigen
}  // namespace
