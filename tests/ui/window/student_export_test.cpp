#include "ui/window/student_export.h"

#include "core/base/atomic_file.h"
#include "core/base/regular_file.h"
#include "core/config/schema/experiment.h"
#include "core/jobs/run_folder.h"
#include "core/store/workspace_db.h"
#include "tests/support/sample_checkpoint.h"
#include "tests/support/temporary_folder.h"
#include "ui/window/export_dialog.h"

#include <QDir>
#include <QLabel>
#include <QLineEdit>
#include <QMessageBox>
#include <QPointer>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>
#include <QTimer>
#include <QWidget>
#include <gmock/gmock.h>

namespace dskd::ui
{
namespace
{

namespace fs = std::filesystem;
using testing::HasSubstr;

class StudentExportTest : public testing::Test
{
protected:
    StudentExportTest()
    {
        auto workspace = store::WorkspaceDb::create(m_folder / "w").value();
        config::Experiment experiment;
        experiment.student.model = "/no/student";
        experiment.teacher.model = "/no/teacher";
        experiment.data.train = "/no/train.jsonl";
        m_run = workspace.layout().run(jobs::createRun(workspace, experiment).value());
    }
    ~StudentExportTest() override { qunsetenv("DSKD_WORKER"); }

    void begin()
    {
        make();
        m_job->exportTo(QString::fromStdString(m_target.string()));
    }
    // The dialog that asks where to, in the folder of the test.
    ExportDialog* ask()
    {
        make();
        m_job->askForFolder();
        auto* dialog = m_window->findChild<ExportDialog*>();
        EXPECT_NE(dialog, nullptr);
        type("exportParent", QString::fromStdString(m_folder.path().string()));
        return dialog;
    }
    void type(const char* line, const QString& text)
    {
        auto* editor = m_window->findChild<QLineEdit*>(QLatin1String(line));
        ASSERT_NE(editor, nullptr) << line;
        editor->clear();
        QTest::keyClicks(editor, text);
    }
    void make()
    {
        m_job = new StudentExport(m_run, m_window.get());
        QObject::connect(m_job, &StudentExport::finished, [this](bool done, const QString& what, const QString& hint) {
            m_outcome = {done, what.toStdString(), hint.toStdString()};
        });
    }
    bool waitForTheEnd()
    {
        return QTest::qWaitFor([this] { return m_job.isNull(); }, 20'000);
    }
    QMessageBox* question()
    {
        QMessageBox* box = nullptr;
        EXPECT_TRUE(QTest::qWaitFor([&] {
            box = m_window->findChild<QMessageBox*>("confirmOverwrite");
            return box != nullptr;
        }));
        return box;
    }
    // A worker whose merging lasts until the file "go" is there.
    void useAPatientWorker()
    {
        const fs::path script = m_folder / "worker";
        writeFileAtomically(script, "#!/bin/sh\nwhile [ ! -e '" + (m_folder / "go").string() +
                                        "' ]; do sleep 0.02; done\necho merged >\"$3/model.safetensors\"\n")
            .value();
        fs::permissions(script, fs::perms::owner_all);
        qputenv("DSKD_WORKER", script.c_str());
    }

    struct Outcome {
        bool done = false;
        std::string what;
        std::string hint;
    };

    test::TemporaryFolder m_folder;
    RunLayout m_run;
    fs::path m_target = m_folder / "student";
    std::unique_ptr<QWidget> m_window = std::make_unique<QWidget>();
    QPointer<StudentExport> m_job;
    std::optional<Outcome> m_outcome;
};

TEST_F(StudentExportTest, WritesTheStudentAndSaysWhereItIs)
{
    test::writeSampleCheckpoint(m_run, 40);
    begin();
    ASSERT_TRUE(waitForTheEnd());
    ASSERT_TRUE(m_outcome && m_outcome->done) << (m_outcome ? m_outcome->what : "");
    EXPECT_THAT(m_outcome->what, HasSubstr(m_target.string()));
    EXPECT_EQ(readTextFile(m_target / "model.safetensors").value(), test::sampleWeights(40));
}

TEST_F(StudentExportTest, ANewFolderIsNamedByTypingIt)
{
    test::writeSampleCheckpoint(m_run, 40);
    ExportDialog* dialog = ask();
    ASSERT_NE(dialog, nullptr);
    EXPECT_EQ(dialog->findChild<QLineEdit*>("exportName")->text().toStdString(), m_run.root.filename().string())
        << "a name to begin with";
    type("exportName", "students/first");
    EXPECT_EQ(dialog->folder().toStdString(), (m_folder / "students" / "first").string());
    EXPECT_THAT(dialog->findChild<QLabel*>("exportFolder")->text().toStdString(),
                HasSubstr((m_folder / "students" / "first").string()));
    QTest::mouseClick(dialog->findChild<QPushButton*>("exportButton"), Qt::LeftButton);
    ASSERT_TRUE(waitForTheEnd());
    ASSERT_TRUE(m_outcome && m_outcome->done) << (m_outcome ? m_outcome->what : "");
    EXPECT_EQ(readTextFile(m_folder / "students" / "first" / "model.safetensors").value(), test::sampleWeights(40));
}

TEST_F(StudentExportTest, AFolderNeedsANameAndTheButtonComesBackWithOne)
{
    ExportDialog* dialog = ask();
    ASSERT_NE(dialog, nullptr);
    const auto* button = dialog->findChild<QPushButton*>("exportButton");
    type("exportName", " ");
    EXPECT_FALSE(button->isEnabled());
    EXPECT_TRUE(dialog->folder().isEmpty());
    type("exportName", "x");
    EXPECT_TRUE(button->isEnabled());
    type("exportName", "/elsewhere/x/");
    EXPECT_EQ(dialog->folder(), QStringLiteral("/elsewhere/x")) << "a whole path is taken as it is";
    type("exportName", "~/x");
    EXPECT_EQ(dialog->folder(), QDir::homePath() + "/x");
    dialog->reject();
    EXPECT_TRUE(waitForTheEnd());
    EXPECT_FALSE(m_outcome) << "nothing was asked for in the end";
}

TEST_F(StudentExportTest, SaysThatARunHasNoCheckpointYet)
{
    begin();
    ASSERT_TRUE(waitForTheEnd());
    ASSERT_TRUE(m_outcome);
    EXPECT_FALSE(m_outcome->done);
    EXPECT_THAT(m_outcome->what, HasSubstr("has no finished checkpoint yet"));
    EXPECT_FALSE(fs::exists(m_target));
}

TEST_F(StudentExportTest, LeavesAFolderAloneThatThePersonDoesNotWantOverwritten)
{
    test::writeSampleCheckpoint(m_run, 40);
    fs::create_directories(m_target);
    writeFileAtomically(m_target / "config.json", "mine").value();
    writeFileAtomically(m_target / "model.safetensors", "mine").value();
    begin();
    auto* box = question();
    ASSERT_NE(box, nullptr);
    EXPECT_THAT(box->text().toStdString(), HasSubstr(m_target.string()));
    EXPECT_EQ(box->defaultButton(), box->button(QMessageBox::Cancel)) << "Enter must not overwrite";
    box->button(QMessageBox::Cancel)->click();
    ASSERT_TRUE(waitForTheEnd());
    EXPECT_FALSE(m_outcome) << "nothing was asked for in the end";
    EXPECT_EQ(readTextFile(m_target / "config.json").value(), "mine");
    EXPECT_EQ(readTextFile(m_target / "model.safetensors").value(), "mine");
}

TEST_F(StudentExportTest, DoesNotAskToOverwriteWhatIsNoModel)
{
    test::writeSampleCheckpoint(m_run, 40);
    fs::create_directories(m_target);
    writeFileAtomically(m_target / "notes.txt", "mine").value();
    begin();
    ASSERT_TRUE(waitForTheEnd());
    ASSERT_TRUE(m_outcome);
    EXPECT_FALSE(m_outcome->done);
    EXPECT_THAT(m_outcome->what, HasSubstr("holds other things than a model"));
    EXPECT_THAT(m_outcome->hint, HasSubstr("Choose another folder"));
}

TEST_F(StudentExportTest, OverwritesWhenThePersonAgreesAndKeepsOtherFiles)
{
    test::writeSampleCheckpoint(m_run, 40);
    fs::create_directories(m_target);
    writeFileAtomically(m_target / "config.json", "mine").value();
    writeFileAtomically(m_target / "model.safetensors", "mine").value();
    writeFileAtomically(m_target / "notes.txt", "mine").value();
    begin();
    auto* box = question();
    ASSERT_NE(box, nullptr);
    for (auto* button : box->buttons()) {
        if (box->buttonRole(button) == QMessageBox::DestructiveRole) {
            button->click();
        }
    }
    ASSERT_TRUE(waitForTheEnd());
    ASSERT_TRUE(m_outcome && m_outcome->done) << (m_outcome ? m_outcome->what : "");
    EXPECT_EQ(readTextFile(m_target / "config.json").value(), test::kSampleModelConfig);
    EXPECT_EQ(readTextFile(m_target / "notes.txt").value(), "mine");
}

TEST_F(StudentExportTest, LeavesTheEventLoopFreeWhileTheWorkerMerges)
{
    test::writeSampleAdapterCheckpoint(m_run, 40);
    useAPatientWorker();
    begin();
    QSignalSpy started(m_job, &StudentExport::started);
    ASSERT_TRUE(QTest::qWaitFor([&] { return !started.isEmpty(); }));
    int ticks = 0;
    QTimer clock;
    QObject::connect(&clock, &QTimer::timeout, [&] { ++ticks; });
    clock.start(5);
    EXPECT_TRUE(QTest::qWaitFor([&] { return ticks >= 20; })) << "the worker waits for a file that only we can write";
    EXPECT_FALSE(m_outcome);
    writeFileAtomically(m_folder / "go", "").value();
    ASSERT_TRUE(waitForTheEnd());
    ASSERT_TRUE(m_outcome && m_outcome->done) << (m_outcome ? m_outcome->what : "");
    EXPECT_EQ(readTextFile(m_target / "model.safetensors").value(), "merged\n");
}

TEST_F(StudentExportTest, IsCancelledWhenTheWindowGoes)
{
    test::writeSampleAdapterCheckpoint(m_run, 40);
    useAPatientWorker(); // for a file that never comes
    begin();
    QSignalSpy started(m_job, &StudentExport::started);
    ASSERT_TRUE(QTest::qWaitFor([&] { return !started.isEmpty(); }));
    m_window.reset();
    EXPECT_TRUE(m_job.isNull());
    EXPECT_FALSE(fs::exists(m_target));
}

} // namespace
} // namespace dskd::ui
