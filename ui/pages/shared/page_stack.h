#pragma once

#include <QStackedWidget>

namespace dskd::ui
{

class MutedLabel;

// The content of a page, or a sentence in its middle that says why there is nothing to show. GUI thread only.
class PageStack final : public QStackedWidget
{
    Q_OBJECT
public:
    explicit PageStack(QWidget* parent); // shows an empty sentence

    void setContent(QWidget* content); // once
    void showContent() { setCurrentIndex(1); }
    void showSentence(const QString& sentence);

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    MutedLabel* m_sentence; // no wider than a column of text
};

} // namespace dskd::ui
