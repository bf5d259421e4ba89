#include "ui/pages/curves/metric_chooser.h"

#include "core/metrics/metric_table.h"
#include "ui/look/theme.h"
#include "ui/pages/shared/muted_label.h"

#include <QBoxLayout>
#include <QDialogButtonBox>
#include <QKeyEvent>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <algorithm>

namespace dskd::ui
{
namespace
{

constexpr int kNameRole = Qt::UserRole; // of the metric; the text is its title

} // namespace

MetricChooser::MetricChooser(const std::vector<std::string>& available, const ChartSpec& chart, QWidget* parent)
    : QDialog(parent), m_chart(chart), m_filter(new QLineEdit(this)), m_list(new QListWidget(this))
{
    setWindowTitle(chart.metrics.empty() ? tr("Add a chart") : tr("Metrics of the chart"));
    std::vector<std::string> names = available;
    for (const std::string& metric : chart.metrics) {
        if (std::find(names.begin(), names.end(), metric) == names.end()) {
            names.push_back(metric);
        }
    }
    names = metrics::inTableOrder(std::move(names));
    for (const std::string& name : names) {
        const bool on = std::find(chart.metrics.begin(), chart.metrics.end(), name) != chart.metrics.end();
        auto* item = new QListWidgetItem(QString::fromStdString(metrics::titleOf(name)), m_list);
        item->setData(kNameRole, QString::fromStdString(name));
        item->setFlags(Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsUserCheckable);
        item->setCheckState(on ? Qt::Checked : Qt::Unchecked);
        const std::string description = metrics::descriptionOf(name);
        item->setToolTip(QString::fromStdString(name + (description.empty() ? "" : "\n" + description)));
    }
    m_list->setAccessibleName(tr("Metrics"));
    m_list->installEventFilter(this);
    m_filter->setPlaceholderText(tr("Filter"));
    m_filter->setAccessibleName(tr("Filter of the metrics"));
    m_filter->installEventFilter(this);
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
    // Return adds the chart, also from the list, and changes no tick on its way there: Space ticks.
    connect(m_filter, &QLineEdit::textChanged, this, [this](const QString& text) {
        for (int row = 0; row < m_list->count(); ++row) {
            QListWidgetItem* item = m_list->item(row);
            item->setHidden(!item->text().contains(text, Qt::CaseInsensitive) &&
                            !item->data(kNameRole).toString().contains(text, Qt::CaseInsensitive));
        }
        makeAVisibleRowCurrent();
    });
    connect(buttons, &QDialogButtonBox::accepted, this, [this] {
        Q_EMIT chosen(ticked());
        accept();
    });
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
}

// So that Space, right after the filter, ticks what is seen.
void MetricChooser::makeAVisibleRowCurrent()
{
    if (const QListWidgetItem* current = m_list->currentItem(); current != nullptr && !current->isHidden()) {
        return;
    }
    for (int row = 0; row < m_list->count(); ++row) {
        if (!m_list->item(row)->isHidden()) {
            m_list->setCurrentRow(row);
            return;
        }
    }
}

bool MetricChooser::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() != QEvent::KeyPress) {
        return QDialog::eventFilter(watched, event);
    }
    const int key = static_cast<QKeyEvent*>(event)->key();
    if (watched == m_filter && key == Qt::Key_Down) {
        m_list->setFocus(Qt::TabFocusReason);
        makeAVisibleRowCurrent();
        return true;
    }
    if (key == Qt::Key_Return || key == Qt::Key_Enter) {
        m_ok->click(); // does nothing while nothing is ticked
        return true;
    }
    return QDialog::eventFilter(watched, event);
}

ChartSpec MetricChooser::ticked() const
{
    ChartSpec chart = m_chart; // its size stays
    chart.metrics.clear();
    for (int row = 0; row < m_list->count(); ++row) {
        if (m_list->item(row)->checkState() == Qt::Checked) {
            chart.metrics.push_back(m_list->item(row)->data(kNameRole).toString().toStdString());
        }
    }
    return chart;
}

} // namespace dskd::ui
