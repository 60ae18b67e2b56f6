// Sorting points of 1 to 3 dimensions into the cells of a grid.
#pragma once
#include "arguments.h"

namespace {
namespace grid {

// A line's place along the other axes as one number.
constexpr double LINE_STEP = 67108864;

// points F, dims n, axis n, low r, perUnit r, width n, from n, to n, keys i*: adds width times the place along an axis.
const char* add_places(const Arg* a) {
  const double dims = a[1].number;
  if (dims < 1 || a[2].number >= dims) return "There is no such axis.";
  if (a[6].number > a[7].number || a[7].number > a[8].length) return "There are fewer keys than points.";
  if (a[7].number * dims > a[0].length) return "There are fewer points.";
  if (a[5].number > 2147483648.0) return "The cells are too many for a key.";
  const size_t step = static_cast<size_t>(dims), axis = static_cast<size_t>(a[2].number);
  const size_t from = static_cast<size_t>(a[6].number), to = static_cast<size_t>(a[7].number);
  const double *points = a[0].f64, low = a[3].number, per_unit = a[4].number, width = a[5].number;
  int32_t* keys = a[8].i32;
  for (size_t i = from; i < to; i++) {
    const double key = keys[i] + width * __builtin_floor((points[i * step + axis] - low) * per_unit);
    if (!(key >= 0 && key < 2147483648.0)) return "A point lies outside the grid.";
    keys[i] = static_cast<int32_t>(key);
  }
  return nullptr;
}

inline const char* check_digits(const Arg& ends, double shift) {
  const double digits = ends.length - 1;
  if (shift > 31 || digits < 1 || digits > 2147483648.0) return "There is no such digit.";
  const uint64_t count = static_cast<uint64_t>(digits);
  return (count & (count - 1)) != 0 ? "The digits are not a power of two." : nullptr;
}

// keys i, shift n, from n, to n, ends i*: counts each digit one place on; there are as many as ends less one.
const char* count_digits(const Arg* a) {
  if (const char* fault = check_digits(a[4], a[1].number)) return fault;
  if (a[2].number > a[3].number || a[3].number > a[0].length) return "There are fewer keys.";
  const size_t from = static_cast<size_t>(a[2].number), to = static_cast<size_t>(a[3].number);
  const int shift = static_cast<int>(a[1].number);
  const uint32_t mask = static_cast<uint32_t>(a[4].length) - 2;
  for (size_t i = from; i < to; i++) a[4].i32[((static_cast<uint32_t>(a[0].i32[i]) >> shift) & mask) + 1]++;
  return nullptr;
}

// keys i, shift n, rows i, from n, to n, ends i*, sorted i*: puts each row at the end of its digit.
const char* scatter_rows(const Arg* a) {
  if (const char* fault = check_digits(a[5], a[1].number)) return fault;
  if (a[3].number > a[4].number || a[4].number > a[2].length) return "There are fewer rows.";
  const size_t from = static_cast<size_t>(a[3].number), to = static_cast<size_t>(a[4].number);
  const int shift = static_cast<int>(a[1].number);
  const uint32_t mask = static_cast<uint32_t>(a[5].length) - 2;
  const int32_t *keys = a[0].i32, *rows = a[2].i32;
  int32_t *ends = a[5].i32, *sorted = a[6].i32;
  const double held = a[0].length, room = a[6].length;
  for (size_t i = from; i < to; i++) {
    const int32_t row = rows[i];
    if (row < 0 || row >= held) return "A row has no key.";
    int32_t& end = ends[(static_cast<uint32_t>(keys[row]) >> shift) & mask];
    if (end < 0 || end >= room) return "The digits' ends lie outside the sorted rows.";
    sorted[end++] = row;
  }
  return nullptr;
}

// points F, dims n, rows i, from n, to n, low F, perUnit r, xs F*, ys F*, zs F*, state F*, starts i*, first i*, lines F*,
// lineStarts i*: gathers the sorted points and splits them into cells and lines; state is the cells and lines so far.
const char* split_cells(const Arg* a) {
  const double dims = a[1].number, to_number = a[4].number;
  if (dims < 1 || dims > 3) return "A grid has 1 to 3 dimensions.";
  if (a[3].number > to_number || to_number > a[2].length) return "There are fewer rows.";
  if (a[5].length < dims) return "The grid's corner has fewer dimensions.";
  for (int axis = 0; axis < 3; axis++)
    if (a[7 + axis].length < to_number) return "There are fewer coordinates than points.";
  if (a[10].length < 2) return "The state is too short.";
  if (a[11].length < to_number + 1 || a[12].length < to_number || a[13].length < to_number || a[14].length < to_number + 1)
    return "There are fewer cells or lines than points may make.";
  const size_t from = static_cast<size_t>(a[3].number), to = static_cast<size_t>(to_number);
  double* state = a[10].f64;
  if (!(state[0] >= 0 && state[0] <= a[3].number && state[1] >= 0 && state[1] <= state[0]))
    return "There cannot be so many cells so far.";
  const double held = __builtin_floor(a[0].length / dims);
  const size_t step = static_cast<size_t>(dims);
  const double *points = a[0].f64, *low = a[5].f64, per_unit = a[6].number;
  const int32_t* rows = a[2].i32;
  int32_t *starts = a[11].i32, *first = a[12].i32, *line_starts = a[14].i32;
  double* lines = a[13].f64;
  size_t cells = static_cast<size_t>(state[0]), made = static_cast<size_t>(state[1]);
  for (size_t i = from; i < to; i++) {
    if (rows[i] < 0 || rows[i] >= held) return "A row is not among the points.";
    const double* point = points + static_cast<size_t>(rows[i]) * step;
    double line = 0;
    a[7].f64[i] = point[0];
    if (step > 1) {
      a[8].f64[i] = point[1];
      line = __builtin_floor((point[1] - low[1]) * per_unit);
    }
    if (step > 2) {
      a[9].f64[i] = point[2];
      line += __builtin_floor((point[2] - low[2]) * per_unit) * LINE_STEP;
    }
    const double place = __builtin_floor((point[0] - low[0]) * per_unit);
    if (!(place >= 0 && place < 2147483648.0)) return "A point lies outside the grid.";
    const bool new_line = made == 0 || line != lines[made - 1];
    if (new_line) {
      lines[made] = line;
      line_starts[made++] = static_cast<int32_t>(cells);
    }
    if (!new_line && place == first[cells - 1]) continue;
    first[cells] = static_cast<int32_t>(place);
    starts[cells++] = static_cast<int32_t>(i);
  }
  state[0] = static_cast<double>(cells);
  state[1] = static_cast<double>(made);
  return nullptr;
}

}  // namespace grid
}  // namespace
