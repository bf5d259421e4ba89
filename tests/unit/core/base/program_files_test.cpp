#include "core/base/program_files.h"

#include "tests/support/paths.h"

#include <filesystem>
#include <gtest/gtest.h>

namespace dskd
{
namespace
{

namespace fs = std::filesystem;

TEST(ProgramFiles, TheProgramsOfABuildLieInOneFolder)
{
    EXPECT_EQ(programFolder(), fs::canonical(test::program("dskd")).parent_path());
}

// The installed layout is tested by tests/packaging/install.cmake.
TEST(ProgramFiles, AreThoseOfTheSourcesInABuildTree)
{
    EXPECT_EQ(programFiles(), programFolder().parent_path() / "share/dskd");
    for (const char* name : {"resources/demo", "resources/guide", "experiments/demo/demo.json"}) {
        EXPECT_EQ(fs::canonical(programFiles() / name), fs::canonical(fs::path(test::sourceDir()) / name));
    }
}

} // namespace
} // namespace dskd
