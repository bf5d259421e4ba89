#include "core/cache/kept_teachers.h"
#include "tests/unit/app/cli/cli_fixture.h"

#include <algorithm>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <span>
#include <sys/file.h>
#include <unistd.h>

namespace dskd::cli
{
namespace
{

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class CacheCommand : public CliWithRuns
{
protected:
    void keep(const std::string& teacher) const
    {
        auto rows = cache::openTeacherRows(
            layout(), {.model = teacher, .adapter = "", .device = "CPU, 1 threads, float32", .files = {teacher}});
        ASSERT_TRUE(rows);
        const auto row = std::as_bytes(std::span(teacher));
        ASSERT_TRUE(rows->add(cache::rowKey(row), row));
    }
    [[nodiscard]] WorkspaceLayout layout() const { return {w}; }
    [[nodiscard]] std::vector<std::string> keys() const // in the order in which they are cleared
    {
        std::vector<std::string> sorted;
        for (const cache::KeptTeacher& kept : cache::keptTeachers(layout())) {
            sorted.push_back(kept.key);
        }
        std::sort(sorted.begin(), sorted.end());
        return sorted;
    }
};

TEST_F(CacheCommand, ClearsTheKeysThatAreNamedOrAll)
{
    keep("/models/a");
    keep("/models/b");
    keep("/models/c");
    const std::vector<std::string> all = keys();
    ASSERT_EQ(all.size(), 3U);
    EXPECT_EQ(run({"cache", "clear", all[0], "nothing", "-w", w}), toInt(ExitCode::NotFound));
    EXPECT_EQ(keys(), all) << "before anything is deleted";
    EXPECT_EQ(run({"cache", "clear", all[1], "-w", w, "--json"}), 0) << err.str();
    EXPECT_EQ(json()["cleared"], nlohmann::json::array({all[1]}));
    EXPECT_GT(json()["freed_bytes"].get<std::uint64_t>(), 0U);
    EXPECT_EQ(keys(), (std::vector<std::string>{all[0], all[2]}));
    EXPECT_EQ(run({"cache", "clear", "-w", w}), 0) << err.str();
    EXPECT_TRUE(keys().empty());
}

TEST_F(CacheCommand, SaysWhatWasFreedBeforeOneThatCannotBeDeleted)
{
    keep("/models/a");
    keep("/models/b");
    const std::vector<std::string> all = keys();
    ASSERT_EQ(all.size(), 2U);
    const auto hold = [this](const std::string& key) { // as a run that is writing
        const int rows = ::open((layout().teacherRows() / key / "rows.bin").c_str(), O_RDWR);
        EXPECT_EQ(::flock(rows, LOCK_EX), 0);
        return rows;
    };
    const int first = hold(all[0]);
    EXPECT_EQ(run({"cache", "clear", "-w", w}), toInt(ExitCode::Failed));
    EXPECT_THAT(err.str(), AllOf(HasSubstr("another process is writing"), Not(HasSubstr("freed"))));
    EXPECT_EQ(keys(), all);
    ::close(first);
    const int second = hold(all[1]);
    EXPECT_EQ(run({"cache", "clear", "-w", w}), toInt(ExitCode::Failed));
    EXPECT_THAT(err.str(), AllOf(HasSubstr("another process is writing"), HasSubstr("of other teachers were freed")));
    ::close(second);
    EXPECT_EQ(keys(), std::vector<std::string>{all[1]});
}

} // namespace
} // namespace dskd::cli
