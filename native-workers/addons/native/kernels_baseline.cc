#define TABLE kernels_baseline
#include "table.h"
