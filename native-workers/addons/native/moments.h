// Means, Gram matrices and projections. A block is 64 rows: float32 sums are added to float64 after each, because on
// activations with many equal entries rounding is biased and grows with the number of rows.
#pragma once
#include "arguments.h"
#include "vector.h"

namespace {

constexpr size_t BLOCK_ROWS = 64;
// Floats of a cache line, and how many rows ahead of the work memory is asked for.
constexpr size_t LINE = 16;
constexpr size_t AHEAD = 8;

template <typename T>
struct VectorOf;
template <>
struct VectorOf<float> {
  using Type = vf;
  static constexpr int lanes = W;
  static constexpr size_t panel = 32;
  static constexpr size_t group = 256;
};
template <>
struct VectorOf<double> {
  using Type = vd;
  static constexpr int lanes = WD;
  static constexpr size_t panel = 16;
  static constexpr size_t group = 128;
};

inline size_t panels_of(size_t cols, size_t panel) { return (cols + panel - 1) / panel; }

inline const char* check_rows(const Arg& x, const Arg& rows, const Arg& from, const Arg& to, const Arg& cols) {
  if (cols.number < 1) return "There is no column.";
  if (from.number > to.number) return "The first row lies behind the last.";
  if (rows.data == nullptr) return to.number * cols.number > x.length ? "The matrix holds fewer rows." : nullptr;
  if (to.number > rows.length) return "Fewer rows are named.";
  const double most = __builtin_floor(x.length / cols.number);
  for (size_t r = static_cast<size_t>(from.number); r < static_cast<size_t>(to.number); r++)
    if (rows.i32[r] < 0 || rows.i32[r] >= most) return "A named row is not in the matrix.";
  return nullptr;
}

inline const float* row_at(const Arg& x, const Arg& rows, size_t r, size_t cols) {
  return x.f32 + (rows.data == nullptr ? r : static_cast<size_t>(rows.i32[r])) * cols;
}

// Named rows lie anywhere: the processor does not foresee where the next ones are, and waits for memory unless it is told.
inline void fetch_rows(const Arg& x, const Arg& rows, size_t from, size_t to, size_t cols) {
  if (rows.data == nullptr) return;
  for (size_t r = from; r < to; r++) {
    const float* row = row_at(x, rows, r, cols);
    for (size_t j = 0; j < cols; j += LINE) __builtin_prefetch(row + j);
  }
}

// Rows added one after the other, four of them while a column's sum is in a register.
inline void add_rows(const Arg& x, const Arg& rows, size_t r, size_t to, size_t cols, double* sums) {
  for (; r + 4 <= to; r += 4) {
    fetch_rows(x, rows, r + AHEAD < to ? r + AHEAD : to, r + AHEAD + 4 < to ? r + AHEAD + 4 : to, cols);
    const float *r0 = row_at(x, rows, r, cols), *r1 = row_at(x, rows, r + 1, cols);
    const float *r2 = row_at(x, rows, r + 2, cols), *r3 = row_at(x, rows, r + 3, cols);
    for (size_t j = 0; j < cols; j++) sums[j] = (((sums[j] + r0[j]) + r1[j]) + r2[j]) + r3[j];
  }
  for (; r < to; r++) {
    const float* row = row_at(x, rows, r, cols);
    for (size_t j = 0; j < cols; j++) sums[j] += row[j];
  }
}

// x f, rows i?, from n, to n, cols n, sums F*
const char* add_sums(const Arg* a) {
  if (const char* fault = check_rows(a[0], a[1], a[2], a[3], a[4])) return fault;
  if (a[5].length < a[4].number) return "The sums are shorter than a row.";
  const size_t from = static_cast<size_t>(a[2].number), to = static_cast<size_t>(a[3].number);
  add_rows(a[0], a[1], from, to, static_cast<size_t>(a[4].number), a[5].f64);
  return nullptr;
}

// x f, rows i?, from n, to n, cols n, centre F, squares F>: squared distance from the centre in eight sums, joined in pairs.
const char* squared_distances(const Arg* a) {
  if (const char* fault = check_rows(a[0], a[1], a[2], a[3], a[4])) return fault;
  if (a[5].length < a[4].number) return "The centre is shorter than a row.";
  if (a[6].length < a[3].number - a[2].number) return "The output is shorter than the rows.";
  const size_t cols = static_cast<size_t>(a[4].number);
  const size_t from = static_cast<size_t>(a[2].number), to = static_cast<size_t>(a[3].number);
  const double* centre = a[5].f64;
  for (size_t r = from; r < to; r++) {
    const float* row = row_at(a[0], a[1], r, cols);
    double sums[8] = {};
    size_t j = 0;
    for (; j + 8 <= cols; j += 8) {
      for (size_t l = 0; l < 8; l++) {
        const double value = row[j + l] - centre[j + l];
        sums[l] += value * value;
      }
    }
    for (size_t l = 0; j + l < cols; l++) {
      const double value = row[j + l] - centre[j + l];
      sums[l] += value * value;
    }
    a[6].f64[r - from] = ((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7]));
  }
  return nullptr;
}

