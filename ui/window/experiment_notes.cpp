#include "ui/window/experiment_notes.h"

#include "ui/look/format.h"

#include <QDialogButtonBox>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QVBoxLayout>
#include <algorithm>

namespace dskd::ui
{

ExperimentNotes::ExperimentNotes(const store::ExperimentRow& experiment, QWidget* parent)
    : QDialog(parent), m_note(new QPlainTextEdit(this)), m_tags(new QLineEdit(this))
{
    setObjectName("experimentNotesDialog");
    setWindowTitle(tr("Note and tags of %1").arg(shownName(experiment.name)));
    m_note->setObjectName("experimentNote");
    m_note->setPlainText(QString::fromStdString(experiment.note));
    m_note->setTabChangesFocus(true);
    m_note->setAccessibleName(tr("Note"));
    QStringList tags;
    for (const std::string& tag : experiment.tags) {
        tags += QString::fromStdString(tag);
    }
    m_tags->setObjectName("experimentTags");
    m_tags->setText(tags.join(QStringLiteral(", ")));
    m_tags->setPlaceholderText(tr("paper, table 2"));
    m_tags->setToolTip(tr("Separated by commas; \"tag:paper\" in the filter line finds them"));
    m_tags->setAccessibleName(tr("Tags"));
    auto* noteLabel = new QLabel(tr("&Note"), this);
    noteLabel->setBuddy(m_note);
    auto* tagsLabel = new QLabel(tr("&Tags"), this);
    tagsLabel->setBuddy(m_tags);
    auto* form = new QFormLayout;
    form->addRow(noteLabel, m_note);
    form->addRow(tagsLabel, m_tags);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Ok | QDialogButtonBox::Cancel, this);
    connect(buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    auto* layout = new QVBoxLayout(this);
    layout->addLayout(form, 1);
    layout->addWidget(buttons);
    resize(460, 240);
}

QString ExperimentNotes::note() const
{
    return m_note->toPlainText();
}

QStringList ExperimentNotes::tags() const
{
    QStringList tags;
    for (const QString& part : m_tags->text().split(QChar(','), Qt::SkipEmptyParts)) {
        if (const QString tag = part.trimmed(); !tag.isEmpty()) {
            tags += tag;
        }
    }
    tags.removeDuplicates();
    // As the database sorts them: by their bytes.
    std::sort(tags.begin(), tags.end(), [](const QString& a, const QString& b) { return a.toUtf8() < b.toUtf8(); });
    return tags;
}

} // namespace dskd::ui
