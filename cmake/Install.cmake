# cmake --install: what goes where below the prefix. Everything is found relative to the prefix, so it may be moved.
#
#   bin/              dskd, dskd-workbench, dskd-worker, dskd-setup
#   lib/dskd/         libdskd_cuda.so; torch-<version>/, LibTorch for the worker; system/ and plugins/ in an archive
#   share/dskd/       the demo, the guide, the lists of dskd-setup; in the build tree links to the sources
#   share/            desktop entry, icons, AppStream metainfo, licences
#
# LibTorch is looked for in lib/dskd alone. Three things put it there: dskd-setup fetches it; the component "libtorch"
# (packages) carries it; a plain install links the one that was built with (component "libtorch_link").
include(GNUInstallDirs)
set(CMAKE_INSTALL_DEFAULT_COMPONENT_NAME workbench)

install(TARGETS dskd RUNTIME DESTINATION bin)
install(PROGRAMS packaging/dskd-setup DESTINATION bin)
install(FILES packaging/libtorch.txt packaging/libtorch-cuda.txt DESTINATION share/dskd)

if(DSKD_WORKER)
  set(torch_home lib/dskd/torch-${Torch_VERSION})
  set(torch_rpath "$ORIGIN/../${torch_home}/torch/lib")
  install(TARGETS dskd-worker RUNTIME DESTINATION bin)
  if(DSKD_HAVE_CUDA)
    install(TARGETS dskd_cuda LIBRARY DESTINATION lib/dskd)
  endif()
  # a LibTorch that lies there already, fetched or linked earlier, stays
  install(CODE "
    set(home \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${torch_home}\")
    if(NOT EXISTS \"\${home}/torch/lib/libtorch_cpu.so\" AND EXISTS \"${Torch_ROOT}/lib/libtorch_cpu.so\")
      file(REMOVE \"\${home}/torch\")
      file(MAKE_DIRECTORY \"\${home}\")
      file(CREATE_LINK \"${Torch_ROOT}\" \"\${home}/torch\" SYMBOLIC)
      message(STATUS \"Linking: \${home}/torch -> ${Torch_ROOT}\")
    endif()" COMPONENT libtorch_link)
  get_filename_component(torch_cache "${Torch_ROOT}/../.." ABSOLUTE)
  install(CODE "
    execute_process(COMMAND_ERROR_IS_FATAL ANY
      COMMAND \"${PROJECT_SOURCE_DIR}/packaging/dskd-setup\" --cpu --from \"${torch_cache}\"
              --to \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/lib/dskd\")"
    COMPONENT libtorch EXCLUDE_FROM_ALL)
endif()

# What an archive brings along from the system that it was made on. The rpath is of the old kind (DT_RPATH), which holds
# for the libraries of libraries too.
set(system_users "")
foreach(program dskd dskd-worker dskd-workbench)
  if(TARGET ${program})
    set_target_properties(${program} PROPERTIES INSTALL_RPATH "$ORIGIN/../lib/dskd/system;${torch_rpath}")
    target_link_options(${program} PRIVATE -Wl,--disable-new-dtags)
    list(APPEND system_users ${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/${program})
  endif()
endforeach()
set(system_plugins "")
if(DSKD_GUI)
  set(qt_plugins ${QT6_INSTALL_PREFIX}/${QT6_INSTALL_PLUGINS})
  set(system_plugins platforms/libqxcb.so platforms/libqoffscreen.so platforminputcontexts/libcomposeplatforminputcontextplugin.so
    iconengines/libqsvgicon.so imageformats/libqsvg.so)
endif()
configure_file(cmake/SystemLibraries.cmake.in system_libraries.cmake @ONLY)
install(SCRIPT ${PROJECT_BINARY_DIR}/system_libraries.cmake COMPONENT system_libraries EXCLUDE_FROM_ALL)

# The programs look for these beside themselves only (core/base/program_files.h), so the build tree has them there too.
file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/share/dskd)
file(REAL_PATH ${PROJECT_BINARY_DIR}/share/dskd built_files)
file(REAL_PATH ${PROJECT_SOURCE_DIR} sources)
foreach(folder resources experiments)
  file(RELATIVE_PATH link ${built_files} ${sources}/${folder})
  file(CREATE_LINK ${link} ${built_files}/${folder} SYMBOLIC)
endforeach()
install(DIRECTORY resources/demo DESTINATION share/dskd/resources)
install(DIRECTORY experiments/demo DESTINATION share/dskd/experiments FILES_MATCHING PATTERN *.json)
if(EXISTS ${PROJECT_SOURCE_DIR}/resources/guide)
  install(DIRECTORY resources/guide DESTINATION share/dskd/resources)
endif()
install(FILES LICENSE THIRD_PARTY.md packaging/copyright packaging/licenses/GPL-3.0.txt
  DESTINATION share/doc/dskd-workbench)

if(DSKD_GUI)
  install(TARGETS dskd-workbench RUNTIME DESTINATION bin)
  set(desktop ${PROJECT_BINARY_DIR}/desktop)
  configure_file(packaging/application.desktop.in ${desktop}/${DSKD_APPLICATION_ID}.desktop @ONLY)
  configure_file(packaging/application.metainfo.xml.in ${desktop}/${DSKD_APPLICATION_ID}.metainfo.xml @ONLY)
  install(FILES ${desktop}/${DSKD_APPLICATION_ID}.desktop DESTINATION share/applications)
  install(FILES ${desktop}/${DSKD_APPLICATION_ID}.metainfo.xml DESTINATION share/metainfo)
  set(icons share/icons/hicolor)
  install(FILES resources/icons/dskd.svg DESTINATION ${icons}/scalable/apps RENAME ${DSKD_APPLICATION_ID}.svg)
  find_program(DSKD_RSVG_CONVERT rsvg-convert)
  if(DSKD_RSVG_CONVERT)
    foreach(size 16 24 32 48 64 128 256 512)
      set(picture ${desktop}/${size}.png)
      add_custom_command(OUTPUT ${picture}
        COMMAND ${DSKD_RSVG_CONVERT} -w ${size} -h ${size} -o ${picture} ${PROJECT_SOURCE_DIR}/resources/icons/dskd.svg
        DEPENDS resources/icons/dskd.svg VERBATIM)
      list(APPEND pictures ${picture})
      install(FILES ${picture} DESTINATION ${icons}/${size}x${size}/apps RENAME ${DSKD_APPLICATION_ID}.png)
    endforeach()
    add_custom_target(desktop_icons ALL DEPENDS ${pictures})
    add_dependencies(dskd-workbench desktop_icons)
  else()
    message(STATUS "rsvg-convert was not found: installing the icon as SVG only")
  endif()
endif()
