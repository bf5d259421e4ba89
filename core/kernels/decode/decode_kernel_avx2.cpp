#define DSKD_DECODE_KERNELS decodeKernelsAvx2
#define DSKD_DECODE_NAME "avx2"
#include "core/kernels/decode/decode_passes.h"
