#pragma once

#include "ui/feed/background.h"

#include <QDialog>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

class QLabel;
class QPushButton;
class QTableWidget;

namespace dskd::ui
{

class WorkspaceFeed;

// The runs that were moved to the trash, with the room that each takes: restore them, or delete them for good. GUI
// thread only.
class TrashDialog final : public QDialog
{
    Q_OBJECT
public:
    TrashDialog(WorkspaceFeed& feed, QWidget* parent);

private:
    void fill();
    void update();
    void readSizes(); // in the background
    void showSizes();
    void showSum(const std::vector<std::string>& of);
    void showPurged(std::uint64_t freed, const std::vector<Failure>& failures);
    void askBeforePurge();
    [[nodiscard]] std::vector<std::string> selected() const;

    WorkspaceFeed& m_feed;
    QTableWidget* m_table;
    QLabel* m_empty;
    QLabel* m_sum;    // of the selected runs, else of all
    QLabel* m_purged; // what the last deletion freed, or why it did not
    QPushButton* m_restore;
    QPushButton* m_purge;
    std::map<std::string, std::uint64_t> m_sizes; // bytes by run; of one that is not in it not known yet
    Background m_background{QStringLiteral("trash")};
};

} // namespace dskd::ui
