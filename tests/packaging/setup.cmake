# dskd-setup on a LibTorch of empty files: what a worker needs is copied, what it does not need is left out, and a second
# call changes nothing. Fetches nothing.
#   cmake -DSOURCE_DIR=<checkout> -DWORK_DIR=<empty folder> -P setup.cmake
cmake_minimum_required(VERSION 3.25)
file(REMOVE_RECURSE ${WORK_DIR})
file(STRINGS ${SOURCE_DIR}/packaging/libtorch.txt version REGEX "^torch==")
string(REGEX MATCH "[0-9.]+[0-9]" version "${version}")
set(needed torch-license torch/lib/libtorch_cpu.so torch/lib/libc10.so nvidia/cu13/lib/libcudart.so.13)
list(TRANSFORM needed REPLACE "torch-license" "torch-${version}.dist-info/licenses/LICENSE")
foreach(file IN LISTS needed ITEMS torch/include/ATen/ATen.h torch/lib/libtorch_cuda.so torch/lib/libtorch_python.so
    torch/nn/module.py torchgen/model.py torch-${version}.dist-info/RECORD nvidia/cu13/lib/libcudart_static.a
    nvidia/cu13/lib/libnvperf_host.so nvidia/cu13/include/cuda.h)
  file(WRITE ${WORK_DIR}/from/torch-${version}/${file} "")
endforeach()

# setup(<expected exit code> <regular expression its output must match> words...)
function(setup expected pattern)
  execute_process(COMMAND ${SOURCE_DIR}/packaging/dskd-setup ${ARGN}
    RESULT_VARIABLE code OUTPUT_VARIABLE output ERROR_VARIABLE errors)
  if(NOT code EQUAL expected OR NOT "${output}${errors}" MATCHES "${pattern}")
    message(FATAL_ERROR "dskd-setup ${ARGN}: exit code ${code}, expected ${expected} and ${pattern}\n${output}\n${errors}")
  endif()
endfunction()

setup(2 "Usage" --nonsense)
setup(1 "does not hold" --cpu --from ${WORK_DIR}/nothing --to ${WORK_DIR}/to)
setup(1 "does not hold" --cuda --from ${WORK_DIR}/from --to ${WORK_DIR}/to)
setup(0 "LibTorch is in" --cpu --from ${WORK_DIR}/from --to ${WORK_DIR}/to)
file(GLOB_RECURSE found RELATIVE ${WORK_DIR}/to/torch-${version} ${WORK_DIR}/to/*)
list(SORT found)
list(SORT needed)
if(NOT found STREQUAL needed)
  message(FATAL_ERROR "dskd-setup --cpu copied\n${found}\nand should have copied\n${needed}")
endif()
setup(0 "LibTorch ${version} is in" --cpu --from ${WORK_DIR}/nothing --to ${WORK_DIR}/to)
