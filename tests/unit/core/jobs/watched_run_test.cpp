// What watchdogs find in a run as it lies in a workspace.

#include "core/base/exit_codes.h"
#include "core/jobs/run_folder.h"
#include "core/jobs/watchdogs.h"
#include "core/store/run_writer.h"
#include "tests/support/sample_workspace.h"
#include "tests/support/temporary_folder.h"

#include <cmath>
#include <gmock/gmock.h>
#include <optional>
#include <string>

namespace dskd::jobs
{
namespace
{

using testing::HasSubstr;
using testing::IsEmpty;

TEST(WatchedRun, FindsNothingInTheSampleRunsButTheNaNThatIsInOne)
{
    const test::TemporaryFolder folder;
    auto workspace = store::WorkspaceDb::create(folder / "w").value();
    int withNaN = 0;
    for (const std::string& id : test::fillSampleWorkspace(workspace)) {
        const auto findings = watchRun(workspace.layout().run(id)).value();
        if (findings.empty()) {
            continue;
        }
        ++withNaN;
        ASSERT_EQ(findings.size(), 1u) << id;
        EXPECT_EQ(findings.front().signature, "not_finite");
        EXPECT_EQ(findings.front().metric, "grad_norm");
        EXPECT_EQ(findings.front().step, 150);
    }
    EXPECT_EQ(withNaN, 1);
}

TEST(WatchedRun, ReadsThePointThatEndedIt)
{
    const test::TemporaryFolder folder;
    auto workspace = store::WorkspaceDb::create(folder / "w").value();
    config::Experiment experiment;
    experiment.student.model = "/s";
    experiment.teacher.model = "/t";
    experiment.data.train = "/d.jsonl";
    const std::string id = createRun(workspace, experiment).value();
    EXPECT_THAT(watchRun(workspace.layout().run(id)).value(), IsEmpty()) << "never started";
    {
        auto writer = store::RunWriter::open(workspace.layout().run(id)).value();
        ASSERT_TRUE(writer->beginAttempt(std::nullopt));
        writer->addMetrics(1, 10, {{"loss", 3.0}, {"t2s_kd_loss", 1.0}});
        writer->addMetrics(2, 20, {{"loss", std::nan("")}, {"t2s_kd_loss", std::nan("")}});
        writer->addEvent(2, store::kFailedEvent, "Training stopped at step 2: t2s_kd_loss became NaN.");
        ASSERT_TRUE(writer->endAttempt(toInt(ExitCode::NotFinite), "NaN"));
    }
    const auto findings = watchRun(workspace.layout().run(id)).value();
    ASSERT_EQ(findings.size(), 1u);
    EXPECT_EQ(findings.front().metric, "t2s_kd_loss");
    EXPECT_EQ(findings.front().step, 2);
    EXPECT_FALSE(watchRun(RunLayout{folder / "none"}));
}

TEST(WatchedRun, CountsSamplesThatWereLeftOutOnceHoweverOftenItWasResumed)
{
    const test::TemporaryFolder folder;
    auto workspace = store::WorkspaceDb::create(folder / "w").value();
    config::Experiment experiment;
    experiment.student.model = "/s";
    experiment.teacher.model = "/t";
    experiment.data.train = "/d.jsonl";
    const std::string id = createRun(workspace, experiment).value();
    const auto attempt = [&](const std::string& leftOut) {
        auto writer = store::RunWriter::open(workspace.layout().run(id)).value();
        ASSERT_TRUE(writer->beginAttempt(std::nullopt));
        writer->addEvent(0, store::kWarningEvent,
                         "/d.jsonl: " + leftOut +
                             " samples were left out because no response token remains within data.max_length tokens.");
        writer->addEvent(0, "data", "1000 training and 0 validation samples.");
        ASSERT_TRUE(writer->endAttempt(toInt(ExitCode::Stopped), "Stopped."));
    };
    for (int time = 0; time < 4; ++time) {
        attempt("9");
    }
    EXPECT_THAT(watchRun(workspace.layout().run(id)).value(), IsEmpty()) << "9 of 1009, four times the same";
    attempt("40");
    const auto findings = watchRun(workspace.layout().run(id)).value();
    ASSERT_EQ(findings.size(), 1u);
    EXPECT_THAT(findings.front().seen, HasSubstr("40 samples"));
}

} // namespace
} // namespace dskd::jobs
