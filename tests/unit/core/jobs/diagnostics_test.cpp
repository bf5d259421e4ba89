#include "core/jobs/diagnostics.h"

#include "core/base/exit_codes.h"
#include "core/base/version.h"
#include "core/store/run_writer.h"
#include "tests/support/environment.h"
#include "tests/support/job_fixture.h"

#include <filesystem>
#include <fstream>

namespace dskd::jobs
{
namespace
{

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class RunDiagnostics : public test::JobTest
{
protected:
    // Of an attempt that failed with these words.
    void fail(const std::string& id, const std::string& what, const std::string& hint) const
    {
        auto writer = store::RunWriter::open(layout(id)).value();
        writer->beginAttempt(std::nullopt).value();
        writer->setInfo("device", "CPU, float32").value();
        writer->setInfo("libtorch", "2.1").value();
        writer->setInfo("version", "0.1.0").value();
        writer->addEvent(7, store::kFailedEvent, what, hint);
        writer->endAttempt(toInt(ExitCode::Failed), what).value();
    }
};

TEST_F(RunDiagnostics, HaveWhatAReportOfAProblemNeeds)
{
    const std::string id = newRun("mine");
    std::ofstream(layout(id).log()) << "first line\nthe last words\n";
    fail(id, "The disk is full.", "Make room.");
    const Diagnostics found = diagnose(layout(id)).value();
    EXPECT_EQ(found.runId, id);
    EXPECT_EQ(found.status, "failed");
    EXPECT_EQ(found.what, "The disk is full.");
    EXPECT_EQ(found.hint, "Make room.");
    EXPECT_EQ(found.log, "first line\nthe last words");
    EXPECT_EQ(found.program, kVersion);
    EXPECT_EQ(found.facts.at("code.version"), "0.1.0, LibTorch 2.1");
    EXPECT_EQ(found.facts.at("device"), "CPU, float32");
    const std::string text = toText(found);
    EXPECT_THAT(text, AllOf(HasSubstr("Run " + id + "\nStatus: failed\n"), HasSubstr("\nMake room.\n"),
                            HasSubstr("\n  first line\n  the last words\n"), HasSubstr("device: CPU, float32\n"),
                            HasSubstr("\"seed\"")));
    const std::size_t first = text.find("The disk is full.");
    ASSERT_NE(first, std::string::npos);
    EXPECT_EQ(text.find("The disk is full.", first + 1), std::string::npos) << "once";
    EXPECT_EQ(text.back(), '\n');
}

TEST_F(RunDiagnostics, SayNothingOfWhereFilesLie)
{
    config::Experiment where = experiment("mine");
    where.student.model = "/home/ada/models/student";
    where.teacher.model = "/home/ada/models/student-large"; // begins like the other
    where.data.train = "/home/ada/data/train.jsonl";
    const std::string id = createRun(workspace, where).value();
    const std::string root = workspace.layout().root.string();
    std::ofstream(layout(id).log()) << "reads /home/ada/data/train.jsonl\nwrites " << root << "/runs/x\n";
    fail(id, "/home/ada/models/student-large is no model.", "Look at /home/ada/models/student.");
    const Diagnostics found = diagnose(layout(id)).value();
    EXPECT_EQ(found.what, "…/student-large is no model.");
    EXPECT_EQ(found.hint, "Look at …/student.");
    EXPECT_EQ(found.log, "reads …/train.jsonl\nwrites WORKSPACE/runs/x");
    EXPECT_THAT(toText(found), AllOf(HasSubstr("\"…/student-large\""), HasSubstr("\"…/train.jsonl\""),
                                     Not(HasSubstr("/home/ada")), Not(HasSubstr(root))));
}

TEST_F(RunDiagnostics, NameTheHomeFolderAndThatOfTheWorkerByWords)
{
    const std::string worker = test::program("fake_worker");
    const test::EnvironmentVariable home("HOME", "/people/ada/");
    const test::EnvironmentVariable program("DSKD_WORKER", worker);
    const std::string id = newRun("mine");
    std::ofstream(layout(id).log())
        << worker << ": reads /people/ada/.cache/x\n"
        << "in /people/ada, not in /people/adam/x, /people/ada-2 or /elsewhere/people/ada\n";
    EXPECT_EQ(diagnose(layout(id))->log, "PROGRAMS/fake_worker: reads ~/.cache/x\n"
                                         "in ~, not in /people/adam/x, /people/ada-2 or /elsewhere/people/ada");
    EXPECT_THAT(toText(*diagnose(layout(id))), HasSubstr("worker.log; look through them"));
}

TEST_F(RunDiagnostics, LeaveEveryOtherPathWhereTheHomeFolderIsTheRoot)
{
    for (const char* root : {"/", "", "//"}) {
        const test::EnvironmentVariable home("HOME", root);
        const std::string id = newRun("mine");
        std::ofstream(layout(id).log()) << "reads /elsewhere/x\n";
        EXPECT_EQ(diagnose(layout(id))->log, "reads /elsewhere/x") << root;
    }
}

TEST_F(RunDiagnostics, OfARunThatNeverStartedAndOfOneThatIsGone)
{
    const std::string id = newRun("mine");
    const Diagnostics found = diagnose(layout(id)).value();
    EXPECT_EQ(found.status, "created");
    EXPECT_TRUE(found.what.empty());
    EXPECT_THAT(toText(found), HasSubstr("worker.log is empty."));
    std::filesystem::remove_all(layout(id).root);
    EXPECT_FALSE(diagnose(layout(id)));
}

} // namespace
} // namespace dskd::jobs
