#include "core/store/schema.h"

#include "core/store/run_reader.h"
#include "core/store/run_writer.h"
#include "core/store/workspace_db.h"
#include "tests/support/temporary_folder.h"

#include <gmock/gmock.h>

namespace dskd::store
{
namespace
{

using testing::HasSubstr;

constexpr std::string_view kSteps[] = {
    "CREATE TABLE t(a INTEGER); INSERT INTO t VALUES(1);",
    "ALTER TABLE t ADD COLUMN b INTEGER NOT NULL DEFAULT 5;",
    "UPDATE t SET a = a + 10;",
};
const Schema kOld{"thing", std::span(kSteps).first(1)};
const Schema kNew{"thing", kSteps};

TEST(Schema, TakesAnOldDatabaseThroughEveryStepOnce)
{
    const test::TemporaryFolder folder;
    const Database database(folder / "t.db", Database::Access::Create);
    ASSERT_TRUE(migrate(database, kOld, "t.db"));
    ASSERT_TRUE(migrate(database, kNew, "t.db"));
    ASSERT_TRUE(migrate(database, kNew, "t.db"));
    Statement row = database.prepare("SELECT a, b FROM t");
    ASSERT_TRUE(row.step());
    EXPECT_EQ(row.integer(0), 11);
    EXPECT_EQ(row.integer(1), 5);
    EXPECT_FALSE(row.step());
    EXPECT_EQ(database.pragma("user_version"), 3);
}

TEST(Schema, LeavesTheDatabaseAsItWasWhenAStepFails)
{
    constexpr std::string_view kBroken[] = {kSteps[0], kSteps[1], "CREATE TABLE t(again)"};
    const test::TemporaryFolder folder;
    const Database database(folder / "t.db", Database::Access::Create);
    ASSERT_TRUE(migrate(database, kOld, "t.db"));
    EXPECT_THROW((void)migrate(database, Schema{"thing", kBroken}, "t.db"), Error);
    EXPECT_EQ(database.pragma("user_version"), 1);
    EXPECT_THROW((void)database.prepare("SELECT b FROM t"), Error);
    EXPECT_TRUE(migrate(database, kNew, "t.db"));
}

TEST(Schema, RefusesADatabaseOfANewerProgramWithASentence)
{
    const test::TemporaryFolder folder;
    const RunLayout run{folder.path()};
    Database(run.database(), Database::Access::Create).execute("PRAGMA user_version = 99");
    const auto writer = RunWriter::open(run);
    ASSERT_FALSE(writer);
    EXPECT_THAT(writer.failure().text(), HasSubstr("was written by a newer version of the program"));
    const auto reader = RunReader::open(run);
    ASSERT_FALSE(reader);
    EXPECT_THAT(reader.failure().text(), HasSubstr("99"));

    Database(WorkspaceLayout{folder.path()}.database(), Database::Access::Create).execute("PRAGMA user_version = 99");
    const auto workspace = WorkspaceDb::open(folder.path());
    ASSERT_FALSE(workspace);
    EXPECT_THAT(workspace.failure().text(), HasSubstr("newer version"));
}

TEST(Database, SaysWhatIsWrongWithADamagedFile)
{
    const test::TemporaryFolder folder;
    const RunLayout run{folder.path()};
    std::FILE* file = std::fopen(run.database().c_str(), "w");
    std::fputs("This is not a database, however long it may be. It is only a text.", file);
    std::fclose(file);
    const auto reader = RunReader::open(run);
    ASSERT_FALSE(reader);
    EXPECT_THAT(reader.failure().what, HasSubstr(run.database().string()));
    EXPECT_THAT(reader.failure().what, HasSubstr("not a database"));
    EXPECT_FALSE(RunWriter::open(run));
    EXPECT_FALSE(RunWriter::open(RunLayout{folder / "missing"}));
}

} // namespace
} // namespace dskd::store
