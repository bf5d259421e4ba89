#include "core/base/result.h"

#include "core/base/atomic_file.h"
#include "core/base/exit_codes.h"
#include "core/base/mapped_file.h"
#include "core/base/regular_file.h"
#include "tests/support/temporary_folder.h"

#include <filesystem>
#include <gtest/gtest.h>

namespace dskd
{
namespace
{

TEST(Result, HoldsAValueOrAFailure)
{
    const Result<int> good = 3;
    EXPECT_TRUE(good.ok());
    EXPECT_EQ(good.value(), 3);
    const Result<int> bad = Failure{"The file is missing.", "Check the path."};
    EXPECT_FALSE(bad);
    EXPECT_EQ(bad.failure().text(), "The file is missing. Check the path.");
}

TEST(Result, ThrowsItsFailureWhenTheValueIsAskedFor)
{
    const Result<int> bad = Failure{"No.", "Try again."};
    try {
        (void)bad.value();
        FAIL() << "value() of a failure returned";
    } catch (const Error& error) {
        EXPECT_EQ(error.failure().hint, "Try again.");
    }
}

TEST(Result, KeepsTheKindOfItsFailureAndTakesTheCallersWhereItHasNone)
{
    const auto kindOf = [](const auto& action) {
        try {
            action();
        } catch (const Error& error) {
            return error.failure().kind;
        }
        ADD_FAILURE() << "nothing was thrown";
        return FailureKind::Failed;
    };
    EXPECT_EQ(Failure{}.kind, FailureKind::Failed);
    const Result<int> bad = Failure{"No run.", "", FailureKind::NotFound};
    EXPECT_EQ(kindOf([&] { (void)bad.value(); }), FailureKind::NotFound);
    EXPECT_EQ(kindOf([&] { (void)orThrow(bad, FailureKind::BadData); }), FailureKind::NotFound);
    EXPECT_EQ(kindOf([&] { orThrow(Result<void>(bad.failure()), FailureKind::BadData); }), FailureKind::NotFound);
    EXPECT_EQ(kindOf([] {
                  (void)orThrow(Result<int>(Failure{"No.", ""}), FailureKind::BadData);
              }),
              FailureKind::BadData);
    EXPECT_EQ(kindOf([] { orThrow(Result<void>(Failure{"No.", ""}), FailureKind::Usage); }), FailureKind::Usage);
    EXPECT_EQ(orThrow(Result<int>(3), FailureKind::Usage), 3);
    EXPECT_EQ(exitCodeOf(FailureKind::Failed), ExitCode::Failed);
    EXPECT_EQ(exitCodeOf(FailureKind::Usage), ExitCode::Usage);
    EXPECT_EQ(exitCodeOf(FailureKind::NotFound), ExitCode::NotFound);
    EXPECT_EQ(exitCodeOf(FailureKind::BadModel), ExitCode::BadModel);
    EXPECT_EQ(exitCodeOf(FailureKind::BadData), ExitCode::BadData);
    EXPECT_EQ(exitCodeOf(FailureKind::NotFinite), ExitCode::NotFinite);
}

TEST(Files, AreReplacedAtomicallyAndReadBack)
{
    const test::TemporaryFolder folder;
    const auto path = folder / "file.txt";
    ASSERT_TRUE(writeFileAtomically(path, "one"));
    const auto before = MappedFile::open(path).value();
    ASSERT_TRUE(writeFileAtomically(path, std::string_view("two\0three", 9)));
    EXPECT_EQ(before->text(), "one") << "whoever reads the old file goes on reading it";
    EXPECT_EQ(readTextFile(path).value(), std::string("two\0three", 9));
    EXPECT_EQ(MappedFile::open(path).value()->text(), std::string_view("two\0three", 9));
    std::filesystem::remove(path);
    EXPECT_TRUE(std::filesystem::is_empty(folder.path())) << "nothing is left beside it";
    const auto missing = MappedFile::open(path);
    ASSERT_FALSE(missing);
    EXPECT_NE(missing.failure().what.find("No such file"), std::string::npos);
}

} // namespace
} // namespace dskd
