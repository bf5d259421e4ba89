#include "core/base/program_files.h"

#include <system_error>

namespace dskd
{

std::filesystem::path programFolder()
{
    std::error_code ignored; // leaves it empty
    return std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path();
}

std::filesystem::path programFiles()
{
    return programFolder().parent_path() / "share" / "dskd";
}

} // namespace dskd
