#pragma once

#include "core/jobs/table/run_columns.h"

#include <QDialog>
#include <string>
#include <vector>

class QLineEdit;
class QListWidget;
class QListWidgetItem;

namespace dskd::ui
{

// Which columns the table of runs has: a list to tick, with a filter. What is ticked shows at once. Shown with open().
// GUI thread only.
class ColumnChooser final : public QDialog
{
    Q_OBJECT
public:
    // `chosen`: ids in the order of the table, which ticked ones are added to the end of.
    ColumnChooser(const std::vector<jobs::RunColumn>& columns, std::vector<std::string> chosen, QWidget* parent);

    [[nodiscard]] const std::vector<std::string>& chosen() const { return m_chosen; }

Q_SIGNALS:
    void chosenChanged();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void filter(const QString& text);
    void take(const QListWidgetItem& item);

    std::vector<std::string> m_chosen;
    QLineEdit* m_filter;
    QListWidget* m_list;
};

} // namespace dskd::ui