// Products of M left values with N vectors of right ones, summed over `depth` steps.
// Left value i of step r stands at left[r * step + i * apart].
template <int M, int N, typename T>
inline void product_tile(const T* left, size_t step, size_t apart, const T* right, size_t depth, T* out) {
  using V = typename VectorOf<T>::Type;
  constexpr int lanes = VectorOf<T>::lanes;
  constexpr size_t panel = VectorOf<T>::panel;
  V sums[M][N];
  for (int i = 0; i < M; i++)
    for (int v = 0; v < N; v++) sums[i][v] = V{};
  for (size_t r = 0; r < depth; r++) {
    V y[N];
    for (int v = 0; v < N; v++) y[v] = load(right + r * panel + v * lanes);
    for (int i = 0; i < M; i++) {
      const V x = splat(left[r * step + i * apart]);
      for (int v = 0; v < N; v++) sums[i][v] = fmadd(x, y[v], sums[i][v]);
    }
  }
  for (int i = 0; i < M; i++)
    for (int v = 0; v < N; v++) store(out + i * panel + v * lanes, sums[i][v]);
}

// `count` left values times the columns of one panel of right ones from `start` on, 0 or the half, in register tiles of N
// vectors; out is (left value, right value in panel).
template <int N, typename T>
inline void columns_product(const T* left, size_t step, size_t apart, size_t count, const T* right, size_t start, size_t depth, T* out) {
  constexpr size_t panel = VectorOf<T>::panel;
  constexpr size_t width = N * VectorOf<T>::lanes;
  size_t i = 0;
  for (; i + TILE_ROWS <= count; i += TILE_ROWS)
    for (size_t j = start; j < panel; j += width)
      product_tile<TILE_ROWS, N>(left + i * apart, step, apart, right + j, depth, out + i * panel + j);
  for (; i + 2 <= count; i += 2)
    for (size_t j = start; j < panel; j += width) product_tile<2, N>(left + i * apart, step, apart, right + j, depth, out + i * panel + j);
  for (; i < count; i++)
    for (size_t j = start; j < panel; j += width) product_tile<1, N>(left + i * apart, step, apart, right + j, depth, out + i * panel + j);
}

template <typename T>
inline void panel_product(const T* left, size_t step, size_t apart, size_t count, const T* right, size_t depth, T* out) {
  columns_product<TILE_VECTORS>(left, step, apart, count, right, 0, depth, out);
}

// The same where left and right are one panel: of the lower half of the tile, the columns before the middle are not wanted.
template <typename T>
inline void diagonal_product(const T* panel_values, size_t step, size_t count, size_t depth, T* out) {
  constexpr size_t panel = VectorOf<T>::panel, half = panel / 2;
  constexpr int vectors = half / VectorOf<T>::lanes < TILE_VECTORS ? half / VectorOf<T>::lanes : TILE_VECTORS;
  const size_t upper = count < half ? count : half;
  panel_product(panel_values, step, 1, upper, panel_values, depth, out);
  if (count > half) columns_product<vectors>(panel_values + half, step, 1, count - half, panel_values, half, depth, out + half * panel);
}

