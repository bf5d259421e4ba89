#!/usr/bin/env bash
# Builds the programs and makes packages of them in build/release/packages.
#
#   packaging/make_package.sh            all three
#   packaging/make_package.sh deb        dskd-workbench_VERSION_ARCH.deb: the programs, without LibTorch
#   packaging/make_package.sh libtorch   dskd-workbench-libtorch_VERSION_ARCH.deb: LibTorch for them, on the CPU
#   packaging/make_package.sh archive    dskd-workbench-VERSION-linux-MACHINE.sh: unpacks itself, LibTorch inside
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- deb libtorch archive
for kind in "$@"; do
  case $kind in
    deb | libtorch | archive) ;;
    *) sed -n '2,8s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
  esac
done
packaging/setup.sh
cmake --preset release
cmake --build --preset release --target programs

cd build/release
# The lists of what each package holds stand in cmake/Install.cmake and cmake/Package.cmake.
for kind in "$@"; do
  case $kind in
    deb) options=(-G DEB -D CPACK_DEB_COMPONENT_INSTALL=ON -D CPACK_COMPONENTS_ALL=workbench) ;;
    libtorch) options=(-G DEB -D CPACK_DEB_COMPONENT_INSTALL=ON -D CPACK_COMPONENTS_ALL=libtorch
      -D CPACK_PACKAGE_DESCRIPTION_SUMMARY="LibTorch for dskd-workbench, without CUDA") ;;
    archive) options=(-G STGZ -D CPACK_COMPONENTS_GROUPING=ALL_COMPONENTS_IN_ONE) ;;
  esac
  cpack "${options[@]}" >cpack.log 2>&1 || { cat cpack.log >&2; exit 1; }
done
shopt -s nullglob # either kind may be missing
du -h --apparent-size packages/*.deb packages/*.sh
