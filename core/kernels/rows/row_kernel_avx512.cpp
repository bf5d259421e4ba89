#define DSKD_ROW_KERNEL rowKernelAvx512
#include "core/kernels/rows/row_passes.h"
