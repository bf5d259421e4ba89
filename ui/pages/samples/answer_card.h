#pragma once

#include <QColor>
#include <QFrame>

class QLabel;

namespace dskd::ui
{

class MutedLabel;

// One run's answer: whose, at which step, how it scored, and the text. GUI thread only.
class AnswerCard final : public QFrame
{
    Q_OBJECT
public:
    explicit AnswerCard(QWidget* parent);

    void setRun(const QString& name, const QColor& color, bool selected);
    void setAnswer(const QString& note, const QString& answer);
    void setMissing(const QString& why); // instead of an answer

private:
    QLabel* m_swatch;
    QLabel* m_name;
    MutedLabel* m_note;
    QLabel* m_answer;
    MutedLabel* m_missing;
};

} // namespace dskd::ui
