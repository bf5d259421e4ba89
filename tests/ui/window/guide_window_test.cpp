#include "ui/window/guide_window.h"

#include "tests/support/paths.h"
#include "tests/support/temporary_folder.h"

#include <QLineEdit>
#include <QListWidget>
#include <QTest>
#include <QTextBlock>
#include <fstream>
#include <gmock/gmock.h>

namespace dskd::ui
{
namespace
{

GuideBrowser& browserOf(GuideWindow& window)
{
    return *window.findChild<GuideBrowser*>("guideBrowser");
}

// The guide is read in the background.
bool waitForPages(GuideWindow& window)
{
    const auto* list = window.findChild<QListWidget*>("guidePages");
    return QTest::qWaitFor([list] { return list->count() > 0; }, 10'000);
}

QStringList picturesIn(const QTextDocument& document)
{
    QStringList names;
    for (QTextBlock block = document.begin(); block.isValid(); block = block.next()) {
        for (auto part = block.begin(); !part.atEnd(); ++part) {
            if (const QTextCharFormat format = part.fragment().charFormat(); format.isImageFormat()) {
                names += format.toImageFormat().name();
            }
        }
    }
    return names;
}

TEST(Guide, ContentsAreTheLinksOfItsReadmeEachOnceWithoutPictures)
{
    const test::TemporaryFolder folder;
    std::ofstream(folder / "README.md") << "[One](one.md) ![picture](one.md) [Two](two.md), [one again](one.md), "
                                           "[elsewhere](https://example.org/a.md)\n";
    const std::vector<GuidePage> pages = guidePages(folder / "");
    ASSERT_EQ(pages.size(), 2U);
    EXPECT_EQ(pages[0].title, "One");
    EXPECT_EQ(pages[0].file, "one.md");
    EXPECT_EQ(pages[1].file, "two.md");
    EXPECT_TRUE(guidePages(folder / "nowhere").empty());
}

TEST(Guide, IsFoundInTheSourceTree)
{
    const auto guide = findGuide();
    ASSERT_TRUE(guide) << guide.failure().text();
    EXPECT_TRUE(std::filesystem::equivalent(*guide, test::sourceDir() + "/resources/guide")) << *guide;
}

TEST(Guide, TurnsItsPagesWithoutAFile)
{
    QImage picture(40, 30, QImage::Format_RGB32);
    picture.fill(Qt::red);
    GuideBrowser browser;
    browser.resize(400, 300);
    browser.setContents({"/nowhere",
                         {},
                         {{"/nowhere/a.md", "# First\n\n[on](b.md)"}, {"/nowhere/b.md", "Second ![](pictures/p.png)"}},
                         {{"/nowhere/pictures/p.png", picture}}});
    browser.setSource(QUrl::fromLocalFile("/nowhere/a.md"), QTextDocument::MarkdownResource);
    EXPECT_THAT(browser.toPlainText().toStdString(), testing::StartsWith("First"));
    browser.setSource(browser.source().resolved(QUrl("b.md")), QTextDocument::MarkdownResource); // as a click does
    EXPECT_THAT(browser.toPlainText().toStdString(), testing::StartsWith("Second"));
    EXPECT_EQ(browser.loadResource(QTextDocument::ImageResource, QUrl("pictures/p.png")).value<QImage>().width(), 40);
    EXPECT_FALSE(browser.loadResource(QTextDocument::ImageResource, QUrl("pictures/none.png")).isValid());
}

TEST(Guide, ShowsEveryPageWithItsPictures)
{
    GuideWindow window(nullptr);
    window.show();
    auto& list = *window.findChild<QListWidget*>("guidePages");
    EXPECT_EQ(list.count(), 0) << "read on the thread of the window";
    ASSERT_TRUE(waitForPages(window));
    GuideBrowser& browser = browserOf(window);
    ASSERT_GT(list.count(), 5);
    int pictures = 0;
    for (int row = 0; row < list.count(); ++row) {
        list.setCurrentRow(row);
        const std::string title = list.item(row)->text().toStdString();
        EXPECT_GT(browser.toPlainText().size(), 200) << title;
        EXPECT_FALSE(browser.toPlainText().contains("](")) << title << " is shown as it is written";
        for (const QString& name : picturesIn(*browser.document())) {
            ++pictures;
            const auto picture = browser.loadResource(QTextDocument::ImageResource, QUrl(name)).value<QImage>();
            EXPECT_FALSE(picture.isNull()) << name.toStdString();
            EXPECT_LE(picture.width() / picture.devicePixelRatio(), browser.viewport()->width()) << name.toStdString();
        }
    }
    EXPECT_GT(pictures, 3);
}

TEST(Guide, FollowsALinkAndGoesBack)
{
    GuideWindow window(nullptr);
    window.show();
    ASSERT_TRUE(waitForPages(window));
    auto& list = *window.findChild<QListWidget*>("guidePages");
    GuideBrowser& browser = browserOf(window);
    const QString first = browser.source().fileName();
    window.open("troubleshooting.md");
    EXPECT_EQ(browser.source().fileName(), "troubleshooting.md");
    EXPECT_EQ(list.currentItem()->data(Qt::UserRole).toString(), "troubleshooting.md");
    browser.backward();
    EXPECT_EQ(browser.source().fileName(), first);
    EXPECT_EQ(list.currentRow(), 0);
    window.open("not-there.md");
    EXPECT_EQ(browser.source().fileName(), first);
}

TEST(Guide, FindsTextFromTheTopAgainBehindTheLastPlace)
{
    GuideWindow window(nullptr);
    window.open("troubleshooting.md"); // before it is read
    ASSERT_TRUE(waitForPages(window));
    ASSERT_EQ(browserOf(window).source().fileName(), "troubleshooting.md");
    auto& find = *window.findChild<QLineEdit*>("guideFind");
    find.setText("exit code");
    QTest::keyClick(&find, Qt::Key_Return);
    const int first = browserOf(window).textCursor().position();
    EXPECT_TRUE(browserOf(window).textCursor().hasSelection());
    for (int press = 0; press < 200 && (press == 0 || browserOf(window).textCursor().position() != first); ++press) {
        QTest::keyClick(&find, Qt::Key_Return);
    }
    EXPECT_EQ(browserOf(window).textCursor().position(), first);
}

TEST(Guide, OpensOneWindowHoweverOftenItIsAskedFor)
{
    QWidget parent;
    showGuide(parent);
    showGuide(parent);
    EXPECT_EQ(parent.findChildren<GuideWindow*>().size(), 1);
    EXPECT_TRUE(parent.findChild<GuideWindow*>()->isVisible());
}

} // namespace
} // namespace dskd::ui
