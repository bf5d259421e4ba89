#include "ui/window/about_dialog.h"

#include "core/base/atomic_file.h"
#include "tests/support/temporary_folder.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QLabel>
#include <QPointer>
#include <QTest>
#include <gmock/gmock.h>

namespace dskd::ui
{
namespace
{

namespace fs = std::filesystem;

// A worker that is a shell script.
class AboutDialogTest : public testing::Test
{
protected:
    ~AboutDialogTest() override { qunsetenv("DSKD_WORKER"); }

    void open(const std::string& script)
    {
        const fs::path worker = m_folder / "worker";
        writeFileAtomically(worker, "#!/bin/sh\n" + script + "\n").value();
        fs::permissions(worker, fs::perms::owner_all);
        qputenv("DSKD_WORKER", QByteArray::fromStdString(worker.string()));
        m_window = std::make_unique<QWidget>();
        m_window->show();
        m_dialog = new AboutDialog(m_window.get());
        m_dialog->setAttribute(Qt::WA_DeleteOnClose);
        m_dialog->open();
    }
    QString text() const { return m_dialog->findChild<QLabel*>("aboutWorker")->text(); }

    test::TemporaryFolder m_folder;
    std::unique_ptr<QWidget> m_window;
    QPointer<AboutDialog> m_dialog;
};

TEST_F(AboutDialogTest, ShowsWhatTheWorkerSaysOfItself)
{
    open(R"(echo '{"version":"9.8","libtorch":"2.1","threads":3,"cuda":{"available":false,"reason":"no driver"}}')");
    ASSERT_TRUE(QTest::qWaitFor([this] { return text().contains("9.8"); }, 10'000)) << text().toStdString();
    EXPECT_EQ(text().toStdString(), "dskd-worker 9.8, LibTorch 2.1, 3 CPU threads\nNo GPU: no driver");
}

TEST_F(AboutDialogTest, SaysHowAWorkerEndedThatSaidNothing)
{
    open("exit 3");
    ASSERT_TRUE(QTest::qWaitFor([this] { return text().contains("code 3"); }, 10'000)) << text().toStdString();
}

// The answer came to a label that was deleted before the process.
TEST_F(AboutDialogTest, ClosesWhileTheWorkerIsAsked)
{
    open("echo $$ > \"$(dirname \"$0\")/pid\"; exec sleep 60");
    ASSERT_TRUE(QTest::qWaitFor([this] { return fs::exists(m_folder / "pid"); }, 10'000));
    QElapsedTimer took;
    took.start();
    QTest::keyClick(m_dialog, Qt::Key_Escape);
    ASSERT_TRUE(QTest::qWaitFor([this] { return m_dialog.isNull(); }, 10'000));
    EXPECT_LT(took.elapsed(), 5'000) << "the window waited for the worker";
    QTest::qWait(200); // the process ends, and nobody listens
}

TEST_F(AboutDialogTest, GoesWithItsWindowWhileTheWorkerIsAsked)
{
    open("exec sleep 60");
    m_window.reset();
    EXPECT_TRUE(m_dialog.isNull());
    QTest::qWait(200);
}

} // namespace
} // namespace dskd::ui
