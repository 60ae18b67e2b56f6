// Nearest neighbours: tiles of queries against panels of 32 points (dimension-major) that keep, for every query, the `keep`
// points of lowest score. A score is one accumulator walked in dimension order, so it does not depend on the tile.
#pragma once
#include "arguments.h"
#include "vector.h"

namespace {
namespace neighbours {

constexpr size_t POINTS = 32;
// Rows of the register tile: 12 x 32, 6 x 16 or 4 x 8.
constexpr int QUERIES = W == 16 ? 12 : W == 8 ? 6 : 4;
constexpr int SPAN = 2 * W;

// Bit l: a[l] < b[l].
inline uint32_t below(vf a, vf b) {
#if defined(__AVX512F__)
  return _mm512_cmp_ps_mask(a, b, _CMP_LT_OQ);
#elif defined(__AVX2__)
  return static_cast<uint32_t>(_mm256_movemask_ps(reinterpret_cast<__m256>(a < b)));
#elif defined(__wasm_simd128__)
  return static_cast<uint32_t>(__builtin_wasm_bitmask_i32x4(a < b));
#else
  const auto less = a < b;
  uint32_t mask = 0;
  for (int l = 0; l < W; l++) mask |= static_cast<uint32_t>(less[l] & 1) << l;
  return mask;
#endif
}

typedef int32_t vi __attribute__((vector_size(W * 4)));
typedef int32_t vi_unaligned __attribute__((vector_size(W * 4), aligned(4), may_alias));
inline vi load_ids(const int32_t* p) { return *reinterpret_cast<const vi_unaligned*>(p); }

// Moves what lies above the score one place up, a vector at a time from the list's end, and puts the score where it belongs;
// false when that is before place `last`, the first place above the score then.
inline bool shift_vectors(float* s, int32_t* i, size_t& last, float score, int32_t id) {
  const vf scores = splat(score);
  const vi ids = vi{} + id;
  while (last >= W) {
    const size_t first = last + 1 - W;
    const float before = s[first - 1];
    const vf here = load(s + first), left = load(s + first - 1);
    const vi ids_here = load_ids(i + first), ids_left = load_ids(i + first - 1);
    const auto stays = here <= scores, enters = left <= scores;
    store(s + first, stays ? here : enters ? scores : left);
    *reinterpret_cast<vi_unaligned*>(i + first) = stays ? ids_here : enters ? ids : ids_left;
    if (before <= score) return true;
    last = first - 1;
  }
  return false;
}
inline bool shift_vectors(double*, int32_t*, size_t&, double, int32_t) { return false; }

// Sorted lists of the lowest scores, ties in the order of coming, which is that of the ids.
template <typename T>
struct Lists {
  T* scores;
  int32_t* ids;
  size_t keep;

  T worst(size_t list) const { return scores[list * keep + keep - 1]; }

