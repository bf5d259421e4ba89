# cmake --install into a prefix, and that the programs run from there, also after the prefix was moved.
#   cmake -DBUILD_DIR=<build> -DWORK_DIR=<empty folder> -DVERSION=<x.y.z> -DGUI=<ON|OFF> -DSOURCE_DIR=<checkout>
#         -DTORCH_INCLUDE_DIR=<LibTorch's headers> -DBUILD_TYPE=<Release|...> -P install.cmake
cmake_minimum_required(VERSION 3.25)
file(REMOVE_RECURSE ${WORK_DIR})

# run(<regular expression its output must match> words...)
function(run pattern)
  execute_process(COMMAND ${ARGN} WORKING_DIRECTORY ${WORK_DIR}
    RESULT_VARIABLE code OUTPUT_VARIABLE output ERROR_VARIABLE errors)
  string(JOIN " " words ${ARGN})
  if(NOT code EQUAL 0)
    message(FATAL_ERROR "${words}: exit code ${code}\n${output}\n${errors}")
  endif()
  if(NOT "${output}" MATCHES "${pattern}")
    message(FATAL_ERROR "${words}: nothing matches ${pattern} in\n${output}\n${errors}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

file(MAKE_DIRECTORY ${WORK_DIR})
run("bin/dskd" ${CMAKE_COMMAND} --install ${BUILD_DIR} --prefix ${WORK_DIR}/first)
file(RENAME ${WORK_DIR}/first ${WORK_DIR}/prefix)
set(bin ${WORK_DIR}/prefix/bin)
# whatever the caller's environment names must not stand in for what is installed
foreach(variable DSKD DSKD_WORKER DSKD_DEMO DSKD_WORKSPACE LD_LIBRARY_PATH)
  unset(ENV{${variable}})
endforeach()

run("${VERSION}" ${bin}/dskd --version)
run("\"complete\": true" ${bin}/dskd doctor --json)
foreach(place "${bin}/dskd-worker" "${WORK_DIR}/prefix/share/dskd/resources/demo")
  if(NOT output MATCHES "${place}")
    message(FATAL_ERROR "dskd doctor does not name ${place}:\n${output}")
  endif()
endforeach()
run("\"queued\": [1-9]" ${bin}/dskd demo --prepare --json -w ${WORK_DIR}/workspace)
run("--cpu" ${bin}/dskd-setup --help)
if(GUI)
  run("${VERSION}" ${bin}/dskd-workbench --version)
endif()

# What is shipped does not tell where it was built. Other build types carry debug symbols, which do.
if(BUILD_TYPE STREQUAL Release)
  string(REGEX REPLACE "([][+.*()^$?])" "\\\\\\1" places "${SOURCE_DIR}|${TORCH_INCLUDE_DIR}")
  file(GLOB programs ${bin}/dskd ${bin}/dskd-*)
  foreach(program IN LISTS programs)
    file(STRINGS ${program} paths REGEX "(${places})(/|$)")
    if(paths)
      message(FATAL_ERROR "${program} holds paths of the machine that it was built on: ${paths}")
    endif()
  endforeach()
endif()
