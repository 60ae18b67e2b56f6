// Core and border points of DBSCAN on a grid: every distance in float64 without fused products, so that all engines count alike.
#pragma once
#include "arguments.h"
#include "vector.h"

namespace {
namespace cells {

typedef double eight __attribute__((vector_size(64)));
typedef long long eight_masks __attribute__((vector_size(64)));
typedef double eight_unaligned __attribute__((vector_size(64), aligned(8), may_alias));

inline eight load_eight(const double* p) { return *reinterpret_cast<const eight_unaligned*>(p); }

typedef uint8_t eight_bytes_unaligned __attribute__((vector_size(8), aligned(1), may_alias));
typedef int32_t eight_integers_unaligned __attribute__((vector_size(32), aligned(4), may_alias));

struct Points {
  const double *x, *y, *z;
  size_t count;
};

struct Place {
  double x, y, z;
};

template <bool DEEP>
inline Place place_of(const Points& p, size_t i) {
  return {p.x[i], p.y[i], DEEP ? p.z[i] : 0};
}

template <bool DEEP>
inline bool within(const Points& p, size_t j, const Place& at, double limit) {
  const double dx = p.x[j] - at.x, dy = p.y[j] - at.y;
  double square = dx * dx + dy * dy;
  if (DEEP) {
    const double dz = p.z[j] - at.z;
    square += dz * dz;
  }
  return square <= limit;
}

// All ones for each of the points j..j+7 within the limit; those from `to` on are left out. There are eight points from j.
template <bool DEEP>
inline eight_masks within_eight(const Points& p, size_t j, size_t to, const Place& at, double limit) {
  const eight dx = load_eight(p.x + j) - at.x, dy = load_eight(p.y + j) - at.y;
  eight square = dx * dx + dy * dy;
  if (DEEP) {
    const eight dz = load_eight(p.z + j) - at.z;
    square += dz * dz;
  }
  const eight_masks lanes = {0, 1, 2, 3, 4, 5, 6, 7};
  return (square <= eight{} + limit) & (lanes < static_cast<long long>(to - j));
}

// Points from..to within the limit; may stop once `wanted` are found.
template <bool DEEP>
inline size_t count_within(const Points& p, size_t from, size_t to, const Place& at, double limit, size_t wanted) {
  size_t found = 0, j = from;
  while (j < to && j + 8 <= p.count && found < wanted) {
    // 64 points between two looks at what was found.
    const size_t stop = to - j > 64 ? j + 64 : to;
    eight_masks counts = {};
    for (; j < stop && j + 8 <= p.count; j += 8) counts -= within_eight<DEEP>(p, j, to, at, limit);
    for (int l = 0; l < 8; l++) found += static_cast<size_t>(counts[l]);
  }
  for (; j < to && found < wanted; j++) found += within<DEEP>(p, j, at, limit);
  return found;
}

// Least entry of the points from..to within the limit, or what is given where that is less.
template <bool DEEP>
inline int32_t least_within(const Points& p, size_t from, size_t to, const Place& at, double limit, const int32_t* held, int32_t least) {
  eight_masks leasts = eight_masks{} + least;
  size_t j = from;
  for (; j < to && j + 8 <= p.count; j += 8) {
    const eight_masks entries =
        __builtin_convertvector(*reinterpret_cast<const eight_integers_unaligned*>(held + j), eight_masks);
    const eight_masks better = within_eight<DEEP>(p, j, to, at, limit) & (entries < leasts);
    leasts = (better & entries) | (~better & leasts);
  }
  for (int l = 0; l < 8; l++) least = leasts[l] < least ? static_cast<int32_t>(leasts[l]) : least;
  for (; j < to; j++)
    if (held[j] < least && within<DEEP>(p, j, at, limit)) least = held[j];
  return least;
}

// Whether one of the core points from..to lies within the limit.
template <bool DEEP>
inline bool any_within(const Points& p, size_t from, size_t to, const Place& at, double limit, const uint8_t* core) {
  size_t j = from;
  for (; j < to && j + 8 <= p.count; j += 8) {
    const eight_masks marks = __builtin_convertvector(*reinterpret_cast<const eight_bytes_unaligned*>(core + j), eight_masks);
    const eight_masks hits = within_eight<DEEP>(p, j, to, at, limit) & (marks != 0);
    long long any = 0;
    for (int l = 0; l < 8; l++) any |= hits[l];
    if (any) return true;
  }
  for (; j < to; j++)
    if (core[j] && within<DEEP>(p, j, at, limit)) return true;
  return false;
}

struct Grid {
  const int32_t *starts, *first, *line_starts, *around;
  size_t lines, reach, from, to;
  int32_t cells;
  double points;
};

// The points of the cells around one, line by line: at most two places away along each axis.
struct Window {
  size_t firsts[25], lasts[25];  // cells
  size_t begins[25], ends[25], total;  // points
};

// Calls `visit(cell, window)` for each cell that `wanted(first point, end)` asks for, until it returns a fault. What is read of the
// cells is checked where it is read: a call costs nothing for cells that it does not look at.
template <typename Wanted, typename Visit>
inline const char* walk(const Grid& g, Wanted wanted, Visit visit) {
  const int32_t* starts = g.starts;
  int32_t nexts[25], lasts[25], ends[25];
  size_t line = 0;
  for (size_t low = 0, high = g.lines; low < high;) {
    const size_t middle = (low + high) / 2;
    if (g.line_starts[middle + 1] <= static_cast<int64_t>(g.from)) low = middle + 1;
    else high = middle;
    line = low;
  }
  bool entered = false;
  Window window;
  for (size_t cell = g.from; cell < g.to; cell++) {
    while (line < g.lines && static_cast<int64_t>(cell) >= g.line_starts[line + 1]) {
      line++;
      entered = false;
    }
    if (line == g.lines) return "The lines do not hold all cells.";
    if (starts[cell] < 0 || starts[cell] > starts[cell + 1] || starts[cell + 1] > g.points) return "A cell's points do not exist.";
    const size_t begin = static_cast<size_t>(starts[cell]), end = static_cast<size_t>(starts[cell + 1]);
    if (!wanted(begin, end)) continue;
    if (!entered) {
      entered = true;
      for (size_t o = 0; o < g.reach; o++) {
        const int32_t other = g.around[line * g.reach + o];
        if (other >= static_cast<int64_t>(g.lines)) return "A line around does not exist.";
        nexts[o] = lasts[o] = other < 0 ? 0 : g.line_starts[other];
        ends[o] = other < 0 ? 0 : g.line_starts[other + 1];
        if (nexts[o] < 0 || nexts[o] > ends[o] || ends[o] > g.cells) return "A line's cells do not exist.";
      }
    }
    const int64_t place = g.first[cell];
    window.total = 0;
    for (size_t o = 0; o < g.reach; o++) {
      while (nexts[o] < ends[o] && g.first[nexts[o]] < place - 2) nexts[o]++;
      if (lasts[o] < nexts[o]) lasts[o] = nexts[o];
      while (lasts[o] < ends[o] && g.first[lasts[o]] <= place + 2) lasts[o]++;
      const int32_t low = starts[nexts[o]], high = starts[lasts[o]];
      if (low < 0 || low > high || high > g.points) return "A cell's points do not exist.";
      window.firsts[o] = static_cast<size_t>(nexts[o]);
      window.lasts[o] = static_cast<size_t>(lasts[o]);
      window.begins[o] = static_cast<size_t>(low);
      window.ends[o] = static_cast<size_t>(high);
      window.total += window.ends[o] - window.begins[o];
    }
    if (const char* fault = visit(cell, window)) return fault;
  }
  return nullptr;
}

// points xs, ys and zs; grid starts, first, lineStarts, around, reach, from, to.
inline const char* check_grid(const Arg* points, const Arg* grid, Grid& g) {
  const double count = grid[1].length;
  if (points[1].length < points[0].length || points[2].length < points[0].length) return "An axis is shorter than the first.";
  if (count > 2147483646.0) return "There are too many cells.";
  if (grid[0].length != count + 1 || grid[2].length < 1) return "The cells' starts do not fit the cells.";
  if (grid[4].number != 1 && grid[4].number != 5 && grid[4].number != 25) return "A line of cells reaches 1, 5 or 25 others.";
  if (grid[3].length < (grid[2].length - 1) * grid[4].number) return "There are fewer lines around than lines.";
  if (grid[5].number > grid[6].number || grid[6].number > count) return "The cells named do not exist.";
  g = {grid[0].i32,
       grid[1].i32,
       grid[2].i32,
       grid[3].i32,
       static_cast<size_t>(grid[2].length) - 1,
       static_cast<size_t>(grid[4].number),
       static_cast<size_t>(grid[5].number),
       static_cast<size_t>(grid[6].number),
       static_cast<int32_t>(count),
       points[0].length};
  return nullptr;
}

template <bool DEEP>
const char* mark_of(const Points& p, const Grid& g, double limit, size_t wanted, uint8_t* core) {
  const auto sparse = [=](size_t begin, size_t end) {
    if (end - begin < wanted) return true;
    for (size_t i = begin; i < end; i++) core[i] = 1;
    return false;
  };
  return walk(g, sparse, [=](size_t cell, const Window& window) -> const char* {
    if (window.total < wanted) return nullptr;
    for (int32_t i = g.starts[cell]; i < g.starts[cell + 1]; i++) {
      const Place at = place_of<DEEP>(p, static_cast<size_t>(i));
      size_t found = 0;
      for (size_t o = 0; o < g.reach && found < wanted; o++)
        found += count_within<DEEP>(p, window.begins[o], window.ends[o], at, limit, wanted - found);
      if (found >= wanted) core[i] = 1;
    }
    return nullptr;
  });
}

// xs F, ys F, zs F, limit r, wanted n, starts i, first i, lineStarts i, around i, reach n, from n, to n, core b*
const char* mark_cores(const Arg* a) {
  Grid g;
  if (const char* fault = check_grid(a, a + 5, g)) return fault;
  if (a[12].length < a[0].length) return "The marks are fewer than the points.";
  const Points p = {a[0].f64, a[1].f64, a[2].f64, static_cast<size_t>(a[0].length)};
  const size_t wanted = static_cast<size_t>(a[4].number);
  return g.reach == 25 ? mark_of<true>(p, g, a[3].number, wanted, a[12].u8) : mark_of<false>(p, g, a[3].number, wanted, a[12].u8);
}

inline double gap(double low, double high, double value) { return value < low ? low - value : value > high ? value - high : 0; }

// Whether core points of the cells at a and at b lie within the limit of one another.
template <bool DEEP>
inline bool touch(const Points& p, size_t a, size_t a_end, size_t b, size_t b_end, double limit, const uint8_t* core) {
  while (a < a_end && !core[a]) a++;
  if (a == a_end) return false;
  // Most neighbours touch: the first point often says so already.
  if (any_within<DEEP>(p, b, b_end, place_of<DEEP>(p, a), limit, core)) return true;
  const double* axes[3] = {p.x, p.y, p.z};
  double low[3] = {}, high[3] = {};
  for (int axis = 0; axis < (DEEP ? 3 : 2); axis++) {
    low[axis] = high[axis] = axes[axis][b];
    for (size_t j = b + 1; j < b_end; j++) {
      const double value = axes[axis][j];
      low[axis] = value < low[axis] ? value : low[axis];
      high[axis] = value > high[axis] ? value : high[axis];
    }
  }
  for (a++; a < a_end; a++) {
    if (!core[a]) continue;
    const Place at = place_of<DEEP>(p, a);
    const double dx = gap(low[0], high[0], at.x), dy = gap(low[1], high[1], at.y), dz = gap(low[2], high[2], at.z);
    // The same sum as a distance's, of smaller differences: rounding can't put a point within reach out of the box's.
    if (dx * dx + dy * dy + dz * dz <= limit && any_within<DEEP>(p, b, b_end, at, limit, core)) return true;
  }
  return false;
}

// The root of a cell's set, -1 where the forest is not one; the path to it is halved on the way.
inline int32_t root_of(int32_t* parents, int32_t cells, int32_t at) {
  for (int32_t step = 0; step <= cells; step++) {
    const int32_t parent = parents[at];
    if (parent < 0 || parent > at) return -1;
    if (parent == at) return at;
    if (parents[parent] < 0 || parents[parent] > parent) return -1;
    at = parents[at] = parents[parent];
  }
  return -1;
}

template <bool DEEP>
const char* join_cells_of(const Points& p, const Grid& g, double limit, const uint8_t* core, int32_t* parents) {
  const auto has_core = [=](size_t begin, size_t end) {
    for (size_t i = begin; i < end; i++)
      if (core[i]) return true;
    return false;
  };
  return walk(g, has_core, [=](size_t cell, const Window& window) -> const char* {
    const size_t begin = static_cast<size_t>(g.starts[cell]), end = static_cast<size_t>(g.starts[cell + 1]);
    int32_t own = root_of(parents, g.cells, static_cast<int32_t>(cell));
    for (size_t o = 0; o < g.reach; o++) {
      size_t other = window.firsts[o] > cell ? window.firsts[o] : cell + 1;
      for (; other < window.lasts[o]; other++) {
        if (parents[other] == own) continue;
        const int32_t root = root_of(parents, g.cells, static_cast<int32_t>(other));
        if (own < 0 || root < 0) return "The sets of cells are not a forest.";
        const size_t first = static_cast<size_t>(g.starts[other]), last = static_cast<size_t>(g.starts[other + 1]);
        if (first > last || last > window.ends[o]) return "A cell's points do not exist.";
        if (own == root || !touch<DEEP>(p, begin, end, first, last, limit, core)) continue;
        if (own < root) parents[root] = own;
        else own = parents[own] = root;
      }
    }
    return nullptr;
  });
}

// xs F, ys F, zs F, limit r, starts i, first i, lineStarts i, around i, reach n, from n, to n, core b, parents i*
const char* join_cells(const Arg* a) {
  Grid g;
  if (const char* fault = check_grid(a, a + 4, g)) return fault;
  if (a[11].length < a[0].length) return "The marks are fewer than the points.";
  if (a[12].length < a[5].length) return "The sets are fewer than the cells.";
  const Points p = {a[0].f64, a[1].f64, a[2].f64, static_cast<size_t>(a[0].length)};
  return g.reach == 25 ? join_cells_of<true>(p, g, a[3].number, a[11].u8, a[12].i32)
                       : join_cells_of<false>(p, g, a[3].number, a[11].u8, a[12].i32);
}

constexpr int32_t NO_CLUSTER = 0x7fffffff;

template <bool DEEP>
const char* join_of(const Points& p, const Grid& g, double limit, const int32_t* held, int32_t* joined) {
  const auto open = [=](size_t begin, size_t end) {
    for (size_t i = begin; i < end; i++)
      if (held[i] == NO_CLUSTER) return true;
    return false;
  };
  return walk(g, open, [=](size_t cell, const Window& window) -> const char* {
    for (int32_t i = g.starts[cell]; i < g.starts[cell + 1]; i++) {
      if (held[i] != NO_CLUSTER) continue;
      const Place at = place_of<DEEP>(p, static_cast<size_t>(i));
      int32_t least = NO_CLUSTER;
      for (size_t o = 0; o < g.reach; o++) least = least_within<DEEP>(p, window.begins[o], window.ends[o], at, limit, held, least);
      joined[i] = least;
    }
    return nullptr;
  });
}

// xs F, ys F, zs F, limit r, starts i, first i, lineStarts i, around i, reach n, from n, to n, held i, joined i*
const char* join_borders(const Arg* a) {
  Grid g;
  if (const char* fault = check_grid(a, a + 4, g)) return fault;
  if (a[11].length < a[0].length || a[12].length < a[0].length) return "The clusters are fewer than the points.";
  const Points p = {a[0].f64, a[1].f64, a[2].f64, static_cast<size_t>(a[0].length)};
  return g.reach == 25 ? join_of<true>(p, g, a[3].number, a[11].i32, a[12].i32)
                       : join_of<false>(p, g, a[3].number, a[11].i32, a[12].i32);
}

}  // namespace cells
}  // namespace
