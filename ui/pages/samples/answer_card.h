#pragma once

#include "core/score/word_difference.h"

#include <QColor>
#include <QFrame>
#include <optional>
#include <string>

class QLabel;

namespace dskd::jobs
{
struct BaselineName;
}

namespace dskd::ui
{

class MutedLabel;

// One model's answer: whose, how it scored or how long it took, and the text, in which the words can be marked that its
// reference lacks. GUI thread only.
class AnswerCard final : public QFrame
{
    Q_OBJECT
public:
    explicit AnswerCard(QWidget* parent);

    void setRun(const QString& name, const QColor& color, bool selected);
    // A teacher, or an untrained student. `run`: the one that it is of, where its folder alone does not tell.
    void setBaseline(const jobs::BaselineName& name, const QString& run, bool isTeacher);
    void setAnswer(const QString& note, const std::string& answer);
    // The same, compared with a reference; `marked`: its differences are shown.
    void setAnswer(const QString& note, const std::string& answer, const std::string& reference, bool marked);
    void setMissing(const QString& why); // instead of an answer
    // Of a model that could not answer to the end; `begun` is what came before, and may be empty.
    void setFailed(const std::string& begun, const QString& why);

    [[nodiscard]] QString name() const;
    [[nodiscard]] const std::string& answer() const { return m_text; }         // empty: there is none
    [[nodiscard]] const std::string& reference() const { return m_reference; } // empty: it was compared with none
    [[nodiscard]] const std::optional<score::WordDifference>& difference() const { return m_difference; }

Q_SIGNALS:
    void chosen(); // by a click on the answer, or the keyboard went to it

protected:
    bool eventFilter(QObject* watched, QEvent* event) override; // of the answer's label
    void mousePressEvent(QMouseEvent* event) override;

private:
    void showText(const QString& note);

    QLabel* m_swatch;
    QLabel* m_name;
    MutedLabel* m_note;
    QLabel* m_answer;
    MutedLabel* m_missing;
    std::string m_text;
    std::string m_reference;
    std::optional<score::WordDifference> m_difference; // none: nothing is to be marked
};

} // namespace dskd::ui
