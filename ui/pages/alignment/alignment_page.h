#pragma once

#include "ui/pages/alignment/attention_store.h"

#include <QTimer>
#include <QWidget>
#include <set>
#include <string>
#include <vector>

class QBoxLayout;
class QCheckBox;
class QComboBox;
class QLabel;
class QPushButton;
class QSlider;
class QStackedWidget;

namespace dskd::viz
{
class HeatMapView;
}

namespace dskd::ui
{

class Background;
class QuietLabel;
class TokenRows;
class WorkspaceFeed;

// Attention between the models for probe samples of CMA runs: one run, or two side by side with their difference, over
// the recorded steps. Follows a run while it trains. GUI thread only.
class AlignmentPage final : public QWidget
{
    Q_OBJECT
public:
    AlignmentPage(const WorkspaceFeed& workspace, Background& background, QWidget* parent = nullptr);

    void setRuns(std::vector<std::string> shown, std::vector<std::string> selected);

protected:
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;

private:
    // One heat map with what stands above it.
    struct Side {
        QWidget* frame = nullptr;
        QLabel* title = nullptr;
        viz::HeatMapView* view = nullptr;
        std::optional<store::HeatMapRow> map;
    };
    Side newSide(const QString& name);
    void makeToolBar(QBoxLayout& into);
    void makeStepBar(QBoxLayout& into);

    void readCatalogues();
    void fillChoices();
    void followList(QComboBox& box, std::size_t from) const;
    void fillSteps();
    [[nodiscard]] const MapSteps& stepsOf(const std::string& runId) const;
    [[nodiscard]] QString nameOf(const std::string& runId) const;
    void readMaps();
    void showMaps(std::optional<store::HeatMapRow> left, std::optional<store::HeatMapRow> right);
    void showSide(Side& side, const std::string& runId, const QString& whyEmpty);
    void showEmpty();
    void linkCursor(std::optional<QPoint> cell);
    void showReadout();
    void play(bool on);

    const WorkspaceFeed& m_workspace;
    Background& m_background;
    std::vector<std::string> m_shown;
    std::vector<std::string> m_selected;
    bool m_followsList = false;                       // the runs are those selected in the list
    std::map<std::string, MapCatalogue> m_catalogues; // of the shown runs that were read
    std::set<std::string> m_final;                    // read after they ended: nothing more will come
    QString m_trouble;
    bool m_readingCatalogues = false;
    bool m_readingMaps = false;
    bool m_readAgain = false; // something else is wished for since
    int m_request = 0;        // newest readMaps; older answers are dropped

    QStackedWidget* m_stack;
    QLabel* m_empty;
    QComboBox* m_run;
    QComboBox* m_other;
    QComboBox* m_map;
    QComboBox* m_sample;
    QCheckBox* m_difference;
    QCheckBox* m_log;
    QSlider* m_slider; // index into m_steps
    QLabel* m_stepText;
    QPushButton* m_play;
    QuietLabel* m_readout;
    TokenRows* m_tokens;
    Side m_left;
    Side m_right;
    Side m_delta;
    std::vector<std::int64_t> m_steps; // recorded by the left run
    std::optional<QPoint> m_cell;
    QTimer m_poll;
    QTimer m_player;
};

} // namespace dskd::ui