  void insert(size_t list, T score, int32_t id) const {
    T* s = scores + list * keep;
    int32_t* i = ids + list * keep;
    size_t at = keep - 1;
    if (shift_vectors(s, i, at, score, id)) return;
    for (; at > 0 && s[at - 1] > score; at--) {
      s[at] = s[at - 1];
      i[at] = i[at - 1];
    }
    s[at] = score;
    i[at] = id;
  }
};

// First element of packed panels: a whole cache line, so that no load of a tile straddles two.
inline float* aligned(const Arg& panels) {
  return reinterpret_cast<float*>((reinterpret_cast<uintptr_t>(panels.f32) + 63) & ~static_cast<uintptr_t>(63));
}
constexpr double SLACK = 16;

inline size_t whole(const Arg& a) { return static_cast<size_t>(a.number); }

inline bool outside(const Arg& indices, double length) {
  for (size_t i = 0; i < static_cast<size_t>(indices.length); i++)
    if (indices.i32[i] < 0 || indices.i32[i] >= length) return true;
  return false;
}

// Products of QUERIES rows with SPAN points of a panel.
inline void products(const float* const (&rows)[QUERIES], size_t cols, const float* panel, float* out) {
  vf sums[QUERIES][2];
#pragma GCC unroll 12
  for (int q = 0; q < QUERIES; q++) sums[q][0] = sums[q][1] = vf{};
  for (size_t j = 0; j < cols; j++) {
    const vf y0 = load(panel + j * POINTS), y1 = load(panel + j * POINTS + W);
#pragma GCC unroll 12
    for (int q = 0; q < QUERIES; q++) {
      const vf x = splat(rows[q][j]);
      sums[q][0] = fmadd(x, y0, sums[q][0]);
      sums[q][1] = fmadd(x, y1, sums[q][1]);
    }
  }
#pragma GCC unroll 12
  for (int q = 0; q < QUERIES; q++) {
    store(out + q * SPAN, sums[q][0]);
    store(out + q * SPAN + W, sums[q][1]);
  }
}

// Scores norm - 2 product of a row of the tile, and which lie below the limit.
inline uint32_t screen(const float* products, vf norm0, vf norm1, vf limit0, vf limit1, float* scores) {
  const vf s0 = norm0 - splat(2.f) * load(products), s1 = norm1 - splat(2.f) * load(products + W);
  const uint32_t hits = below(s0, limit0) | below(s1, limit1) << W;
  if (hits != 0) {
    store(scores, s0);
    store(scores + W, s1);
  }
  return hits;
}

// x f, cols n, points i, panels f*
const char* pack_points(const Arg* a) {
  const size_t cols = whole(a[1]), count = static_cast<size_t>(a[2].length);
  if (a[1].number < 1) return "There is no column.";
  if (count % POINTS != 0) return "The points do not fill panels.";
  if (a[3].length < a[2].length * a[1].number + SLACK) return "The panels are shorter than the points.";
  const double held = __builtin_floor(a[0].length / a[1].number);
  for (size_t p = 0; p < count; p++)
    if (a[2].i32[p] < -1 || a[2].i32[p] >= held) return "A point is not in the matrix.";
  float* panels = aligned(a[3]);
  for (size_t p = 0; p < count; p += POINTS) {
    float* panel = panels + p * cols;
    // A part of the panel that stays in the first cache is filled before the next.
    for (size_t from = 0; from < cols; from += 64) {
      const size_t to = cols - from < 64 ? cols : from + 64;
      for (size_t l = 0; l < POINTS; l++) {
        const int32_t point = a[2].i32[p + l];
        if (point < 0) {
          for (size_t j = from; j < to; j++) panel[j * POINTS + l] = 0;
        } else {
          const float* row = a[0].f32 + static_cast<size_t>(point) * cols;
          for (size_t j = from; j < to; j++) panel[j * POINTS + l] = row[j];
        }
      }
    }
  }
  return nullptr;
}

// queries f, cols n, rows i, lists i, own i, panels f, norms f, points i, keep n, scores f*, ids i*
const char* knn_tile(const Arg* a) {
  const size_t cols = whole(a[1]), keep = whole(a[8]);
  const size_t count = static_cast<size_t>(a[2].length), panels = static_cast<size_t>(a[6].length) / POINTS;
  if (a[1].number < 1) return "There is no column.";
  if (a[8].number < 1) return "No neighbour is asked for.";
  if (a[3].length != a[2].length || a[4].length != a[2].length) return "Rows, lists and ids of the queries differ in number.";
  if (a[6].length != panels * POINTS || a[7].length != a[6].length) return "Norms and ids of the points do not fill panels.";
  if (a[5].length < a[6].length * a[1].number + SLACK) return "The panels are shorter than the points.";
  if (outside(a[2], __builtin_floor(a[0].length / a[1].number))) return "A query is not in the matrix.";
  const double most = a[9].length < a[10].length ? a[9].length : a[10].length;
  if (outside(a[3], __builtin_floor(most / a[8].number))) return "A list is not among the lists.";
  const Lists<float> lists{a[9].f32, a[10].i32, keep};
  const int32_t *list_at = a[3].i32, *own = a[4].i32, *points = a[7].i32;
  const float* panel = aligned(a[5]);
  alignas(64) float tile[QUERIES * SPAN], scores[SPAN];
  for (size_t first = 0; first < count; first += QUERIES) {
    const int height = count - first < QUERIES ? static_cast<int>(count - first) : QUERIES;
    const float* rows[QUERIES];
    for (int q = 0; q < QUERIES; q++)
      rows[q] = a[0].f32 + static_cast<size_t>(a[2].i32[first + (q < height ? q : 0)]) * cols;
    for (size_t p = 0; p < panels * POINTS; p += SPAN) {
      products(rows, cols, panel + p / POINTS * POINTS * cols + p % POINTS, tile);
      const vf norm0 = load(a[6].f32 + p), norm1 = load(a[6].f32 + p + W);
      for (int q = 0; q < height; q++) {
        const size_t list = static_cast<size_t>(list_at[first + q]);
        const vf limit = splat(lists.worst(list));
        uint32_t hits = screen(tile + q * SPAN, norm0, norm1, limit, limit, scores);
        for (; hits != 0; hits &= hits - 1) {
          const int l = __builtin_ctz(hits);
          const int32_t id = points[p + l];
          if (id >= 0 && id != own[first + q] && scores[l] < lists.worst(list)) lists.insert(list, scores[l], id);
        }
      }
    }
  }
  return nullptr;
}

// rows f, cols n, query row n, query list n, query id n, queries n, panels f, norms f, point list n, point id n, points n,
// keep n, scores f*, ids i*, worst f*: every pair of a query and a point of higher id, for the lists of both.
const char* knn_tile_both(const Arg* a) {
  const size_t cols = whole(a[1]), count = whole(a[5]), point_count = whole(a[10]), keep = whole(a[11]);
  const size_t query_list = whole(a[3]), point_list = whole(a[8]);
  const size_t filled = (point_count + POINTS - 1) / POINTS * POINTS;
  if (a[1].number < 1) return "There is no column.";
  if (a[11].number < 1) return "No neighbour is asked for.";
  if ((a[2].number + a[5].number) * a[1].number > a[0].length) return "A query is not in the matrix.";
  if (static_cast<double>(filled) * a[1].number + SLACK > a[6].length) return "The panels are shorter than the points.";
  if (a[4].number + a[5].number > 2147483647.0 || a[9].number + a[10].number > 2147483647.0) return "An id is too large.";
  const double last_query = a[3].number + a[5].number, last_point = a[8].number + a[10].number;
  const double last = last_query > last_point ? last_query : last_point;
  if (last * a[11].number > a[12].length || last * a[11].number > a[13].length) return "A list is not among the lists.";
  const double padded = a[8].number + static_cast<double>(filled);
  if (last_query > a[7].length || last_query > a[14].length || padded > a[7].length || padded > a[14].length)
    return "The norms or limits are shorter than the lists.";
  const Lists<float> lists{a[12].f32, a[13].i32, keep};
  const float* norms = a[7].f32;
  float* worst = a[14].f32;
  const size_t query_id = whole(a[4]), point_id = whole(a[9]);
  const float* panel = aligned(a[6]);
  alignas(64) float tile[QUERIES * SPAN], scores[SPAN];
  for (size_t first = 0; first < count; first += QUERIES) {
    const int height = count - first < QUERIES ? static_cast<int>(count - first) : QUERIES;
    const float* rows[QUERIES];
    for (int q = 0; q < QUERIES; q++) rows[q] = a[0].f32 + (whole(a[2]) + first + (q < height ? q : 0)) * cols;
    for (size_t p = 0; p < filled; p += SPAN) {
      if (point_id + p + SPAN <= query_id + first) continue;
      products(rows, cols, panel + p / POINTS * POINTS * cols + p % POINTS, tile);
      // The points' side first: in every list ids then come in ascending order.
      for (int q = 0; q < height; q++) {
        const size_t id = query_id + first + q;
        const vf norm = splat(norms[query_list + first + q]);
        uint32_t hits = screen(tile + q * SPAN, norm, norm, load(worst + point_list + p), load(worst + point_list + p + W), scores);
        for (; hits != 0; hits &= hits - 1) {
          const int l = __builtin_ctz(hits);
          const size_t list = point_list + p + l;
          if (p + l >= point_count || point_id + p + l <= id) continue;
          lists.insert(list, scores[l], static_cast<int32_t>(id));
          worst[list] = lists.worst(list);
        }
      }
      const vf norm0 = load(norms + point_list + p), norm1 = load(norms + point_list + p + W);
      for (int q = 0; q < height; q++) {
        const size_t list = query_list + first + q;
        const vf limit = splat(worst[list]);
        uint32_t hits = screen(tile + q * SPAN, norm0, norm1, limit, limit, scores);
        for (; hits != 0; hits &= hits - 1) {
          const int l = __builtin_ctz(hits);
          if (p + l >= point_count || point_id + p + l <= query_id + first + q || !(scores[l] < worst[list])) continue;
          lists.insert(list, scores[l], static_cast<int32_t>(point_id + p + l));
          worst[list] = lists.worst(list);
        }
      }
    }
  }
  return nullptr;
}

inline vd widen(const float* p) {
#if defined(__AVX512F__)
  return _mm512_cvtps_pd(_mm256_loadu_ps(p));
#elif defined(__AVX2__)
  return _mm256_cvtps_pd(_mm_loadu_ps(p));
#else
  return vd{p[0], p[1]};
#endif
}

constexpr int EXACT_QUERIES = 4;

// Squared differences, or minus the products, of EXACT_QUERIES rows with 32 points, in float64 without fusing.
template <bool Differences>
inline void exact_tile(const float* const (&rows)[EXACT_QUERIES], size_t cols, const float* panel, double* out) {
  for (size_t p = 0; p < POINTS; p += 2 * WD) {
    vd sums[EXACT_QUERIES][2];
#pragma GCC unroll 4
    for (int q = 0; q < EXACT_QUERIES; q++) sums[q][0] = sums[q][1] = vd{};
    for (size_t j = 0; j < cols; j++) {
      const vd y0 = widen(panel + j * POINTS + p), y1 = widen(panel + j * POINTS + p + WD);
#pragma GCC unroll 4
      for (int q = 0; q < EXACT_QUERIES; q++) {
        const vd x = splat(static_cast<double>(rows[q][j]));
        if (Differences) {
          const vd d0 = x - y0, d1 = x - y1;
          sums[q][0] += d0 * d0;
          sums[q][1] += d1 * d1;
        } else {
          sums[q][0] -= x * y0;
          sums[q][1] -= x * y1;
        }
      }
    }
#pragma GCC unroll 4
    for (int q = 0; q < EXACT_QUERIES; q++) {
      store(out + q * POINTS + p, sums[q][0]);
      store(out + q * POINTS + p + WD, sums[q][1]);
    }
  }
}

// queries f, cols n, rows i, lists i, own i, panels f, scales F?, points i, keep n, scores F*, ids i*
const char* knn_tile_exact(const Arg* a) {
  const size_t cols = whole(a[1]), keep = whole(a[8]);
  const size_t count = static_cast<size_t>(a[2].length), panels = static_cast<size_t>(a[7].length) / POINTS;
  if (a[1].number < 1) return "There is no column.";
  if (a[8].number < 1) return "No neighbour is asked for.";
  if (a[3].length != a[2].length || a[4].length != a[2].length) return "Rows, lists and ids of the queries differ in number.";
  if (a[7].length != panels * POINTS) return "The ids of the points do not fill panels.";
  if (a[6].data != nullptr && a[6].length != a[7].length) return "The scales of the points do not fill panels.";
  if (a[5].length < a[7].length * a[1].number + SLACK) return "The panels are shorter than the points.";
  if (outside(a[2], __builtin_floor(a[0].length / a[1].number))) return "A query is not in the matrix.";
  const double most = a[9].length < a[10].length ? a[9].length : a[10].length;
  if (outside(a[3], __builtin_floor(most / a[8].number))) return "A list is not among the lists.";
  const Lists<double> lists{a[9].f64, a[10].i32, keep};
  const double* scales = a[6].f64;
  const int32_t *list_at = a[3].i32, *own = a[4].i32, *points = a[7].i32;
  const float* panel = aligned(a[5]);
  alignas(64) double tile[EXACT_QUERIES * POINTS];
  for (size_t first = 0; first < count; first += EXACT_QUERIES) {
    const size_t height = count - first < EXACT_QUERIES ? count - first : EXACT_QUERIES;
    const float* rows[EXACT_QUERIES];
    for (size_t q = 0; q < EXACT_QUERIES; q++)
      rows[q] = a[0].f32 + static_cast<size_t>(a[2].i32[first + (q < height ? q : 0)]) * cols;
    for (size_t p = 0; p < panels * POINTS; p += POINTS) {
      if (scales == nullptr) exact_tile<true>(rows, cols, panel + p * cols, tile);
      else exact_tile<false>(rows, cols, panel + p * cols, tile);
      for (size_t q = 0; q < height; q++) {
        const size_t list = static_cast<size_t>(list_at[first + q]);
        for (size_t l = 0; l < POINTS; l++) {
          const double score = scales == nullptr ? tile[q * POINTS + l] : tile[q * POINTS + l] * scales[p + l];
          if (score < lists.worst(list) && points[p + l] >= 0 && points[p + l] != own[first + q])
            lists.insert(list, score, points[p + l]);
        }
      }
    }
  }
  return nullptr;
}

// Sum of the products, or of the squared differences, of two rows: eight sums, joined in pairs; `next` is fetched meanwhile.
template <bool Products>
inline double pair_value(const float* x, const float* y, size_t cols, const float* next) {
  constexpr size_t parts = 8 / WD;
  vd sums[parts] = {};
  const auto add = [&sums](const float* left, const float* right) {
#pragma GCC unroll 4
    for (size_t v = 0; v < parts; v++) {
      const vd u = widen(left + v * WD), w = widen(right + v * WD);
      const vd difference = u - w;
      sums[v] += Products ? u * w : difference * difference;
    }
  };
  size_t j = 0;
  for (; j + 8 <= cols; j += 8) {
    __builtin_prefetch(next + j);
    add(x + j, y + j);
  }
  if (j < cols) {
    float left[8] = {}, right[8] = {};
    for (size_t l = 0; j + l < cols; l++) {
      left[l] = x[j + l];
      right[l] = y[j + l];
    }
    add(left, right);
  }
  double s[8];
#pragma GCC unroll 4
  for (size_t v = 0; v < parts; v++) store(s + v * WD, sums[v]);
  return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
}

// x f, cols n, rows i, candidates i, products n, out F>: for each row and each of its candidates the squared distance by
// differences, or the product, in float64. A candidate of -1 is infinitely far.
const char* candidate_values(const Arg* a) {
  if (a[1].number < 1) return "There is no column.";
  const size_t cols = whole(a[1]), count = static_cast<size_t>(a[2].length), total = static_cast<size_t>(a[3].length);
  if (count == 0 ? total != 0 : total % count != 0) return "The candidates are not as many for every row.";
  if (a[5].length < a[3].length) return "The output is shorter than the candidates.";
  const double held = __builtin_floor(a[0].length / a[1].number);
  if (outside(a[2], held)) return "A row is not in the matrix.";
  const int32_t* candidates = a[3].i32;
  for (size_t i = 0; i < total; i++)
    if (candidates[i] < -1 || candidates[i] >= held) return "A candidate is not in the matrix.";
  const auto row_of = [&](int32_t row) { return a[0].f32 + static_cast<size_t>(row) * cols; };
  const size_t each = count == 0 ? 0 : total / count;
  for (size_t r = 0, i = 0; r < count; r++) {
    const float* row = row_of(a[2].i32[r]);
    for (const size_t end = i + each; i < end; i++) {
      // Candidates lie all over the matrix: hence the fetching ahead.
      const float* next = i + 1 < total && candidates[i + 1] >= 0 ? row_of(candidates[i + 1]) : row;
      if (candidates[i] < 0) a[5].f64[i] = __builtin_inf();
      else if (a[4].number != 0) a[5].f64[i] = pair_value<true>(row, row_of(candidates[i]), cols, next);
      else a[5].f64[i] = pair_value<false>(row, row_of(candidates[i]), cols, next);
    }
  }
  return nullptr;
}

}  // namespace neighbours
}  // namespace
