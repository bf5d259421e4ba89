#include "core/base/mapped_file.h"

#include "core/base/atomic_file.h"
#include "tests/support/temporary_folder.h"

#include <filesystem>
#include <gtest/gtest.h>
#include <string>

namespace dskd
{
namespace
{

TEST(MappedFileDeathTest, NamesTheFileThatIsCutShortWhileItIsRead)
{
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    const test::TemporaryFolder folder;
    const auto cutShort = [&folder] {
        installBusErrorHandler("before: ", 13);
        (void)writeFileAtomically(folder / "gone", "closed again");
        (void)MappedFile::open(folder / "gone").value();
        (void)writeFileAtomically(folder / "weights", std::string(100'000, 'w'));
        const auto weights = MappedFile::open(folder / "weights").value();
        std::filesystem::resize_file(folder / "weights", 10);
        volatile const std::byte* last = weights->data() + 99'999;
        (void)*last;
    };
    EXPECT_EXIT(cutShort(), testing::ExitedWithCode(13), "before: .*weights was cut short");
}

} // namespace
} // namespace dskd
