// The addon: binds the tables of the instruction sets that this machine has. It allocates nothing and starts no thread; every
// array comes from the caller, and every type and length is checked here or in the kernel before anything is touched.
#define NAPI_VERSION 8
#define NODE_API_NO_EXTERNAL_BUFFERS_ALLOWED
#include <node_api.h>
#include <stdio.h>
#include <string.h>

#include "arguments.h"

#if defined(__x86_64__) || defined(_M_X64)
#define BEZOAR_X64 1
extern const KernelTable kernels_avx512;
extern const KernelTable kernels_avx2;
#endif
extern const KernelTable kernels_baseline;

namespace {

constexpr size_t MOST_ARGUMENTS = 24;

bool fits(char type, napi_typedarray_type given) {
  switch (type) {
    case 'f': return given == napi_float32_array;
    case 'F': return given == napi_float64_array;
    case 'i': return given == napi_int32_array;
    case 'u': return given == napi_uint32_array;
    case 'h': return given == napi_uint16_array;
    case 'b': return given == napi_uint8_array;
    default: return false;
  }
}

napi_value refuse(napi_env env, const char* kernel, size_t argument, const char* reason) {
  char sentence[160];
  snprintf(sentence, sizeof sentence, "%s: argument %zu %s", kernel, argument + 1, reason);
  napi_throw_type_error(env, nullptr, sentence);
  return nullptr;
}

napi_value call(napi_env env, napi_callback_info info) {
  napi_value values[MOST_ARGUMENTS];
  size_t count = MOST_ARGUMENTS;
  void* data = nullptr;
  if (napi_get_cb_info(env, info, &count, values, nullptr, &data) != napi_ok) return nullptr;
  const Kernel& kernel = *static_cast<const Kernel*>(data);
  Arg args[MOST_ARGUMENTS] = {};
  size_t at = 0;
  for (const char* word = kernel.signature; *word != 0; at++) {
    const char type = *word++;
    bool nullable = false;
    for (; *word != 0 && *word != ' '; word++) nullable |= *word == '?';
    while (*word == ' ') word++;
    if (at >= count) return refuse(env, kernel.name, at, "is missing.");
    Arg& arg = args[at];
    if (type == 'n' || type == 'r') {
      if (napi_get_value_double(env, values[at], &arg.number) != napi_ok) return refuse(env, kernel.name, at, "is not a number.");
      if (!(arg.number - arg.number == 0)) return refuse(env, kernel.name, at, "is not finite.");
      if (type == 'n' && !(arg.number >= 0 && arg.number <= 9007199254740991.0 && arg.number == __builtin_floor(arg.number)))
        return refuse(env, kernel.name, at, "is not a whole number from 0 on.");
      continue;
    }
    napi_valuetype kind;
    if (napi_typeof(env, values[at], &kind) != napi_ok) return nullptr;
    if (nullable && kind == napi_null) continue;
    bool typed = false;
    napi_typedarray_type given;
    size_t length = 0;
    if (napi_is_typedarray(env, values[at], &typed) != napi_ok || !typed ||
        napi_get_typedarray_info(env, values[at], &given, &length, &arg.data, nullptr, nullptr) != napi_ok || !fits(type, given))
      return refuse(env, kernel.name, at, "is not the typed array that the kernel takes.");
    // An empty array may have no address; null means 'not given' to a kernel.
    static double nothing;
    if (arg.data == nullptr) arg.data = &nothing;
    arg.length = static_cast<double>(length);
  }
  if (at != count) return refuse(env, kernel.name, at, "is one too many.");
  if (const char* fault = kernel.run(args)) {
    char sentence[240];
    snprintf(sentence, sizeof sentence, "%s: %s", kernel.name, fault);
    napi_throw_range_error(env, nullptr, sentence);
  }
  return nullptr;
}

// Bytes from a cache line's start to an array's first element: kernels place panels by it, so a replay must place them alike.
napi_value line_offset(napi_env env, napi_callback_info info) {
  size_t count = 1, length = 0;
  napi_value array, offset;
  napi_typedarray_type type;
  void* data = nullptr;
  if (napi_get_cb_info(env, info, &count, &array, nullptr, nullptr) != napi_ok || count != 1 ||
      napi_get_typedarray_info(env, array, &type, &length, &data, nullptr, nullptr) != napi_ok) {
    napi_throw_type_error(env, nullptr, "lineOffset: give one typed array.");
    return nullptr;
  }
  return napi_create_uint32(env, reinterpret_cast<uintptr_t>(data) % 64, &offset) == napi_ok ? offset : nullptr;
}

bool bind(napi_env env, napi_value exports, const char* name, const KernelTable& table) {
  napi_value object;
  if (napi_create_object(env, &object) != napi_ok) return false;
  for (size_t i = 0; i < table.count; i++) {
    const Kernel& kernel = table.kernels[i];
    napi_value function;
    if (napi_create_function(env, kernel.name, NAPI_AUTO_LENGTH, call, const_cast<Kernel*>(&kernel), &function) != napi_ok ||
        napi_set_named_property(env, object, kernel.name, function) != napi_ok)
      return false;
  }
  return napi_set_named_property(env, exports, name, object) == napi_ok;
}

}  // namespace

NAPI_MODULE_INIT() {
#if defined(BEZOAR_X64)
  // These also ask whether the operating system saves the wide registers.
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    bind(env, exports, "native-avx2", kernels_avx2);
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512dq"))
      bind(env, exports, "native-avx512", kernels_avx512);
  }
#endif
  bind(env, exports, "native-baseline", kernels_baseline);
  napi_value function;
  if (napi_create_function(env, "lineOffset", NAPI_AUTO_LENGTH, line_offset, nullptr, &function) == napi_ok)
    napi_set_named_property(env, exports, "lineOffset", function);
  return exports;
}
