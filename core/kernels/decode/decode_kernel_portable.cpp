#define DSKD_DECODE_KERNELS decodeKernelsPortable
#define DSKD_DECODE_NAME "portable"
#include "core/kernels/decode/decode_passes.h"
