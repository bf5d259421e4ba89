#pragma once

#include "ui/window/guide_folder.h"

#include <QTextBrowser>
#include <QWidget>

class QLineEdit;
class QListWidget;

namespace dskd::ui
{

// Shows one page of the guide. Pictures that are wider than the window are made smaller. GUI thread only.
class GuideBrowser final : public QTextBrowser
{
    Q_OBJECT
public:
    using QTextBrowser::QTextBrowser;
    QVariant loadResource(int type, const QUrl& name) override;
};

// The guide: its pages at the left, the chosen one beside them. Reads files only, so it works offline. GUI thread only.
class GuideWindow final : public QWidget
{
    Q_OBJECT
public:
    explicit GuideWindow(QWidget* parent);

    // A page by its file, "compare.md"; nothing for one that is not there.
    void open(const QString& file);

private:
    void fill(const std::filesystem::path& guide);
    void showInList(const QUrl& page);
    void find();

    QListWidget* m_pages;
    GuideBrowser* m_browser;
    QLineEdit* m_find;
    std::filesystem::path m_guide; // empty: it was not found, and the window says so
};

// Opens the guide as a window of `parent`, or brings it to the front.
void showGuide(QWidget& parent);

} // namespace dskd::ui
