// Replays recorded calls of kernels on memory of exactly the recorded sizes, so that a sanitizer sees any step beyond, and
// compares what they write with what was written then. Usage: replay RECORDS.
// A record: name, number of arguments, then each as its letter and 8 bytes of a number, or, of an array, its place within a cache line, its
// length in bytes, and the bytes before and after; '0' stands for null.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <string>
#include <vector>

#include "arguments.h"

#ifndef TABLE
#define TABLE kernels_baseline
#endif
extern const KernelTable TABLE;

namespace {

FILE* file;

bool read_all(void* to, size_t bytes) { return fread(to, 1, bytes, file) == bytes; }

uint32_t read_length() {
  uint32_t value = 0;
  if (!read_all(&value, sizeof value)) exit(2);
  return value;
}

size_t element_bytes(char letter) { return letter == 'F' ? 8 : letter == 'h' ? 2 : letter == 'b' ? 1 : 4; }

// Memory of exactly so many bytes at the given place within a cache line; free() what `start` is set to.
void* place(uint32_t offset, size_t bytes, void** start) {
  const size_t total = offset + bytes;
  if (posix_memalign(start, 64, total == 0 ? 1 : total) != 0) exit(2);
  return static_cast<uint8_t*>(*start) + offset;
}

// Whether two arrays are the same, or close where the rounding of another instruction set is expected.
bool same(char letter, const uint8_t* got, const uint8_t* wanted, size_t bytes) {
  if (memcmp(got, wanted, bytes) == 0) return true;
#ifdef EXACT
  (void)letter;
  return false;
#else
  if (letter != 'f' && letter != 'F') return true;
  double largest = 0, error = 0;
  for (size_t at = 0; at + element_bytes(letter) <= bytes; at += element_bytes(letter)) {
    double a, b;
    if (letter == 'F') {
      memcpy(&a, got + at, 8);
      memcpy(&b, wanted + at, 8);
    } else {
      float x, y;
      memcpy(&x, got + at, 4);
      memcpy(&y, wanted + at, 4);
      a = x;
      b = y;
    }
    if (a == b || (a != a && b != b)) continue;
    const double gap = a > b ? a - b : b - a, size = b < 0 ? -b : b;
    if (gap > error) error = gap;
    if (size > largest && size < 1e30) largest = size;
  }
  return error <= 1e-4 * largest;
#endif
}

}  // namespace

int main(int count, char** words) {
  if (count != 2 || (file = fopen(words[1], "rb")) == nullptr) return fprintf(stderr, "usage: replay RECORDS\n"), 2;
  size_t calls = 0, wrong = 0;
  uint32_t name_length = 0;
  std::vector<bool> seen(TABLE.count);
  while (read_all(&name_length, sizeof name_length)) {
    std::string name(name_length, ' ');
    if (!read_all(&name[0], name_length)) return 2;
    const uint32_t arguments = read_length();
    std::vector<Arg> args(arguments);
    std::vector<char> letters(arguments);
    std::vector<std::vector<uint8_t>> after(arguments);
    std::vector<uint32_t> offsets(arguments);
    std::vector<void*> starts(arguments);
    for (uint32_t a = 0; a < arguments; a++) {
      if (!read_all(&letters[a], 1)) return 2;
      args[a] = Arg{};
      if (letters[a] == '0') continue;
      if (letters[a] == 'n') {
        if (!read_all(&args[a].number, 8)) return 2;
        continue;
      }
      offsets[a] = read_length();
      const uint32_t bytes = read_length();
      args[a].data = place(offsets[a], bytes, &starts[a]);
      args[a].length = static_cast<double>(bytes / element_bytes(letters[a]));
      after[a].resize(bytes);
      if (!read_all(args[a].data, bytes) || !read_all(after[a].data(), bytes)) return 2;
    }
    const Kernel* kernel = nullptr;
    for (size_t k = 0; k < TABLE.count; k++)
      if (name == TABLE.kernels[k].name) kernel = &TABLE.kernels[k], seen[k] = true;
    if (kernel == nullptr) return fprintf(stderr, "no kernel %s\n", name.c_str()), 2;
    calls++;
    if (const char* fault = kernel->run(args.data())) {
      fprintf(stderr, "%s refused: %s\n", name.c_str(), fault);
      wrong++;
    } else {
      std::vector<std::string> marks;
      for (const char* word = kernel->signature; *word != 0;) {
        const char* end = word;
        while (*end != 0 && *end != ' ') end++;
        marks.emplace_back(word, end);
        word = *end == ' ' ? end + 1 : end;
      }
      for (uint32_t a = 0; a < arguments; a++) {
        const bool written = marks[a].find('*') != std::string::npos || marks[a].find('>') != std::string::npos;
        if (!written || after[a].empty()) continue;
        if (same(letters[a], static_cast<uint8_t*>(args[a].data), after[a].data(), after[a].size())) continue;
        fprintf(stderr, "%s: argument %u differs from what was recorded\n", name.c_str(), a + 1);
        wrong++;
      }
      // Every argument is cut short once: a kernel must refuse or keep within what is left.
      for (uint32_t a = 0; a < arguments; a++) {
        const size_t bytes = after[a].size();
        if (bytes == 0) continue;
        Arg whole = args[a];
        const size_t left = bytes - element_bytes(letters[a]);
        void* start;
        args[a].data = place(offsets[a], left, &start);
        memcpy(args[a].data, whole.data, left);
        args[a].length -= 1;
        (void)kernel->run(args.data());
        free(start);
        args[a] = whole;
      }
    }
    for (void* start : starts) free(start);
  }
  for (size_t k = 0; k < TABLE.count; k++) {
    if (seen[k]) continue;
    fprintf(stderr, "%s was never called\n", TABLE.kernels[k].name);
    wrong++;
  }
  printf("%zu calls, %zu wrong\n", calls, wrong);
  return wrong == 0 && calls > 0 ? 0 : 1;
}
