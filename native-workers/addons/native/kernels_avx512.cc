#define TABLE kernels_avx512
#include "kernels.inc"