// Rows from..from+height of a group, centred, in panels of columns: panel p holds (row, column in panel); empty columns are 0.
template <typename T>
inline void pack_group(const Arg& x, const Arg& rows, size_t from, size_t height, size_t cols, const T* centre, T* packed) {
  constexpr size_t panel = VectorOf<T>::panel, group = VectorOf<T>::group;
  for (size_t r = 0; r < height; r++) {
    if (r + AHEAD < height) fetch_rows(x, rows, from + r + AHEAD, from + r + AHEAD + 1, cols);
    const float* row = row_at(x, rows, from + r, cols);
    for (size_t first = 0, at = r * panel; first < cols; first += panel, at += group * panel) {
      const size_t width = cols - first < panel ? cols - first : panel;
      for (size_t j = 0; j < width; j++) packed[at + j] = static_cast<T>(row[first + j]) - centre[first + j];
      for (size_t j = width; j < panel; j++) packed[at + j] = 0;
    }
  }
}

// A row of a tile: whole ones in vectors, as a call for so few bytes costs more than they do.
template <size_t panel>
inline void copy_row(const double* from, double* to, size_t count) {
  if (count == panel) {
    for (size_t j = 0; j < panel; j += WD) store(to + j, load(from + j));
    return;
  }
  for (size_t j = 0; j < count; j++) to[j] = from[j];
}

// A group of rows is packed at a time; each tile of the Gram matrix then comes into the nearest cache once a group and
// takes its blocks in row order. Meanwhile the rows of the next group are asked for, a few with each tile.
template <typename T>
const char* add_gram_of(const Arg* a, const T* centre, const Arg* sums, const Arg& gram_arg, const Arg& scratch_arg, T* scratch) {
  if (const char* fault = check_rows(a[0], a[1], a[2], a[3], a[4])) return fault;
  if (a[5].length < a[4].number) return "The centre is shorter than a row.";
  if (sums != nullptr && sums->data != nullptr && sums->length < a[4].number) return "The sums are shorter than a row.";
  if (gram_arg.length < a[4].number * a[4].number) return "The Gram matrix is smaller than columns times columns.";
  constexpr size_t panel = VectorOf<T>::panel, group = VectorOf<T>::group;
  const size_t cols = static_cast<size_t>(a[4].number);
  const size_t panels = panels_of(cols, panel);
  if (scratch_arg.length < static_cast<double>(group) * panels * panel + ALIGNMENT_SLACK) return "The scratch memory is smaller than a group of rows.";
  const size_t from = static_cast<size_t>(a[2].number), to = static_cast<size_t>(a[3].number);
  const size_t rows_a_tile = group * 2 / (panels * (panels + 1)) + 1;
  double* gram = gram_arg.f64;
  alignas(64) T product[panel * panel];
  // Of tiles on the diagonal: what is not wanted stays 0.
  alignas(64) T diagonal[panel * panel] = {};
  alignas(64) double tile[panel * panel];
  for (size_t first = from; first < to; first += group) {
    const size_t height = to - first < group ? to - first : group;
    if (sums != nullptr && sums->data != nullptr) add_rows(a[0], a[1], first, first + height, cols, sums->f64);
    pack_group(a[0], a[1], first, height, cols, centre, scratch);
    size_t asked = first + height;
    const size_t next_end = asked + group < to ? asked + group : to;
    for (size_t p = 0; p < panels; p++) {
      const size_t i_count = cols - p * panel < panel ? cols - p * panel : panel;
      for (size_t q = p; q < panels; q++) {
        const size_t j_count = cols - q * panel < panel ? cols - q * panel : panel;
        double* target = gram + p * panel * cols + q * panel;
        for (size_t i = 0; i < i_count; i++) copy_row<panel>(target + i * cols, tile + i * panel, j_count);
        const size_t asked_end = asked + rows_a_tile < next_end ? asked + rows_a_tile : next_end;
        fetch_rows(a[0], a[1], asked, asked_end, cols);
        asked = asked_end;
        for (size_t block = 0; block < height; block += BLOCK_ROWS) {
          const size_t rows = height - block < BLOCK_ROWS ? height - block : BLOCK_ROWS;
          const T* left = scratch + (p * group + block) * panel;
          if (p == q) diagonal_product(left, panel, i_count, rows, diagonal);
          else panel_product(left, panel, 1, i_count, scratch + (q * group + block) * panel, rows, product);
          const T* out = p == q ? diagonal : product;
          for (size_t i = 0; i < i_count * panel; i++) tile[i] += out[i];
        }
        for (size_t i = 0; i < i_count; i++) copy_row<panel>(tile + i * panel, target + i * cols, j_count);
      }
    }
  }
  return nullptr;
}

