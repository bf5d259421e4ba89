#include "core/base/available_memory.h"

#include <gtest/gtest.h>
#include <unistd.h>

namespace dskd
{
namespace
{

TEST(AvailableMemory, IsSomeOfWhatTheMachineHas)
{
    const auto all =
        static_cast<std::uint64_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
    EXPECT_GT(availableMemory(), 0U);
    EXPECT_LE(availableMemory(), all);
}

} // namespace
} // namespace dskd
