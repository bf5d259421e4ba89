#define DSKD_ROW_KERNEL rowKernelPortable
#include "core/kernels/rows/row_passes.h"
