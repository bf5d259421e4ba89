# Finds LibTorch without its own TorchConfig.cmake, which asks for a CUDA toolkit wherever the library was built with
# CUDA. Understands the unpacked PyPI wheel, the torch of a Python installation, the LibTorch archive, and a
# distribution's package.
#
# In   Torch_ROOT  (variable or environment)  folder that holds lib/libtorch_cpu.so and include/, for example
#                  .../site-packages/torch or .../libtorch. Default: what packaging/setup.sh unpacked, then the torch
#                  of python3, then the system.
# Out  Torch::cpu          link this; never torch_cuda, which the worker opens at run time when there is a GPU
#      Torch_VERSION, Torch_LIBRARY_DIR
file(STRINGS "${CMAKE_CURRENT_LIST_DIR}/../packaging/libtorch.txt" _torch_wanted REGEX "^torch==")
string(REGEX MATCH "[0-9.]+[0-9]" _torch_wanted "${_torch_wanted}")
set(_torch_cache "$ENV{XDG_CACHE_HOME}")
if(NOT _torch_cache)
  set(_torch_cache "$ENV{HOME}/.cache")
endif()
if(NOT Torch_ROOT AND DEFINED ENV{Torch_ROOT})
  set(Torch_ROOT "$ENV{Torch_ROOT}")
endif()
if(NOT Torch_ROOT AND EXISTS "${_torch_cache}/dskd-workbench/torch-${_torch_wanted}/torch/lib/libtorch_cpu.so")
  set(Torch_ROOT "${_torch_cache}/dskd-workbench/torch-${_torch_wanted}/torch")
endif()
if(NOT Torch_ROOT)
  find_program(_torch_python NAMES python3)
  if(_torch_python)
    execute_process(COMMAND ${_torch_python} -c
      "import importlib.util as u; s = u.find_spec('torch'); print(s.submodule_search_locations[0] if s else '')"
      OUTPUT_VARIABLE Torch_ROOT OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  endif()
endif()
set(Torch_ROOT "${Torch_ROOT}" CACHE PATH "folder with LibTorch's lib/ and include/")

find_library(Torch_CPU_LIBRARY torch_cpu HINTS "${Torch_ROOT}/lib" NO_CACHE)
find_library(Torch_C10_LIBRARY c10 HINTS "${Torch_ROOT}/lib" NO_CACHE)
find_path(Torch_INCLUDE_DIR ATen/core/Tensor.h HINTS "${Torch_ROOT}/include" NO_CACHE)
find_path(Torch_API_INCLUDE_DIR torch/torch.h
  HINTS "${Torch_ROOT}/include/torch/csrc/api/include" "${Torch_INCLUDE_DIR}/torch/csrc/api/include" NO_CACHE)
if(EXISTS "${Torch_INCLUDE_DIR}/torch/csrc/api/include/torch/version.h")
  file(STRINGS "${Torch_INCLUDE_DIR}/torch/csrc/api/include/torch/version.h" _torch_version
    REGEX "define TORCH_VERSION_(MAJOR|MINOR|PATCH)")
elseif(EXISTS "${Torch_INCLUDE_DIR}/torch/headeronly/version.h")
  file(STRINGS "${Torch_INCLUDE_DIR}/torch/headeronly/version.h" _torch_version
    REGEX "define TORCH_VERSION_(MAJOR|MINOR|PATCH)")
endif()
string(REGEX MATCHALL "[0-9]+" _torch_numbers "${_torch_version}")
string(REPLACE ";" "." Torch_VERSION "${_torch_numbers}")
if(Torch_VERSION STREQUAL "" AND EXISTS "${Torch_ROOT}/version.py")
  file(STRINGS "${Torch_ROOT}/version.py" _torch_version REGEX "^__version__")
  string(REGEX MATCH "[0-9]+\\.[0-9]+\\.[0-9]+" Torch_VERSION "${_torch_version}")
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Torch
  REQUIRED_VARS Torch_CPU_LIBRARY Torch_C10_LIBRARY Torch_INCLUDE_DIR Torch_API_INCLUDE_DIR
  VERSION_VAR Torch_VERSION
  REASON_FAILURE_MESSAGE
  "Run packaging/setup.sh, or pass -DTorch_ROOT=<folder with lib/ and include/> (an unpacked LibTorch archive or site-packages/torch).")

if(Torch_FOUND AND NOT TARGET Torch::cpu)
  get_filename_component(Torch_LIBRARY_DIR "${Torch_CPU_LIBRARY}" DIRECTORY)
  add_library(Torch::c10 SHARED IMPORTED)
  set_target_properties(Torch::c10 PROPERTIES IMPORTED_LOCATION "${Torch_C10_LIBRARY}")
  add_library(Torch::cpu SHARED IMPORTED)
  set_target_properties(Torch::cpu PROPERTIES
    IMPORTED_LOCATION "${Torch_CPU_LIBRARY}"
    INTERFACE_LINK_LIBRARIES Torch::c10
    # torch_cpu needs libraries that the wheel finds through its own rpath, so the linker must not resolve them
    INTERFACE_LINK_OPTIONS "-Wl,--allow-shlib-undefined;-Wl,--unresolved-symbols=ignore-in-shared-libs"
    INTERFACE_COMPILE_FEATURES cxx_std_20
    # its headers put __FILE__ into the messages of their checks
    INTERFACE_COMPILE_OPTIONS "$<$<COMPILE_LANGUAGE:CXX>:-fmacro-prefix-map=${Torch_INCLUDE_DIR}/=>"
    INTERFACE_INCLUDE_DIRECTORIES "${Torch_INCLUDE_DIR};${Torch_API_INCLUDE_DIR}"
    INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${Torch_INCLUDE_DIR};${Torch_API_INCLUDE_DIR}")
endif()
