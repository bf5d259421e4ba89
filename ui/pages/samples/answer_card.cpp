#include "ui/pages/samples/answer_card.h"

#include "ui/look/theme.h"
#include "ui/pages/shared/muted_label.h"

#include <QBoxLayout>
#include <QPixmap>

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
    m_answer->setTextFormat(Qt::PlainText); // a model may well answer in HTML
    m_name->setTextFormat(Qt::PlainText);
    m_answer->setWordWrap(true);
    m_missing->setWordWrap(true);
    m_answer->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_answer->setAlignment(Qt::AlignLeft | Qt::AlignTop);
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

void AnswerCard::setAnswer(const QString& note, const QString& answer)
{
    m_note->setText(note);
    m_answer->setText(answer);
    m_answer->setVisible(!answer.isEmpty());
    m_missing->setText(tr("The answer is empty: the model ended it at once."));
    m_missing->setVisible(answer.isEmpty());
}

void AnswerCard::setMissing(const QString& why)
{
    m_note->setText(QStringLiteral("\u2013"));
    m_answer->hide();
    m_missing->setText(why);
    m_missing->show();
}

} // namespace dskd::ui
