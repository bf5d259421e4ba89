#pragma once

#include "ui/feed/background.h"
#include "ui/pages/pairs/pairs_scan.h"
#include "ui/pages/shared/page.h"

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

class QBoxLayout;
class QComboBox;
class QLabel;
class QProgressBar;
class QPushButton;
class QSpinBox;
class QTableView;
class QTableWidget;
class QToolButton;

namespace dskd::ui
{

class CoverageHistogram;
class MutedLabel;
class PageStack;
class PairsModel;

// Teachers x students that the workspace lists: vocabulary overlap and ETA coverage on a data set, computed on a thread
// of its own and kept in the workspace. A cell's distribution and worst samples stand below the grid; a sample opens on
// the page of alignment, and an experiment begins from the cell. Folders and data files are added by dialog or by
// dropping them on the page. GUI thread only.
class PairsPage final : public Page
{
    Q_OBJECT
public:
    explicit PairsPage(const WorkspaceFeed& workspace, QWidget* parent = nullptr);
    ~PairsPage() override;

    void setRuns(std::vector<std::string> shown, std::vector<std::string> selected) override;
    [[nodiscard]] QJsonObject savedState() const override;
    void restoreState(const QJsonObject& state) override;

    [[nodiscard]] PairsModel& model() const { return *m_model; }
    [[nodiscard]] bool busy() const { return m_cancel != nullptr; }
    void addPaths(const std::vector<std::filesystem::path>& paths);
    void exportTo(const QString& file); // CSV
    void copyLatex() const;

Q_SIGNALS:
    void compared(); // every cell is known, or the person has cancelled

protected:
    void showEvent(QShowEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;

private:
    void makeToolBar(QBoxLayout& into);
    QWidget* makeDetails();
    void refresh();
    void cancel();
    void showKnown(const KnownPairs& known);
    void showCell(const pairs::PairCell& cell);
    void ended(const Result<void>& result);
    void showDetails();
    void requestExperiment();
    void openSample(int row); // of the worst ones, on the page of alignment
    void askForModel();
    void askForData();
    void askForCsv();
    void say(const QString& sentence, bool bad = false);

    const WorkspaceFeed& m_workspace;
    Background m_background;                     // analyses take long, and other pages do not wait for them
    std::shared_ptr<std::atomic<bool>> m_cancel; // of the comparison in work; null: none is
    KnownPairs m_known;
    std::string m_data; // path of the data set that the person chose
    QString m_problems; // of what could not be added
    std::size_t m_numRuns = 0;
    int m_numKnown = 0; // cells of the comparison in work

    PairsModel* m_model;
    PageStack* m_stack;
    QTableView* m_view;
    QComboBox* m_dataChoice = nullptr;
    QSpinBox* m_samples = nullptr;
    QProgressBar* m_progress = nullptr;
    QToolButton* m_stop = nullptr;
    QLabel* m_notes;
    QLabel* m_headline = nullptr;
    CoverageHistogram* m_histogram = nullptr;
    QTableWidget* m_worst = nullptr;
    QPushButton* m_new = nullptr;
};

} // namespace dskd::ui
