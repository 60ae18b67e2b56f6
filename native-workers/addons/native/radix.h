// The radix sort's passes, and counts by the leading bits of keys. Digits have 11 bits; floats become integers of the same
// order in the first scatter (sign bits flipped, -0 as +0) and floats again in the last.
#pragma once
#include "arguments.h"

namespace {

constexpr size_t RADIX = 2048;

template <typename T>
struct RadixKey;
template <>
struct RadixKey<float> {
  using Bits = uint32_t;
  static constexpr size_t digits = 3;
};
template <>
struct RadixKey<double> {
  using Bits = uint64_t;
  static constexpr size_t digits = 6;
};

template <typename T>
inline typename RadixKey<T>::Bits radix_encode(typename RadixKey<T>::Bits bits) {
  using Bits = typename RadixKey<T>::Bits;
  constexpr Bits sign = Bits(1) << (8 * sizeof(T) - 1);
  if (bits == sign) bits = 0;
  const Bits negative = Bits(0) - (bits >> (8 * sizeof(T) - 1));
  return bits ^ (negative | sign);
}

template <typename T>
inline typename RadixKey<T>::Bits radix_decode(typename RadixKey<T>::Bits key) {
  using Bits = typename RadixKey<T>::Bits;
  constexpr Bits sign = Bits(1) << (8 * sizeof(T) - 1);
  const Bits negative = (key >> (8 * sizeof(T) - 1)) - 1;
  return key ^ (negative | sign);
}

inline const char* check_range(const Arg& keys, const Arg& from, const Arg& to) {
  if (from.number > to.number) return "The first key lies behind the last.";
  return to.number > keys.length ? "There are fewer keys." : nullptr;
}

// keys, from n, to n, counts u*
template <typename T>
const char* radix_count(const Arg* a) {
  using Bits = typename RadixKey<T>::Bits;
  constexpr size_t digits = RadixKey<T>::digits;
  if (const char* fault = check_range(a[0], a[1], a[2])) return fault;
  if (a[3].length < digits * RADIX + 1) return "The counts are too short.";
  const char* keys = static_cast<const char*>(a[0].data);
  uint32_t* counts = a[3].u32;
  uint32_t nans = 0;
  const size_t to = static_cast<size_t>(a[2].number);
  for (size_t i = static_cast<size_t>(a[1].number); i < to; i++) {
    T value;
    Bits bits;
    __builtin_memcpy(&value, keys + i * sizeof(T), sizeof(T));
    __builtin_memcpy(&bits, &value, sizeof(T));
    nans += value != value;
    const Bits key = radix_encode<T>(bits);
    for (size_t d = 0; d < digits; d++) counts[d * RADIX + ((key >> (11 * d)) & (RADIX - 1))]++;
  }
  counts[digits * RADIX] += nans;
  return nullptr;
}

template <typename T, bool encode, bool decode>
const char* scatter(const char* source, char* target, size_t from, size_t to, unsigned shift, uint32_t* offsets, size_t length) {
  using Bits = typename RadixKey<T>::Bits;
  for (size_t i = from; i < to; i++) {
    Bits key;
    __builtin_memcpy(&key, source + i * sizeof(T), sizeof(T));
    if (encode) key = radix_encode<T>(key);
    const size_t at = offsets[(key >> shift) & (RADIX - 1)]++;
    if (at >= length) return "An offset lies behind the end.";
    if (decode) key = radix_decode<T>(key);
    __builtin_memcpy(target + at * sizeof(T), &key, sizeof(T));
  }
  return nullptr;
}

// source, target *, from n, to n, digit n, encode n, decode n, offsets u*
template <typename T>
const char* radix_scatter(const Arg* a) {
  if (const char* fault = check_range(a[0], a[2], a[3])) return fault;
  if (a[4].number >= RadixKey<T>::digits) return "There is no such digit.";
  if (a[5].number > 1 || a[6].number > 1) return "A switch is neither 0 nor 1.";
  if (a[7].length < RADIX) return "The offsets are too short.";
  const char* source = static_cast<const char*>(a[0].data);
  char* target = static_cast<char*>(a[1].data);
  const size_t from = static_cast<size_t>(a[2].number), to = static_cast<size_t>(a[3].number);
  const unsigned shift = 11 * static_cast<unsigned>(a[4].number);
  const size_t length = static_cast<size_t>(a[1].length);
  const bool encode = a[5].number == 1, decode = a[6].number == 1;
  if (encode && decode) return scatter<T, true, true>(source, target, from, to, shift, a[7].u32, length);
  if (encode) return scatter<T, true, false>(source, target, from, to, shift, a[7].u32, length);
  if (decode) return scatter<T, false, true>(source, target, from, to, shift, a[7].u32, length);
  return scatter<T, false, false>(source, target, from, to, shift, a[7].u32, length);
}

constexpr size_t HEADS = 65536;

// The highest 32 bits of a key's integer.
template <typename T>
inline uint32_t leading_bits(const T* keys, size_t i) {
  typename RadixKey<T>::Bits bits;
  __builtin_memcpy(&bits, keys + i, sizeof(T));
  return static_cast<uint32_t>(radix_encode<T>(bits) >> (8 * sizeof(T) - 32));
}

template <typename T>
inline const T* keys_of(const Arg& keys) {
  return static_cast<const T*>(keys.data);
}

// keys, from n, to n, counts u*
template <typename T>
const char* count_heads(const Arg* a) {
  if (const char* fault = check_range(a[0], a[1], a[2])) return fault;
  if (a[3].length < HEADS + 1) return "The counts are too short.";
  const T* keys = keys_of<T>(a[0]);
  uint32_t nans = 0;
  const size_t to = static_cast<size_t>(a[2].number);
  for (size_t i = static_cast<size_t>(a[1].number); i < to; i++) {
    nans += keys[i] != keys[i];
    a[3].u32[leading_bits(keys, i) >> 16]++;
  }
  a[3].u32[HEADS] += nans;
  return nullptr;
}

inline size_t cell_of(uint32_t bits, const uint32_t* starts, const uint8_t* shifts) {
  const size_t head = bits >> 16;
  return static_cast<size_t>(starts[head]) + ((bits & 0xffffu) >> (shifts[head] & 31u));
}

inline const char* check_cells(const Arg& starts, const Arg& shifts) {
  return starts.length < HEADS || shifts.length < HEADS ? "A head has no cell." : nullptr;
}

// keys, from n, to n, starts u, shifts b, counts u*
template <typename T>
const char* count_cells(const Arg* a) {
  if (const char* fault = check_range(a[0], a[1], a[2])) return fault;
  if (const char* fault = check_cells(a[3], a[4])) return fault;
  const T* keys = keys_of<T>(a[0]);
  const size_t to = static_cast<size_t>(a[2].number), cells = static_cast<size_t>(a[5].length);
  for (size_t i = static_cast<size_t>(a[1].number); i < to; i++) {
    const size_t cell = cell_of(leading_bits(keys, i), a[3].u32, a[4].u8);
    if (cell >= cells) return "There are fewer cells.";
    a[5].u32[cell]++;
  }
  return nullptr;
}

// keys, from n, to n, starts u, shifts b, wanted b, out *, end u*
template <typename T>
const char* take_cells(const Arg* a) {
  if (const char* fault = check_range(a[0], a[1], a[2])) return fault;
  if (const char* fault = check_cells(a[3], a[4])) return fault;
  if (a[7].length < 1) return "The end is missing.";
  const T* keys = keys_of<T>(a[0]);
  T* out = static_cast<T*>(a[6].data);
  const size_t to = static_cast<size_t>(a[2].number), cells = static_cast<size_t>(a[5].length);
  for (size_t i = static_cast<size_t>(a[1].number); i < to; i++) {
    const size_t cell = cell_of(leading_bits(keys, i), a[3].u32, a[4].u8);
    if (cell >= cells) return "There are fewer cells.";
    if (a[5].u8[cell] == 0) continue;
    if (a[7].u32[0] >= a[6].length) return "The output is too short.";
    out[a[7].u32[0]++] = keys[i];
  }
  return nullptr;
}

}  // namespace
