#include "ui/experiment/method_page.h"

#include "core/config/methods/fidelity_differences.h"
#include "core/config/methods/field_use.h"
#include "ui/experiment/field_editors.h"
#include "ui/look/theme.h"

#include <QFormLayout>
#include <QGroupBox>
#include <QLabel>
#include <QVBoxLayout>
#include <algorithm>

namespace dskd::ui
{

namespace
{

QString text(std::string_view from)
{
    return QString::fromUtf8(from.data(), static_cast<int>(from.size()));
}

// "method.teacher_distance" as "Teacher distance": the group says which method; the tool tip has the whole path.
QString shortName(std::string_view path)
{
    QString name = text(path.substr(path.find('.') + 1)).replace(QLatin1Char('_'), QLatin1Char(' '));
    if (path.starts_with("student.") || path.starts_with("teacher.")) {
        name = text(path).replace(QLatin1Char('.'), QStringLiteral("'s "));
    }
    name[0] = name[0].toUpper();
    return name;
}

QString differences(config::Fidelity fidelity)
{
    QStringList lines;
    for (const config::FidelityDifference& difference : config::fidelityDifferences()) {
        if (difference.fidelity == fidelity) {
            lines += QStringLiteral("• %1: %2").arg(text(difference.concerns), text(difference.sentence));
        }
    }
    return lines.join(QLatin1Char('\n'));
}

} // namespace

MethodPage::MethodPage(FieldEditors& fields, QWidget* parent) : QWidget(parent)
{
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(kSpace2, kSpace3, kSpace3, kSpace2);
    layout->setSpacing(kSpace3);
    for (const config::FieldGroup& group : config::methodGroups()) {
        auto* box = new QGroupBox(text(group.title), this);
        box->setObjectName(text(group.title));
        auto* inside = new QVBoxLayout(box);
        auto* note = new QLabel(text(group.sentence), box);
        note->setWordWrap(true);
        note->setTextFormat(Qt::PlainText);
        setTone(*note, "muted");
        inside->addWidget(note);
        auto* form = new QFormLayout;
        form->setHorizontalSpacing(kSpace3);
        form->setVerticalSpacing(kSpace1);
        form->setFieldGrowthPolicy(QFormLayout::ExpandingFieldsGrow);
        inside->addLayout(form);
        for (const std::string_view path : group.fields) {
            const bool folder = path.ends_with(".adapter");
            fields.addRow(*form, std::string(path), shortName(path),
                          folder ? FieldEditors::Browse::Folder : FieldEditors::Browse::No);
            if (path == "method.fidelity") {
                m_fidelity = new QLabel(box);
                m_fidelity->setObjectName("fidelityDifferences");
                m_fidelity->setWordWrap(true);
                m_fidelity->setTextFormat(Qt::PlainText);
                setTone(*m_fidelity, "muted");
                form->addRow(m_fidelity);
            }
        }
        layout->addWidget(box);
        m_groups.push_back({box, note});
    }
    layout->addStretch();
}

void MethodPage::follow(const config::Experiment& experiment)
{
    m_fidelity->setText(differences(experiment.method.fidelity));
    m_fidelity->setVisible(!m_fidelity->text().isEmpty());
    const auto groups = config::methodGroups();
    for (std::size_t i = 0; i < groups.size(); ++i) {
        const auto& paths = groups[i].fields;
        bool used = false;
        for (const std::string_view path : paths) {
            used = used || config::whyUnused(experiment, path).empty();
        }
        m_groups[i].note->setText(text(used ? groups[i].sentence : config::whyUnused(experiment, paths.front())));
    }
}

} // namespace dskd::ui
