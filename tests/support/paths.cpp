#include "tests/support/paths.h"

namespace dskd::test
{

std::string sourceDir()
{
    return DSKD_SOURCE_DIR;
}

std::string goldenDir()
{
    return sourceDir() + "/tests/golden";
}

std::string program(const std::string& name)
{
    return std::string(DSKD_BIN_DIR) + "/" + name;
}

} // namespace dskd::test
