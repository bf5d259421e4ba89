#include "core/base/processor_name.h"

#include "tests/support/temporary_folder.h"

#include <fstream>
#include <gtest/gtest.h>

namespace dskd
{
namespace
{

TEST(ProcessorName, IsThatOfTheFirstProcessor)
{
    const test::TemporaryFolder folder;
    std::ofstream(folder / "cpuinfo") << "processor\t: 0\nmodel\t\t: 1\nmodel name\t: AMD EPYC 7763: 2 \n\n"
                                         "processor\t: 1\nmodel name\t: Another\n";
    EXPECT_EQ(processorName(folder / "cpuinfo"), "AMD EPYC 7763: 2");
}

TEST(ProcessorName, IsUnknownWhereTheKernelDoesNotNameIt)
{
    const test::TemporaryFolder folder;
    std::ofstream(folder / "cpuinfo") << "processor\t: 0\nBogoMIPS\t: 50.00\nmodel name\t:\n";
    EXPECT_EQ(processorName(folder / "cpuinfo"), "unknown processor");
    EXPECT_EQ(processorName(folder / "nothing"), "unknown processor");
    EXPECT_FALSE(processorName().empty());
}

} // namespace
} // namespace dskd