// x f, rows i?, from n, to n, cols n, centre f, sums F?*, gram F*, scratch f~
const char* add_gram(const Arg* a) { return add_gram_of<float>(a, a[5].f32, &a[6], a[7], a[8], aligned(a[8].f32)); }
// x f, rows i?, from n, to n, cols n, centre F, gram F*, scratch F~
const char* add_gram_exact(const Arg* a) { return add_gram_of<double>(a, a[5].f64, nullptr, a[6], a[7], aligned(a[7].f64)); }

// Rows times panels of axes; a group of rows is centred in scratch memory, axes are (column, axis in panel).
template <typename T>
const char* project_of(const Arg* a, const T* centre, const T* axes, T* out, T* scratch) {
  if (const char* fault = check_rows(a[0], a[1], a[2], a[3], a[4])) return fault;
  constexpr size_t panel = VectorOf<T>::panel;
  const size_t cols = static_cast<size_t>(a[4].number), count = static_cast<size_t>(a[7].number);
  const size_t panels = panels_of(count, panel);
  if (a[5].length < a[4].number) return "The centre is shorter than a row.";
  if (a[6].length < a[4].number * panels * panel) return "The packed axes are shorter than columns times axes.";
  if (a[8].length < (a[3].number - a[2].number) * a[7].number) return "The output is shorter than rows times axes.";
  if (a[9].length < a[4].number * TILE_ROWS) return "The scratch memory is smaller than a group of rows.";
  const size_t from = static_cast<size_t>(a[2].number), to = static_cast<size_t>(a[3].number);
  alignas(64) T tile[TILE_ROWS * panel];
  for (size_t first = from; first < to; first += TILE_ROWS) {
    const size_t height = to - first < TILE_ROWS ? to - first : TILE_ROWS;
    for (size_t r = 0; r < height; r++) {
      const float* row = row_at(a[0], a[1], first + r, cols);
      for (size_t j = 0; j < cols; j++) scratch[r * cols + j] = static_cast<T>(row[j]) - centre[j];
    }
    for (size_t p = 0; p < panels; p++) {
      const size_t width = count - p * panel < panel ? count - p * panel : panel;
      panel_product(scratch, 1, cols, height, axes + p * cols * panel, cols, tile);
      for (size_t r = 0; r < height; r++)
        for (size_t k = 0; k < width; k++) out[(first - from + r) * count + p * panel + k] = tile[r * panel + k];
    }
  }
  return nullptr;
}

// x f, rows i?, from n, to n, cols n, centre f, axes f, count n, out f>, scratch f~
const char* project(const Arg* a) { return project_of<float>(a, a[5].f32, a[6].f32, a[8].f32, a[9].f32); }
// x f, rows i?, from n, to n, cols n, centre F, axes F, count n, out F>, scratch F~
const char* project_exact(const Arg* a) { return project_of<double>(a, a[5].f64, a[6].f64, a[8].f64, a[9].f64); }

}  // namespace
