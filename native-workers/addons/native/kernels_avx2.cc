#define TABLE kernels_avx2
#include "table.h"
