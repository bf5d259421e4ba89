#define DSKD_ROW_KERNEL rowKernelAvx2
#include "core/kernels/rows/row_passes.h"
