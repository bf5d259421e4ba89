# Fails when PROGRAM loads, directly or through another library, one whose name begins with lib and matches FORBIDDEN.
file(GET_RUNTIME_DEPENDENCIES
  EXECUTABLES ${PROGRAM}
  RESOLVED_DEPENDENCIES_VAR found
  UNRESOLVED_DEPENDENCIES_VAR missing)
if(NOT found)
  message(FATAL_ERROR "${PROGRAM}: no library was found, not even the C library, so nothing was checked")
endif()
foreach(library IN LISTS found missing)
  get_filename_component(name ${library} NAME)
  if(name MATCHES "^lib(${FORBIDDEN})")
    message(FATAL_ERROR "${PROGRAM} must not link ${name}")
  endif()
endforeach()
