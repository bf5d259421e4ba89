#pragma once

// The door to libdskd_cuda.so, which is built when nvcc is there and opened at run time, so that the worker itself
// needs no CUDA library. C linkage, because the two are compiled by different compilers.

extern "C" {

struct DskdDevice {
    char name[256];
    int major; // compute capability
    int minor;
    unsigned long long totalBytes;
    unsigned long long freeBytes;
    // Device-to-device copy, bytes read plus bytes written, measured with our own kernel: the ceiling that
    // memory-bound work is compared with. 0 when it was not measured or the kernel does not run on this GPU.
    double copyBytesPerSecond;
};

// Fills up to `capacity` devices and returns how many there are; -1 with a sentence in `error` when CUDA does not
// answer. `measure` other than 0 also times the copy, which takes 512 MiB of the GPU for some milliseconds.
int dskdProbeDevices(DskdDevice* devices, int capacity, int measure, char* error, int errorCapacity);
}
