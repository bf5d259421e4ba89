#pragma once

#include "ui/feed/background.h"
#include "ui/window/guide_folder.h"

#include <QTextBrowser>
#include <QWidget>

class QLineEdit;
class QListWidget;

namespace dskd::ui
{

// Shows one page of the guide, from memory. Pictures that are wider than the window are made smaller. GUI thread only.
class GuideBrowser final : public QTextBrowser
{
    Q_OBJECT
public:
    using QTextBrowser::QTextBrowser;
    void setContents(GuideContents contents) { m_contents = std::move(contents); }
    [[nodiscard]] const GuideContents& contents() const { return m_contents; }
    QVariant loadResource(int type, const QUrl& name) override;

private:
    GuideContents m_contents;
};

// The guide: its pages at the left, the chosen one beside them. Reads files only, so it works offline: all of them
// once, in the background, because an installation may lie on a slow disk or a network. GUI thread only.
class GuideWindow final : public QWidget
{
    Q_OBJECT
public:
    explicit GuideWindow(QWidget* parent);

    // A page by its file, "compare.md", as soon as it is read; nothing for one that is not there.
    void open(const QString& file);

private:
    void fill(GuideContents guide);
    void showInList(const QUrl& page);
    void find();

    QListWidget* m_pages;
    GuideBrowser* m_browser;
    QLineEdit* m_find;
    QString m_wanted; // the page to open when the guide is read; empty: the first
    Background m_background;
};

// Opens the guide as a window of `parent`, or brings it to the front.
void showGuide(QWidget& parent);

} // namespace dskd::ui
