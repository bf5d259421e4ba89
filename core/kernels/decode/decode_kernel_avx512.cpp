#define DSKD_DECODE_KERNELS decodeKernelsAvx512
#define DSKD_DECODE_NAME "avx512"
#include "core/kernels/decode/decode_passes.h"
