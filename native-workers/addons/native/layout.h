// One epoch of a map's layout. Every engine must give the same bytes: sixteen sums whatever the width of a vector, and no
// fused rounding.
#pragma once
#include "arguments.h"
#include "vector.h"

namespace {

constexpr int LANES = 16;
constexpr int GROUP = LANES / W;
constexpr size_t TABLE_ENTRIES = 37 * 64;
constexpr uint32_t NEGATIVE_SAMPLES = 5;

typedef int32_t vi __attribute__((vector_size(W * 4)));
typedef uint32_t vu __attribute__((vector_size(W * 4)));
typedef uint32_t vu_unaligned __attribute__((vector_size(W * 4), aligned(4), may_alias));
typedef int32_t vi_unaligned __attribute__((vector_size(W * 4), aligned(4), may_alias));
typedef double pair_unaligned __attribute__((aligned(4), may_alias));

inline vi load(const int32_t* p) { return *reinterpret_cast<const vi_unaligned*>(p); }
inline void store(int32_t* p, vi v) { *reinterpret_cast<vi_unaligned*>(p) = v; }

struct Pairs {
  vf first, second;
};

#if !defined(__AVX512F__)
inline vd doubles_at(const pair_unaligned* p, const int32_t* place) {
#if defined(__AVX2__)
  return (vd){p[place[0]], p[place[1]], p[place[2]], p[place[3]]};
#else
  return (vd){p[place[0]], p[place[1]]};
#endif
}
#endif

// Pairs of floats from W places: with AVX-512 by the gather instruction, else by loads of eight bytes, which beat it there.
inline Pairs pairs_at(const float* base, vi places) {
#if defined(__AVX512F__)
  typedef int32_t half __attribute__((vector_size(32)));
  const half first = __builtin_shufflevector(places, places, 0, 1, 2, 3, 4, 5, 6, 7);
  const half last = __builtin_shufflevector(places, places, 8, 9, 10, 11, 12, 13, 14, 15);
  const vf low = (vf)_mm512_mask_i32gather_pd(__m512d{}, 0xff, (__m256i)first, base, 8);
  const vf high = (vf)_mm512_mask_i32gather_pd(__m512d{}, 0xff, (__m256i)last, base, 8);
#else
  alignas(64) int32_t place[W];
  store(place, places);
  // Without this the compiler takes the places out of the register one by one, which is slower.
  asm("" : "+m"(place));
  const pair_unaligned* p = reinterpret_cast<const pair_unaligned*>(base);
  const vf low = (vf)doubles_at(p, place), high = (vf)doubles_at(p, place + WD);
#endif
#if defined(__AVX512F__)
  return {__builtin_shufflevector(low, high, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30),
          __builtin_shufflevector(low, high, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31)};
#elif defined(__AVX2__)
  return {__builtin_shufflevector(low, high, 0, 2, 4, 6, 8, 10, 12, 14), __builtin_shufflevector(low, high, 1, 3, 5, 7, 9, 11, 13, 15)};
#else
  return {__builtin_shufflevector(low, high, 0, 2, 4, 6), __builtin_shufflevector(low, high, 1, 3, 5, 7)};
#endif
}

inline vi lane_numbers() {
  vi lanes;
  for (int l = 0; l < W; l++) lanes[l] = l;
  return lanes;
}

inline vf select(vi condition, vf yes, vf no) { return (vf)((condition & (vi)yes) | (~condition & (vi)no)); }

struct Force {
  vf dx, dy, factor;
};

// The difference to W points and the force's factor from the table.
inline Force force_of(vf x, vf y, const float* tails, vi others, const float* table) {
  const vf lowest = splat(9.5367431640625e-7f), highest = splat(131071.9921875f);
  const Pairs point = pairs_at(tails, others);
  const vf dx = x - point.first, dy = y - point.second;
  vf square = dx * dx + dy * dy;
  square = select(square > lowest, square, lowest);
  square = select(square < highest, square, highest);
  const vi bits = (vi)square;
  const Pairs line = pairs_at(table, (bits >> 17) - ((127 - 20) << 6));
  return {dx, dy, line.first + line.second * __builtin_convertvector(bits & 0x1ffff, vf)};
}

struct Lanes {
  vf part[GROUP];
};

// Halves are added until one sum is left.
inline float joined(Lanes lanes) {
  for (int half = GROUP / 2; half > 0; half /= 2)
    for (int g = 0; g < half; g++) lanes.part[g] += lanes.part[g + half];
  vf sum = lanes.part[0];
#if defined(__AVX512F__)
  sum += __builtin_shufflevector(sum, sum, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7);
  sum += __builtin_shufflevector(sum, sum, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11);
#elif defined(__AVX2__)
  sum += __builtin_shufflevector(sum, sum, 4, 5, 6, 7, 0, 1, 2, 3);
#endif
  return (sum[0] + sum[2]) + (sum[1] + sum[3]);
}

inline uint32_t vertex_key(uint32_t key, uint32_t vertex) {
  uint32_t h = key + vertex * 0x9e3779b1u;
  h = (h ^ (h >> 16)) * 0x85ebca6bu;
  h = (h ^ (h >> 13)) * 0xc2b2ae35u;
  return h ^ (h >> 16);
}

// The ends of the edges due in this epoch, written to `due`; returns how many. Up to W elements behind them are overwritten.
inline uint32_t edges_due(const int32_t* ends, const uint32_t* schedule, size_t count, uint32_t epoch, int32_t* due) {
  uint32_t found = 0;
  size_t e = 0;
#if defined(__AVX512F__)
  for (; e < count; e += W) {
    const __mmask16 inside = static_cast<__mmask16>(count - e < W ? (1u << (count - e)) - 1 : 0xffffu);
    const __m512i entry = _mm512_maskz_loadu_epi32(inside, schedule + e);
    const vu share = ((vu)entry >> 16) + 1;
    const vu at = (share * epoch + (vu)entry) & 0xffff;
    const __mmask16 is_due = _mm512_mask_cmpge_epu32_mask(inside, (__m512i)(at + share), _mm512_set1_epi32(0x10000));
    _mm512_storeu_si512(due + found, _mm512_maskz_compress_epi32(is_due, _mm512_maskz_loadu_epi32(inside, ends + e)));
    found += static_cast<uint32_t>(__builtin_popcount(is_due));
  }
#else
  for (; e + W <= count; e += W) {
    const vu entry = *reinterpret_cast<const vu_unaligned*>(schedule + e);
    const vu share = (entry >> 16) + 1;
    const vi is_due = ((share * epoch + entry) & 0xffff) + share >= 0x10000;
    alignas(64) int32_t step[W];
    store(step, is_due);
    for (int l = 0; l < W; l++) {
      due[found] = ends[e + static_cast<size_t>(l)];
      found -= static_cast<uint32_t>(step[l]);
    }
  }
#endif
  for (; e < count; e++) {
    const uint32_t share = (schedule[e] >> 16) + 1;
    due[found] = ends[e];
    found += ((share * epoch + schedule[e]) & 0xffff) + share >= 0x10000;
  }
  return found;
}

// Moves one vertex; `due` has room for LANES elements more than its `active` ends.
inline void move_vertex(const int32_t* due, uint32_t active, const float* table, float x, float y, const float* tails, size_t points,
                        float rate, uint32_t key, float* next) {
  const vf xs = splat(x), ys = splat(y);
  const vi lanes = lane_numbers();
  Lanes force_x = {}, force_y = {}, stiffness = {};
  for (uint32_t first = 0; first < active; first += LANES) {
    for (int g = 0; g < GROUP; g++) {
      const int32_t left = static_cast<int32_t>(active - first) - g * W;
      if (left <= 0) break;
      const vi inside = lanes < left;
      const Force force = force_of(xs, ys, tails, load(due + first + g * W) & inside, table);
      const vf factor = (vf)((vi)force.factor & inside);
      force_x.part[g] -= factor * force.dx;
      force_y.part[g] -= factor * force.dy;
      stiffness.part[g] += factor;
    }
  }
  const uint32_t draws = NEGATIVE_SAMPLES * active;
  const vf scale = splat(static_cast<float>(static_cast<double>(points) / 16777216.0));
  const vi last = vi{} + static_cast<int32_t>(points - 1);
  for (uint32_t first = 0; first < draws; first += LANES) {
    for (int g = 0; g < GROUP; g++) {
      const int32_t left = static_cast<int32_t>(draws - first) - g * W;
      if (left <= 0) break;
      vu h = ((vu)lanes + (first + static_cast<uint32_t>(g * W))) * 0x9e3779b9u + key;
      h = (h ^ (h >> 16)) * 0x85ebca6bu;
      h = (h ^ (h >> 13)) * 0xc2b2ae35u;
      vi place = __builtin_convertvector(__builtin_convertvector((vi)(h >> 8), vf) * scale, vi);
      const vi within = place < last;
      place = (within & place) | (~within & last);
      const Force force = force_of(xs, ys, tails, place, table + 2 * TABLE_ENTRIES);
      const vf factor = (vf)((vi)force.factor & (lanes < left));
      force_x.part[g] += factor * force.dx;
      force_y.part[g] += factor * force.dy;
    }
  }
  const float step = rate / (1.0f + rate * joined(stiffness));
  next[0] = x + step * joined(force_x);
  next[1] = y + step * joined(force_y);
}

// starts i, ends i, schedule u, table f, heads f, tails f, next f>, first n, epoch n, rate r, key n, scratch i~
const char* layout_epoch(const Arg* a) {
  const Arg &starts = a[0], &ends = a[1], &schedule = a[2], &table = a[3], &heads = a[4], &tails = a[5], &next = a[6], &scratch = a[11];
  if (starts.length < 1) return "The edges of the block have no bounds.";
  const size_t count = static_cast<size_t>(starts.length) - 1;
  const size_t points = static_cast<size_t>(tails.length) / 2;
  if (heads.length < 2.0 * count || next.length < 2.0 * count) return "There are fewer coordinates than vertices.";
  if (table.length < 4 * TABLE_ENTRIES) return "The table of forces is too short.";
  if (points < 1 || points > 0x7fffffff) return "There are no points, or too many.";
  if (!(a[9].number > 0)) return "The length of a step is not above 0.";
  const int32_t* bounds = starts.i32;
  for (size_t v = 0; v < count; v++)
    if (bounds[v + 1] < bounds[v]) return "The edges of a vertex end before they begin.";
  const size_t edges = static_cast<size_t>(static_cast<int64_t>(bounds[count]) - bounds[0]);
  if (ends.length < edges || schedule.length < edges) return "There are fewer edges than their bounds say.";
  if (scratch.length < static_cast<double>(edges + count + LANES)) return "The scratch memory is smaller than edges, vertices and 16.";
  uint32_t largest = 0;
  for (size_t e = 0; e < edges; e++) {
    const uint32_t end = static_cast<uint32_t>(ends.i32[e]);
    largest = end > largest ? end : largest;
  }
  if (edges > 0 && largest >= points) return "An edge ends at no point.";
  const uint32_t epoch = static_cast<uint32_t>(static_cast<uint64_t>(a[8].number));
  const uint32_t key = static_cast<uint32_t>(static_cast<uint64_t>(a[10].number));
  const uint32_t first = static_cast<uint32_t>(static_cast<uint64_t>(a[7].number));
  const float rate = static_cast<float>(a[9].number);
  // First what is due, then the forces: what was just written in small pieces is slow to read in large ones.
  int32_t* active = scratch.i32;
  int32_t* due = scratch.i32 + count;
  for (size_t v = 0; v < count; v++) {
    const size_t from = static_cast<size_t>(static_cast<int64_t>(bounds[v]) - bounds[0]);
    const size_t degree = static_cast<size_t>(static_cast<int64_t>(bounds[v + 1]) - bounds[v]);
    const uint32_t found = edges_due(ends.i32 + from, schedule.u32 + from, degree, epoch, due);
    active[v] = static_cast<int32_t>(found);
    due += found;
  }
  due = scratch.i32 + count;
  for (size_t v = 0; v < count; v++) {
    move_vertex(due, static_cast<uint32_t>(active[v]), table.f32, heads.f32[2 * v], heads.f32[2 * v + 1], tails.f32, points, rate,
                vertex_key(key, first + static_cast<uint32_t>(v)), next.f32 + 2 * v);
    due += active[v];
  }
  return nullptr;
}

}  // namespace
