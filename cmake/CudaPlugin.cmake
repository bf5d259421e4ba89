# libdskd_cuda.so: what nvcc compiles. The worker opens it at run time, so the same worker runs where there is no GPU and
# no CUDA library. The CUDA runtime is linked statically: LibTorch brings its own shared one.
add_library(dskd_cuda MODULE ${PROJECT_SOURCE_DIR}/app/worker/device_probe.cu)
target_include_directories(dskd_cuda PRIVATE ${PROJECT_SOURCE_DIR})
set_target_properties(dskd_cuda PROPERTIES
  CUDA_RUNTIME_LIBRARY Static
  CUDA_STANDARD 17
  NO_SONAME ON
  LIBRARY_OUTPUT_DIRECTORY ${CMAKE_RUNTIME_OUTPUT_DIRECTORY})
