#include "ui/experiment/aligned_sample_dialog.h"

#include "ui/look/format.h"
#include "ui/look/theme.h"

#include <QDialogButtonBox>
#include <QLabel>
#include <QPlainTextEdit>
#include <QVBoxLayout>

namespace dskd::ui
{

QString tokenLine(const std::vector<preflight::AlignedSample::Token>& tokens)
{
    QStringList texts;
    for (const preflight::AlignedSample::Token& token : tokens) {
        const QString text = shownName(token.text);
        texts += token.paired ? text : QStringLiteral("⟦%1⟧").arg(text);
    }
    return texts.join(QLatin1Char('|'));
}

AlignedSampleDialog::AlignedSampleDialog(const preflight::AlignedSample& sample, QWidget* parent) : QDialog(parent)
{
    setObjectName("alignedSample");
    setWindowTitle(tr("Line %1 of the training data").arg(sample.line));
    auto* layout = new QVBoxLayout(this);
    layout->setSpacing(kSpace2);
    auto* sentence = new QLabel(tr("%1 of %2 tokens of the student stand for the same text as one of the teacher's "
                                   "(%3). Those without a partner are in ⟦brackets⟧.")
                                    .arg(sample.paired)
                                    .arg(sample.tokens)
                                    .arg(percent(sample.coverage())),
                                this);
    sentence->setWordWrap(true);
    layout->addWidget(sentence);
    for (const auto& [title, tokens] : {std::pair{tr("Teacher"), &sample.teacher}, {tr("Student"), &sample.student}}) {
        auto* heading = new QLabel(title, this);
        heading->setFont(titleFont());
        auto* text = new QPlainTextEdit(tokenLine(*tokens), this);
        text->setReadOnly(true);
        text->setTabChangesFocus(true);
        text->setFont(monospaceFont());
        text->setAccessibleName(title);
        layout->addWidget(heading);
        layout->addWidget(text, 1);
    }
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    layout->addWidget(buttons);
    resize(640, 360);
}

} // namespace dskd::ui
