#include "ui/pages/samples/answer_card.h"

#include "core/jobs/asked_models.h"
#include "ui/look/format.h"
#include "ui/look/theme.h"
#include "ui/pages/samples/marked_text.h"
#include "ui/pages/shared/muted_label.h"

#include <QBoxLayout>
#include <QEvent>
#include <QLabel>
#include <QMouseEvent>
#include <QPixmap>
#include <QStringList>

namespace dskd::ui
{

AnswerCard::AnswerCard(QWidget* parent)
    : QFrame(parent), m_swatch(new QLabel(this)), m_name(new QLabel(this)), m_note(new MutedLabel({}, this)),
      m_answer(new QLabel(this)), m_missing(new MutedLabel({}, this))
{
    setFrameShape(QFrame::StyledPanel);
    setObjectName(QStringLiteral("answerCard"));
    m_note->setObjectName(QStringLiteral("answerNote"));
    m_answer->setObjectName(QStringLiteral("answerText"));
    m_name->setTextFormat(Qt::PlainText);
    m_answer->setWordWrap(true);
    m_missing->setTextFormat(Qt::PlainText);
    m_missing->setWordWrap(true);
    m_answer->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_answer->setAlignment(Qt::AlignLeft | Qt::AlignTop);
    m_answer->installEventFilter(this);
    auto* header = new QHBoxLayout;
    header->setSpacing(kSpace2);
    header->addWidget(m_swatch);
    header->addWidget(m_name, 1);
    header->addWidget(m_note);
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(kSpace2, kSpace2, kSpace2, kSpace2);
    all->setSpacing(kSpace2);
    all->addLayout(header);
    all->addWidget(m_answer);
    all->addWidget(m_missing);
    all->addStretch(1);
}

void AnswerCard::setRun(const QString& name, const QColor& color, bool selected)
{
    QPixmap swatch(10, 10);
    swatch.fill(color);
    m_swatch->setPixmap(swatch);
    m_name->setText(name);
    QFont font = m_name->font();
    font.setWeight(selected ? QFont::DemiBold : QFont::Normal);
    m_name->setFont(font);
    setAccessibleName(name);
}

void AnswerCard::setBaseline(const jobs::BaselineName& name, const QString& run, bool isTeacher)
{
    QStringList parts{isTeacher ? tr("teacher") : tr("untrained student")};
    if (!name.folder.empty()) {
        parts += shownName(name.folder);
    }
    if (name.ofARun) {
        parts += tr("of %1").arg(run);
    }
    setRun(parts.join(QStringLiteral(" \u00b7 ")), ui::palette().muted, /*selected=*/false);
}

QString AnswerCard::name() const
{
    return m_name->text();
}

void AnswerCard::setAnswer(const QString& note, const std::string& answer)
{
    m_text = answer;
    m_reference.clear();
    m_difference.reset();
    showText(note);
}

void AnswerCard::setAnswer(const QString& note, const std::string& answer, const std::string& reference, bool marked)
{
    const bool isKnown = m_difference && m_text == answer && m_reference == reference;
    m_text = answer;
    m_reference = reference;
    if (!marked) {
        m_difference.reset();
        showText(note);
        return;
    }
    if (!isKnown) { // long ones take milliseconds, and a page shows its answers anew whenever a run goes on
        m_difference = score::wordDifference(reference, answer);
    }
    const std::size_t extra = m_difference->notInReference.size();
    const std::size_t missing = m_difference->notInAnswer.size();
    showText(note + tr(" \u00b7 +%1 \u2212%2").arg(extra).arg(missing));
    const QString counts =
        m_difference->referenceWords() == 0
            ? tr("ROUGE-L counts no word of this reference: its words have the letters a to z and digits alone.")
            : tr("%1 of its %2 words are not in the reference; it lacks %3 of the reference's %4 words")
                  .arg(extra)
                  .arg(m_difference->answerWords())
                  .arg(missing)
                  .arg(m_difference->referenceWords());
    m_note->setToolTip(counts);
    setAccessibleDescription(counts);
}

void AnswerCard::showText(const QString& note)
{
    m_note->setText(note);
    m_note->setToolTip({});
    setAccessibleDescription({});
    const bool marked = m_difference && !m_difference->notInReference.empty();
    m_answer->setTextFormat(marked ? Qt::RichText : Qt::PlainText); // a model may well answer in HTML
    m_answer->setText(marked ? markedText(m_text, m_difference->notInReference, WordMark::NotInReference)
                             : QString::fromStdString(m_text));
    m_answer->setVisible(!m_text.empty());
    m_missing->setText(tr("The answer is empty: the model ended it at once."));
    m_missing->setVisible(m_text.empty());
}

void AnswerCard::setMissing(const QString& why)
{
    m_text.clear();
    m_reference.clear();
    m_difference.reset();
    m_note->setText(QStringLiteral("\u2013"));
    m_note->setToolTip({});
    setAccessibleDescription({});
    m_answer->hide();
    m_missing->setText(why);
    m_missing->show();
}

void AnswerCard::setFailed(const std::string& begun, const QString& why)
{
    if (begun.empty()) {
        setMissing(why);
        return;
    }
    setAnswer(tr("failed"), begun);
    m_missing->setText(why);
    m_missing->show();
}

bool AnswerCard::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() == QEvent::FocusIn || event->type() == QEvent::MouseButtonPress) {
        Q_EMIT chosen();
    }
    return QFrame::eventFilter(watched, event);
}

void AnswerCard::mousePressEvent(QMouseEvent* event)
{
    QFrame::mousePressEvent(event);
    Q_EMIT chosen();
}

} // namespace dskd::ui
