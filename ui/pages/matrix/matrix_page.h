#pragma once

#include "core/base/result.h"
#include "ui/pages/matrix/matrix_state.h"
#include "ui/pages/shared/joint_reading.h"
#include "ui/pages/shared/page.h"

#include <atomic>
#include <filesystem>
#include <string>
#include <vector>

class QBoxLayout;
class QCheckBox;
class QComboBox;
class QMenu;
class QModelIndex;
class QTableView;

namespace dskd::ui
{

class FieldChooser;
class MatrixModel;
class MutedLabel;
class PageStack;

// The shown runs as a matrix: fields down, fields across, means over seeds, what is best by a test, and what the
// experiments of these runs still miss, which a click queues. GUI thread only.
class MatrixPage final : public Page
{
    Q_OBJECT
public:
    MatrixPage(WorkspaceFeed& workspace, Background& background, QWidget* parent = nullptr);

    void setRuns(std::vector<std::string> shown, std::vector<std::string> selected) override;
    [[nodiscard]] std::vector<Findable> findables() override;
    [[nodiscard]] QJsonObject savedState() const override;
    void restoreState(const QJsonObject& state) override;

    [[nodiscard]] const MatrixModel& model() const { return *m_model; }
    [[nodiscard]] const MatrixState& state() const { return m_state; }
    void setState(MatrixState state); // by the person

    enum class Part { Row, Column, Cell };
    void pinBaseline(Part part, const QModelIndex& index);
    // Queues what a missing cell misses; of others selects the runs, also where they stand in another cell.
    void open(const QModelIndex& index);
    void queueMissing(const QModelIndex& index); // also of a cell that has some runs
    void copyLatex() const;
    void copyCsv() const;
    void save(); // asks where to
    void saveTo(const QString& file);

Q_SIGNALS:
    void matrixShown(); // the table shows what the workspace holds

protected:
    void showEvent(QShowEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    struct Read {
        jobs::Matrix matrix;
        QString dropped; // what of the arrangement these runs do not have; empty: nothing
    };
    static Result<Read> readShown(const std::filesystem::path& root, const std::vector<std::string>& shown,
                                  jobs::MatrixRequest request, const std::atomic<bool>& cancelled);

    void makeToolBar(QBoxLayout& into);
    void makeTable();
    [[nodiscard]] JointReading<Read>::Work makeWork() const;
    void showMatrix(Result<Read> result);
    void showChoices();
    void fitTable();
    void fillMenu(QMenu& menu, const QModelIndex& index);
    void showMenu(const QPoint& position); // in the table's viewport
    void showHeaderMenu(Qt::Orientation orientation, const QPoint& position);
    [[nodiscard]] std::string stateOfShown() const;

    WorkspaceFeed& m_workspace;
    Background& m_background;
    MatrixState m_state;
    std::vector<std::string> m_shown;
    JointReading<Read> m_reading;

    MatrixModel* m_model;
    PageStack* m_stack;
    QTableView* m_view;
    MutedLabel* m_title;
    MutedLabel* m_legend;
    MutedLabel* m_notice;
    FieldChooser* m_rows;
    FieldChooser* m_columns;
    QComboBox* m_metric;
    QComboBox* m_spread;
    QComboBox* m_within;
    QComboBox* m_test;
    QCheckBox* m_former; // there while runs of former revisions can be left out
};

} // namespace dskd::ui
