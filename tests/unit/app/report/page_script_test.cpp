// The script of report.html, run by node with a stub of a browser: tests/report_page/page_test.cjs.

#include "app/report/report.h"
#include "core/base/atomic_file.h"
#include "core/base/regular_file.h"
#include "core/jobs/worker_probe.h"
#include "tests/support/paths.h"
#include "tests/support/sample_workspace.h"
#include "tests/support/temporary_folder.h"

#include <gmock/gmock.h>

namespace dskd::report
{
namespace
{

using testing::HasSubstr;

class PageScript : public testing::Test
{
protected:
    void write(const std::string& hostile)
    {
        auto workspace = store::WorkspaceDb::create(folder / "w").value();
        const auto ids = test::fillSampleWorkspace(workspace, hostile);
        (void)writeReport(workspace, ids, "Demo", page).value();
    }
    Result<std::string> use() const
    {
        return jobs::outputOf("/usr/bin/env",
                              {"node", test::sourceDir() + "/tests/report_page/page_test.cjs", page.string()},
                              std::chrono::seconds(60));
    }

    test::TemporaryFolder folder;
    std::filesystem::path page = folder / "report.html";
};

TEST_F(PageScript, DrawsTheSampleWorkspaceAndAnswersAPerson)
{
    write("");
    const auto used = use();
    ASSERT_TRUE(used) << used.failure().text() << "\nIt needs node (packaging/packages.txt).";
    EXPECT_THAT(*used, testing::MatchesRegex("[1-9][0-9]* checks passed\n"));
}

TEST_F(PageScript, DrawsRunsWhoseNamesAreMarkup)
{
    write("</script><img onerror=x>&amp;");
    const auto used = use();
    ASSERT_TRUE(used) << used.failure().text();
}

TEST_F(PageScript, FailsWhereAChartIsMissing)
{
    write("");
    std::string text = readTextFile(page).value();
    const std::string draws = "charts.forEach(draw);";
    ASSERT_NE(text.find(draws), std::string::npos);
    text.replace(text.find(draws), draws.size(), "");
    writeFileAtomically(page, text).value();
    const auto used = use();
    ASSERT_FALSE(used) << *used;
    EXPECT_THAT(used.failure().hint, HasSubstr("a chart has one line per configuration"));
}

} // namespace
} // namespace dskd::report
