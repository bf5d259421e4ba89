#include "ui/experiment/axes_panel.h"

#include "core/config/methods/method_table.h"
#include "core/config/plan/ablation.h"
#include "core/config/schema/experiment_json.h"
#include "ui/experiment/excluded_cells.h"
#include "ui/look/format.h"
#include "ui/look/theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>

namespace dskd::ui
{

namespace
{

QString nameOf(const config::Axis& axis)
{
    return QString::fromStdString(config::shortField(axis.field));
}

QString valuesOf(const config::Axis& axis)
{
    QStringList texts;
    for (const std::string& value : axis.values) {
        texts += shownName(value);
    }
    return texts.isEmpty() ? AxesPanel::tr("no values yet") : texts.join(QStringLiteral(", "));
}

} // namespace

AxesPanel::AxesPanel(QWidget* parent) : QWidget(parent), m_lines(new QVBoxLayout), m_cells(new ExcludedCells(this))
{
    setObjectName("axes");
    auto* ablation =
        new QPushButton(tr("Spaces × distances × %1 seeds").arg(static_cast<int>(config::kAblationSeeds)), this);
    ablation->setObjectName("ablation");
    ablation->setAutoDefault(false);
    ablation->setToolTip(tr("The paper's ablation: every space and every distance, with each of the seeds"));
    connect(ablation, &QPushButton::clicked, this, &AxesPanel::ablationRequested);
    connect(m_cells, &ExcludedCells::changed, this, &AxesPanel::excludedChanged);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(kSpace1);
    layout->addLayout(m_lines);
    layout->addWidget(m_cells);
    layout->addWidget(ablation, 0, Qt::AlignLeft);
    fill();
}

void AxesPanel::setPlan(const std::vector<config::Axis>& axes, const std::vector<config::Exclusion>& excluded)
{
    if (axes != m_axes) {
        m_axes = axes;
        fill();
    }
    m_cells->setPlan(axes, excluded);
}

const std::vector<config::Exclusion>& AxesPanel::excluded() const
{
    return m_cells->excluded();
}

void AxesPanel::fill()
{
    if (m_box != nullptr) {
        m_box->hide();
        m_box->setParent(nullptr);
        m_box->deleteLater(); // one of its buttons may have been pressed
    }
    m_box = new QWidget(this);
    auto* lines = new QVBoxLayout(m_box);
    lines->setContentsMargins(0, 0, 0, 0);
    lines->setSpacing(kSpace1);
    if (m_axes.empty()) {
        auto* none = new QLabel(tr("Nothing varies. \"vary\" beside a field gives it several values."), m_box);
        none->setWordWrap(true);
        setTone(*none, "muted");
        lines->addWidget(none);
    }
    for (const config::Axis& axis : m_axes) {
        auto* line = new QHBoxLayout;
        auto* text = new QLabel(tr("%1: %2").arg(nameOf(axis), valuesOf(axis)), m_box);
        text->setObjectName("axis:" + QString::fromStdString(axis.field));
        text->setTextFormat(Qt::PlainText);
        text->setWordWrap(true);
        line->addWidget(text, 1);
        if (axis.field != config::kMethodByName) { // whole methods are chosen on the command line
            auto* edit = new QPushButton(tr("Edit"), m_box);
            edit->setAutoDefault(false);
            edit->setAccessibleName(tr("Edit the values of %1").arg(nameOf(axis)));
            connect(edit, &QPushButton::clicked, this, [this, field = axis.field] { Q_EMIT editRequested(field); });
            line->addWidget(edit);
        }
        auto* end = new QToolButton(m_box);
        end->setObjectName("end:" + QString::fromStdString(axis.field));
        end->setIcon(icon("close"));
        end->setToolTip(tr("One value again, the first"));
        end->setAccessibleName(tr("Vary %1 no more").arg(nameOf(axis)));
        connect(end, &QToolButton::clicked, this, [this, field = axis.field] { Q_EMIT endRequested(field); });
        line->addWidget(end);
        lines->addLayout(line);
    }
    m_lines->addWidget(m_box);
}

} // namespace dskd::ui
