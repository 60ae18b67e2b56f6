#define TABLE kernels_avx2
#include "kernels.inc"
