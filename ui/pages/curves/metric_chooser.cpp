#include "ui/pages/curves/metric_chooser.h"

#include "core/metrics/metric_table.h"
#include "ui/look/theme.h"
#include "ui/pages/shared/muted_label.h"

#include <QBoxLayout>
#include <QDialogButtonBox>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <algorithm>

namespace dskd::ui
{

MetricChooser::MetricChooser(const std::vector<std::string>& available, const ChartSpec& chart, QWidget* parent)
    : QDialog(parent), m_filter(new QLineEdit(this)), m_list(new QListWidget(this))
{
    setWindowTitle(chart.metrics.empty() ? tr("Add a chart") : tr("Metrics of the chart"));
    std::vector<std::string> names = available;
    for (const std::string& metric : chart.metrics) {
        if (std::find(names.begin(), names.end(), metric) == names.end()) {
            names.push_back(metric);
        }
    }
    for (const std::string& name : names) {
        const bool on = std::find(chart.metrics.begin(), chart.metrics.end(), name) != chart.metrics.end();
        auto* item = new QListWidgetItem(QString::fromStdString(name), m_list);
        item->setFlags(Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsUserCheckable);
        item->setCheckState(on ? Qt::Checked : Qt::Unchecked);
        const std::string description = metrics::descriptionOf(name);
        item->setToolTip(
            QString::fromStdString(metrics::titleOf(name) + (description.empty() ? "" : "\n" + description)));
    }
    m_filter->setPlaceholderText(tr("Filter"));
    m_filter->setClearButtonEnabled(true);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Ok | QDialogButtonBox::Cancel, this);
    m_ok = buttons->button(QDialogButtonBox::Ok);
    m_ok->setText(chart.metrics.empty() ? tr("Add") : tr("Apply"));
    auto* all = new QVBoxLayout(this);
    all->addWidget(new MutedLabel(names.empty() ? tr("The shown runs have recorded nothing yet.")
                                                : tr("Ticked metrics share one chart, solid and dashed."),
                                  this));
    all->addWidget(m_filter);
    all->addWidget(m_list, 1);
    all->addWidget(buttons);
    resize(340, 440);

    const auto enable = [this] { m_ok->setEnabled(!ticked().metrics.empty()); };
    enable();
    connect(m_list, &QListWidget::itemChanged, this, enable);
    connect(m_list, &QListWidget::itemActivated, this, [](QListWidgetItem* item) {
        item->setCheckState(item->checkState() == Qt::Checked ? Qt::Unchecked : Qt::Checked);
    });
    connect(m_filter, &QLineEdit::textChanged, this, [this](const QString& text) {
        for (int row = 0; row < m_list->count(); ++row) {
            m_list->item(row)->setHidden(!m_list->item(row)->text().contains(text, Qt::CaseInsensitive));
        }
    });
    connect(buttons, &QDialogButtonBox::accepted, this, [this] {
        Q_EMIT chosen(ticked());
        accept();
    });
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
}

ChartSpec MetricChooser::ticked() const
{
    ChartSpec chart;
    for (int row = 0; row < m_list->count(); ++row) {
        if (m_list->item(row)->checkState() == Qt::Checked) {
            chart.metrics.push_back(m_list->item(row)->text().toStdString());
        }
    }
    return chart;
}

} // namespace dskd::ui
