#include "ui/pages/table/column_chooser.h"

#include "ui/look/theme.h"

#include <QBoxLayout>
#include <QDialogButtonBox>
#include <QKeyEvent>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <algorithm>
#include <utility>

namespace dskd::ui
{
namespace
{

constexpr int kIdRole = Qt::UserRole;

QString sectionOf(jobs::RunColumn::Source source)
{
    switch (source) {
    case jobs::RunColumn::Source::Run: return ColumnChooser::tr("run");
    case jobs::RunColumn::Source::Field: return ColumnChooser::tr("configuration");
    case jobs::RunColumn::Source::Metric: break;
    }
    return ColumnChooser::tr("metric");
}

// "ROUGE-L   validation.rouge_l": by which it is shown, and by which a query names it.
QString titleOf(const jobs::RunColumn& column)
{
    const QString title = QString::fromStdString(column.title);
    const QString id = QString::fromStdString(column.id);
    return title == id ? title : title + QStringLiteral("   ") + id;
}

} // namespace

ColumnChooser::ColumnChooser(const std::vector<jobs::RunColumn>& columns, std::vector<std::string> chosen,
                             QWidget* parent)
    : QDialog(parent), m_chosen(std::move(chosen)), m_filter(new QLineEdit(this)), m_list(new QListWidget(this))
{
    setObjectName(QStringLiteral("columnChooser"));
    setWindowTitle(tr("Columns"));
    for (const jobs::RunColumn& column : columns) {
        const bool on = std::find(m_chosen.begin(), m_chosen.end(), column.id) != m_chosen.end();
        auto* item = new QListWidgetItem(titleOf(column), m_list);
        item->setFlags(Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsUserCheckable);
        item->setCheckState(on ? Qt::Checked : Qt::Unchecked);
        item->setData(kIdRole, QString::fromStdString(column.id));
        item->setToolTip(sectionOf(column.source) + QStringLiteral(": ") + QString::fromStdString(column.sentence));
    }
    m_list->setAccessibleName(tr("Columns"));
    m_filter->setObjectName(QStringLiteral("columnFilter"));
    m_filter->setAccessibleName(tr("Filter"));
    m_filter->setPlaceholderText(tr("Filter: lr, rouge, alignment"));
    m_filter->setClearButtonEnabled(true);
    m_filter->addAction(icon("search"), QLineEdit::LeadingPosition);
    m_filter->installEventFilter(this);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    buttons->button(QDialogButtonBox::Close)->setAutoDefault(false); // Return in the filter ticks
    auto* all = new QVBoxLayout(this);
    all->addWidget(m_filter);
    all->addWidget(m_list, 1);
    all->addWidget(buttons);
    resize(360, 460);
    connect(m_filter, &QLineEdit::textChanged, this, &ColumnChooser::filter);
    connect(m_list, &QListWidget::itemChanged, this, [this](const QListWidgetItem* item) { take(*item); });
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    m_filter->setFocus();
}

void ColumnChooser::filter(const QString& text)
{
    QListWidgetItem* first = nullptr;
    for (int row = 0; row < m_list->count(); ++row) {
        QListWidgetItem* item = m_list->item(row);
        item->setHidden(!(item->text() + item->toolTip()).contains(text, Qt::CaseInsensitive));
        first = first == nullptr && !item->isHidden() ? item : first;
    }
    m_list->setCurrentItem(first);
}

// In the filter: down goes to the list, Return ticks the one that is found.
bool ColumnChooser::eventFilter(QObject* watched, QEvent* event)
{
    if (watched != m_filter || event->type() != QEvent::KeyPress) {
        return QDialog::eventFilter(watched, event);
    }
    const int key = static_cast<const QKeyEvent*>(event)->key();
    if (key == Qt::Key_Down) {
        m_list->setFocus();
        return true;
    }
    if (key == Qt::Key_Return || key == Qt::Key_Enter) {
        if (QListWidgetItem* item = m_list->currentItem(); item != nullptr && !item->isHidden()) {
            item->setCheckState(item->checkState() == Qt::Checked ? Qt::Unchecked : Qt::Checked);
        }
        return true;
    }
    return QDialog::eventFilter(watched, event);
}

void ColumnChooser::take(const QListWidgetItem& item)
{
    const std::string id = item.data(kIdRole).toString().toStdString();
    std::erase(m_chosen, id);
    if (item.checkState() == Qt::Checked) {
        m_chosen.push_back(id);
    }
    Q_EMIT chosenChanged();
}

} // namespace dskd::ui
