// The nearest and second nearest of k centres: screened in float32, decided in float64 by differences wherever the screening
// could be wrong, so that every engine gives the same clusters.
#pragma once
#include "arguments.h"
#include "moments.h"
#include "vector.h"

namespace {
namespace clustering {

// Up to this many centres a tile would waste most lanes: each is multiplied with the row along the columns instead.
constexpr size_t FEW_CENTRES = 4;
// Centres of a packed panel.
constexpr size_t CENTRE_PANEL = 32;
// Half a unit in the last place of a float32 of 1.
constexpr double ROUNDING = 1.0 / 16777216;
// More than what rounding a bound and its square root to float32 takes off.
constexpr double BOUND_SLACK = 1e-6;
constexpr float NO_CENTRE = __builtin_inff();

#if defined(__AVX512F__)
constexpr int ASSIGN_ROWS = 12;
#else
constexpr int ASSIGN_ROWS = TILE_ROWS;
#endif

typedef double eight_doubles __attribute__((vector_size(64)));
typedef float eight_floats __attribute__((vector_size(32)));
typedef double eight_doubles_unaligned __attribute__((vector_size(64), aligned(8), may_alias));
typedef float eight_floats_unaligned __attribute__((vector_size(32), aligned(4), may_alias));

// Squared distance in float64: eight sums, joined in pairs as in squared_distances.
inline double exact_square(const float* row, const double* centre, size_t cols) {
  eight_doubles sums = {};
  size_t j = 0;
  for (; j + 8 <= cols; j += 8) {
    const eight_floats x = *reinterpret_cast<const eight_floats_unaligned*>(row + j);
    const eight_doubles c = *reinterpret_cast<const eight_doubles_unaligned*>(centre + j);
    const eight_doubles difference = __builtin_convertvector(x, eight_doubles) - c;
    sums += difference * difference;
  }
  for (size_t l = 0; j + l < cols; l++) {
    const double difference = row[j + l] - centre[j + l];
    sums[l] += difference * difference;
  }
  return ((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7]));
}

inline const char* check_clusters(const Arg& clusters, size_t count, double k, int32_t lowest) {
  if (clusters.length < static_cast<double>(count)) return "Fewer clusters are named than rows.";
  for (size_t i = 0; i < count; i++)
    if (clusters.i32[i] < lowest || clusters.i32[i] >= k) return "A named cluster does not exist.";
  return nullptr;
}

inline float sum_of(vf v) {
  float sum = 0;
  for (int l = 0; l < W; l++) sum += v[l];
  return sum;
}

struct Screen {
  const float* offset;
  const float* packed;
  const float* biases;
  const double* centres;
  size_t cols, k;
  double largest, away;
};

// Squared norm of row - offset in float32.
inline float norm_of(const float* row, const Screen& s) {
  vf squares = {};
  size_t j = 0;
  for (; j + W <= s.cols; j += W) {
    const vf difference = load(row + j) - load(s.offset + j);
    squares = fmadd(difference, difference, squares);
  }
  float sum = sum_of(squares);
  for (; j < s.cols; j++) {
    const float difference = row[j] - s.offset[j];
    sum += difference * difference;
  }
  return sum;
}

// Decides one row from its screened scores |c|^2 - 2 x.c (about the offset).
inline void decide(const float* row, const Screen& s, float first, float second, int32_t best, int32_t* cluster, float* upper,
                   float* lower) {
  const float norm = norm_of(row, s);
  const double terms = static_cast<double>(s.cols + 4);
  const double radius = __builtin_sqrtf(norm);
  const double reach = radius + s.away + s.largest;
  // Rounding of a float32 product of `cols` terms, of the bias and of their difference, by the usual bound; the last
  // summand covers the float64 distances.
  const double slack = 1.01 * ROUNDING * (2 * terms * (radius + s.away) + 2 * s.largest + 4 * s.away) * s.largest +
                       reach * reach * 4e-15 * terms;
  const double blur = slack + 1.01 * ROUNDING * terms * norm;
  const double near = norm + static_cast<double>(first);
  // Above 1e36 a float32 square could have overflowed.
  if (reach < 1e18 && static_cast<double>(second) - first > 2 * slack && near > 8 * blur) {
    *cluster = best;
    *upper = __builtin_sqrtf(static_cast<float>(near + blur)) * static_cast<float>(1 + BOUND_SLACK);
    *lower = __builtin_sqrtf(static_cast<float>(norm + static_cast<double>(second) - blur)) * static_cast<float>(1 - BOUND_SLACK);
    return;
  }
  double least = __builtin_inf(), next = __builtin_inf();
  for (size_t c = 0; c < s.k; c++) {
    const double square = exact_square(row, s.centres + c * s.cols, s.cols);
    if (square < least) {
      next = least;
      least = square;
      best = static_cast<int32_t>(c);
    } else if (square < next) {
      next = square;
    }
  }
  *cluster = best;
  *upper = static_cast<float>(__builtin_sqrt(least) * (1 + BOUND_SLACK));
  *lower = static_cast<float>(__builtin_sqrt(next) * (1 - BOUND_SLACK));
}

struct TwoBest {
  float first = NO_CENTRE, second = NO_CENTRE;
  int32_t best = 0;
};

inline void offer(TwoBest& two, float score, int32_t centre) {
  const bool nearer = score < two.first;
  const float other = nearer ? two.first : score;
  two.second = other < two.second ? other : two.second;
  two.best = nearer ? centre : two.best;
  two.first = nearer ? score : two.first;
}

// Scores of R rows against V vectors of packed centres.
template <int R, int V>
inline void score_tile(const float* const* rows, const float* packed, const float* biases, size_t cols, float* scores) {
  vf sums[R][V];
  for (int r = 0; r < R; r++)
    for (int v = 0; v < V; v++) sums[r][v] = vf{};
  for (size_t j = 0; j < cols; j++) {
    vf c[V];
    for (int v = 0; v < V; v++) c[v] = load(packed + j * CENTRE_PANEL + v * W);
    for (int r = 0; r < R; r++) {
      const vf x = splat(rows[r][j]);
      for (int v = 0; v < V; v++) sums[r][v] = fmadd(x, c[v], sums[r][v]);
    }
  }
  for (int r = 0; r < R; r++)
    for (int v = 0; v < V; v++) store(scores + (r * V + v) * W, load(biases + v * W) - (sums[r][v] + sums[r][v]));
}

template <int R>
inline void screen_rows(const float* const* rows, const Screen& s, TwoBest* two) {
  alignas(64) float scores[R * 2 * W];
  for (int r = 0; r < R; r++) two[r] = TwoBest{};
  for (size_t at = 0; at < s.k; at += 2 * W) {
    const size_t left = s.k - at;
    const size_t width = left < 2 * W ? left : 2 * W;
    const float* packed = s.packed + at / CENTRE_PANEL * CENTRE_PANEL * s.cols + at % CENTRE_PANEL;
    const size_t stride = left > W ? 2 * W : W;
    if (left > W)
      score_tile<R, 2>(rows, packed, s.biases + at, s.cols, scores);
    else
      score_tile<R, 1>(rows, packed, s.biases + at, s.cols, scores);
    for (size_t c = 0; c < width; c++)
      for (int r = 0; r < R; r++) offer(two[r], scores[r * stride + c], static_cast<int32_t>(at + c));
  }
}

inline TwoBest screen_few(const float* row, const Screen& s) {
  vf sums[FEW_CENTRES] = {};
  size_t j = 0;
  for (; j + W <= s.cols; j += W) {
    const vf x = load(row + j);
    for (size_t c = 0; c < s.k; c++) sums[c] = fmadd(x, load(s.packed + c * s.cols + j), sums[c]);
  }
  TwoBest two;
  for (size_t c = 0; c < s.k; c++) {
    float sum = sum_of(sums[c]);
    for (size_t t = j; t < s.cols; t++) sum += row[t] * s.packed[c * s.cols + t];
    offer(two, s.biases[c] - (sum + sum), static_cast<int32_t>(c));
  }
  return two;
}

// x f, rows i?, from n, to n, cols n, offset f, packed f, biases f, centres F, k n, largest r, away r, clusters i>, upper f>,
// lower f>
const char* assign(const Arg* a) {
  if (const char* fault = check_rows(a[0], a[1], a[2], a[3], a[4])) return fault;
  const double k = a[9].number, cols = a[4].number, count = a[3].number - a[2].number;
  if (k < 1) return "There is no centre.";
  if (k > 2147483647.0) return "There are too many centres.";
  const double panels = __builtin_ceil(k / CENTRE_PANEL);
  const bool few = k <= FEW_CENTRES;
  if (a[5].length < cols) return "The offset is shorter than a row.";
  if (a[6].length < (few ? k : panels * CENTRE_PANEL) * cols) return "The packed centres are shorter than centres times columns.";
  if (a[7].length < (few ? k : panels * CENTRE_PANEL)) return "There are fewer biases than centres.";
  if (a[8].length < k * cols) return "The centres are shorter than centres times columns.";
  if (a[10].number < 0 || a[11].number < 0) return "A norm is below zero.";
  if (a[12].length < count || a[13].length < count || a[14].length < count) return "An output is shorter than the rows.";
  const Screen s = {a[5].f32,
                    a[6].f32,
                    a[7].f32,
                    a[8].f64,
                    static_cast<size_t>(cols),
                    static_cast<size_t>(k),
                    a[10].number,
                    a[11].number};
  const size_t from = static_cast<size_t>(a[2].number), to = static_cast<size_t>(a[3].number);
  int32_t* clusters = a[12].i32;
  float *upper = a[13].f32, *lower = a[14].f32;
  const float* rows[ASSIGN_ROWS];
  TwoBest two[ASSIGN_ROWS];
  for (size_t first = from; first < to; first += ASSIGN_ROWS) {
    const size_t height = to - first < ASSIGN_ROWS ? to - first : ASSIGN_ROWS;
    // A short group repeats its last row.
    for (size_t r = 0; r < ASSIGN_ROWS; r++) rows[r] = row_at(a[0], a[1], first + (r < height ? r : height - 1), s.cols);
    if (few)
      for (size_t r = 0; r < height; r++) two[r] = screen_few(rows[r], s);
    else
      screen_rows<ASSIGN_ROWS>(rows, s, two);
    for (size_t r = 0; r < height; r++) {
      const size_t at = first - from + r;
      decide(rows[r], s, two[r].first, two[r].second, two[r].best, clusters + at, upper + at, lower + at);
    }
  }
  return nullptr;
}

// x f, rows i?, from n, to n, cols n, clusters i, k n, centres F, squares F>: squared distance of each row from its centre.
const char* centre_squares(const Arg* a) {
  if (const char* fault = check_rows(a[0], a[1], a[2], a[3], a[4])) return fault;
  const size_t from = static_cast<size_t>(a[2].number), to = static_cast<size_t>(a[3].number);
  if (const char* fault = check_clusters(a[5], to - from, a[6].number, 0)) return fault;
  if (a[7].length < a[6].number * a[4].number) return "The centres are shorter than centres times columns.";
  if (a[8].length < a[3].number - a[2].number) return "The output is shorter than the rows.";
  const size_t cols = static_cast<size_t>(a[4].number);
  for (size_t r = from; r < to; r++)
    a[8].f64[r - from] =
        exact_square(row_at(a[0], a[1], r, cols), a[7].f64 + static_cast<size_t>(a[5].i32[r - from]) * cols, cols);
  return nullptr;
}

// x f, rows i?, from n, to n, cols n, before i, after i, k n, sums F*: takes each row from the sums of one cluster, -1 none, and
// adds it to those of another.
const char* move_rows(const Arg* a) {
  if (const char* fault = check_rows(a[0], a[1], a[2], a[3], a[4])) return fault;
  const size_t from = static_cast<size_t>(a[2].number), to = static_cast<size_t>(a[3].number);
  if (const char* fault = check_clusters(a[5], to - from, a[7].number, -1)) return fault;
  if (const char* fault = check_clusters(a[6], to - from, a[7].number, -1)) return fault;
  if (a[8].length < a[7].number * a[4].number) return "The sums are shorter than clusters times columns.";
  const size_t cols = static_cast<size_t>(a[4].number);
  for (size_t r = from; r < to; r++) {
    const float* row = row_at(a[0], a[1], r, cols);
    const int32_t before = a[5].i32[r - from], after = a[6].i32[r - from];
    if (before >= 0) {
      double* sums = a[8].f64 + static_cast<size_t>(before) * cols;
      for (size_t j = 0; j < cols; j++) sums[j] -= row[j];
    }
    if (after >= 0) {
      double* sums = a[8].f64 + static_cast<size_t>(after) * cols;
      for (size_t j = 0; j < cols; j++) sums[j] += row[j];
    }
  }
  return nullptr;
}

}  // namespace clustering
}  // namespace
