#define TABLE kernels_baseline
#include "kernels.inc"
