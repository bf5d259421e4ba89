#pragma once

#include "core/base/run_layout.h"

#include <QDialog>
#include <string>
#include <vector>

class QLabel;
class QPushButton;
class QTableWidget;

namespace dskd::cache
{
struct KeptTeacher;
}

namespace dskd::ui
{

class Background;

// What the workspace keeps of teachers, so that several runs compute it once (core/cache/kept_teachers.h), and how
// much of the disk it takes: look at it, delete it. Read and deleted in the background. GUI thread only.
class CacheDialog final : public QDialog
{
    Q_OBJECT
public:
    CacheDialog(WorkspaceLayout workspace, Background& background, QWidget* parent);

private:
    void read();
    void fill(const std::vector<cache::KeptTeacher>& kept);
    void forget(const std::vector<std::string>& keys);
    void updateButtons();
    [[nodiscard]] std::vector<std::string> keptKeys(bool selectedOnly) const;

    WorkspaceLayout m_workspace;
    Background& m_background;
    QTableWidget* m_table;
    QLabel* m_sum;
    QLabel* m_outcome; // of the last deletion
    QPushButton* m_forget = nullptr;
    QPushButton* m_forgetAll = nullptr;
    bool m_working = false; // a deletion is under way
};

} // namespace dskd::ui
