// How a report is read: units, counts, what it leaves out, and by those who hear it.

#include "app/report/render.h"
#include "tests/support/sample_workspace.h"
#include "tests/support/temporary_folder.h"

#include <gmock/gmock.h>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace dskd::report
{
namespace
{

using testing::HasSubstr;
using testing::Not;

class ReportReading : public testing::Test
{
protected:
    ReportData load() { return loadReport(workspace, test::fillSampleWorkspace(workspace), "Demo").value(); }

    test::TemporaryFolder folder;
    store::WorkspaceDb workspace = store::WorkspaceDb::create(folder / "w").value();
};

TEST_F(ReportReading, ReadsSharesInPerCentAndKeepsThemAsRecorded)
{
    const ReportData data = load();
    const auto json = nlohmann::json::parse(pageData(data));
    std::map<std::string, std::pair<std::string, double>> shown;
    for (const auto& section : json["sections"]) {
        for (const auto& metric : section["metrics"]) {
            shown[metric["name"].get<std::string>()] = {metric["unit"].get<std::string>(),
                                                        metric["factor"].get<double>()};
        }
    }
    EXPECT_EQ(shown["validation.rouge_l"], std::pair(std::string("%"), 100.0));
    EXPECT_EQ(shown["validation.loss"], std::pair(std::string("nats"), 1.0));
    EXPECT_LT(json["groups"][0]["curves"]["validation.rouge_l"]["y"][0].get<double>(), 1.0);
    const std::string page = renderPage(data);
    EXPECT_THAT(page, HasSubstr("ROUGE-L (best), %</th>"));
    EXPECT_THAT(page, HasSubstr("<small>31.0 %</small>")) << "of an answer";
}

TEST_F(ReportReading, NamesRowsAndColumnsForThoseWhoHearIt)
{
    const std::string page = renderPage(load());
    EXPECT_THAT(page, HasSubstr("<caption>Runs that differ in nothing but the seed, a row each</caption>"));
    EXPECT_THAT(page, HasSubstr("<th scope=\"row\" class=\"label\">"));
    EXPECT_THAT(page, Not(HasSubstr("<th>")));
    EXPECT_THAT(page, HasSubstr("role=\"img\" aria-label=\"Attention weights"));
}

// Its values say of how many seeds they are where that is not what the row says.
TEST_F(ReportReading, SaysOfHowManySeedsAValueIs)
{
    ReportData data = load();
    ASSERT_EQ(data.table.rows[0].seedsCounted.size(), 3U);
    EXPECT_THAT(renderPage(data), Not(HasSubstr("(n=")));
    data.table.rows[0].cells[0].value->count = 2;
    EXPECT_THAT(renderPage(data), HasSubstr("(n=2)"));
}

TEST_F(ReportReading, StaysBelowFiveMegabytesWithAHundredRuns)
{
    std::vector<std::string> ids;
    while (ids.size() < 100) {
        const auto more = test::fillSampleWorkspace(workspace);
        ids.insert(ids.end(), more.begin(), more.end());
    }
    const ReportData data = loadReport(workspace, ids, "").value();
    EXPECT_EQ(data.runs.size(), ids.size());
    EXPECT_LT(renderPage(data).size(), 5'000'000U);
}

TEST_F(ReportReading, SaysWhichMapsItHasNoRoomFor)
{
    ReportLimits limits;
    limits.cells = 1;
    const auto ids = test::fillSampleWorkspace(workspace);
    EXPECT_THAT(renderPage(loadReport(workspace, ids, "", limits).value()),
                HasSubstr("The attention maps of 2 runs are left out"));
}

} // namespace
} // namespace dskd::report
