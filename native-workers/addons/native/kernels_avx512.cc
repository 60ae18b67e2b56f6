#define TABLE kernels_avx512
#include "table.h"
