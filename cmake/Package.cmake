# Packages; packaging/make_package.sh calls cpack with this.
#
#   DEB    dskd-workbench (the programs; LibTorch by dskd-setup) and dskd-workbench-libtorch (LibTorch for the CPU)
#   STGZ   one self-extracting archive with both, and with the libraries that not every system has
set(CPACK_PACKAGE_NAME dskd-workbench)
set(CPACK_PACKAGE_VENDOR "The DSKD Workbench developers")
set(CPACK_PACKAGE_DIRECTORY ${PROJECT_BINARY_DIR}/packages)
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/packaging/copyright)
set(CPACK_PACKAGE_FILE_NAME dskd-workbench-${PROJECT_VERSION}-linux-${CMAKE_SYSTEM_PROCESSOR})
set(CPACK_COMPONENTS_ALL workbench libtorch system_libraries)
set(CPACK_STRIP_FILES ON)
set(CPACK_THREADS 0)

set(CPACK_ARCHIVE_COMPONENT_INSTALL ON)

set(CPACK_DEBIAN_COMPRESSION_TYPE zstd)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_MAINTAINER ${CPACK_PACKAGE_VENDOR})
set(CPACK_DEBIAN_PACKAGE_SECTION science)

set(CPACK_DEBIAN_WORKBENCH_PACKAGE_NAME dskd-workbench)
set(CPACK_DEBIAN_WORKBENCH_DESCRIPTION
"A small language model, the student, learns from a large one, the teacher. Experiments are set up, checked, run, watched and
compared in a window (dskd-workbench) or on the command line (dskd).

Computing needs LibTorch: call dskd-setup once as root, or install dskd-workbench-libtorch.")
set(CPACK_DEBIAN_WORKBENCH_PACKAGE_SHLIBDEPS ON)
if(DSKD_WORKER)
  # LibTorch belongs to no Debian package; dpkg-shlibdeps needs to find it all the same
  set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${Torch_LIBRARY_DIR})
endif()
# the platforms of Qt's windows are plugins, which dpkg-shlibdeps does not see
set(CPACK_DEBIAN_WORKBENCH_PACKAGE_DEPENDS qt6-qpa-plugins)
set(CPACK_DEBIAN_WORKBENCH_PACKAGE_RECOMMENDS "dskd-workbench-libtorch | python3-pip-whl, python3, fonts-dejavu-core, qt6-wayland")
set(CPACK_DEBIAN_WORKBENCH_PACKAGE_CONTROL_EXTRA ${PROJECT_SOURCE_DIR}/packaging/postrm)

set(CPACK_DEBIAN_LIBTORCH_PACKAGE_NAME dskd-workbench-libtorch)
set(CPACK_DEBIAN_LIBTORCH_DESCRIPTION
"The libraries of PyTorch that the worker of dskd-workbench computes with, as the PyTorch project publishes them, for the CPU.
On a machine with an NVIDIA GPU install none of this and call dskd-setup instead.")
# installed after it and removed before it, because its postrm removes the folder
set(CPACK_DEBIAN_LIBTORCH_PACKAGE_DEPENDS "dskd-workbench (= ${PROJECT_VERSION}), libc6 (>= 2.28), libstdc++6, libgcc-s1")

include(CPack)
