#pragma once

#include <QDialog>
#include <string>
#include <vector>

class QLabel;
class QPushButton;
class QTableWidget;

namespace dskd::ui
{

class WorkspaceFeed;

// The runs that were moved to the trash: restore them, or delete them for good. GUI thread only.
class TrashDialog final : public QDialog
{
    Q_OBJECT
public:
    TrashDialog(WorkspaceFeed& feed, QWidget* parent);

private:
    void fill();
    void update();
    void askBeforePurge();
    [[nodiscard]] std::vector<std::string> selected() const;

    WorkspaceFeed& m_feed;
    QTableWidget* m_table;
    QLabel* m_empty;
    QPushButton* m_restore;
    QPushButton* m_purge;
};

} // namespace dskd::ui
