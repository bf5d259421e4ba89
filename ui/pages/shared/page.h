#pragma once

#include "ui/look/findable.h"

#include <QJsonObject>
#include <QWidget>
#include <cstdint>
#include <string>
#include <vector>

namespace dskd::config
{
struct Experiment;
struct Plan;
} // namespace dskd::config

namespace dskd::ui
{

class Background;
class SeriesFeed;
class StepLink;
class WorkspaceFeed;
struct Edit;

// What the window lends its pages; all of it outlives them.
struct PageServices {
    WorkspaceFeed& workspace;
    const SeriesFeed& series; // watches the shown runs
    Background& background;
};

// One tab of the window. A new one is a folder of its own and a row in ui/pages/page_table.cpp. GUI thread only.
class Page : public QWidget
{
    Q_OBJECT
public:
    using QWidget::QWidget;

    // Run ids: those that are checked, in the order of the list, and those selected in the list.
    virtual void setRuns(std::vector<std::string> shown, std::vector<std::string> selected) = 0;

    // Moves the page's slider over steps, where it has one, with those of other pages. The link outlives the page.
    virtual void setStepLink(StepLink& /*link*/) {}

    // What Ctrl+K finds on the page, which is shown before it acts.
    [[nodiscard]] virtual std::vector<Findable> findables() { return {}; }

    // Shows how the tokens of an experiment's two models are aligned, beginning with the sample at this line of its
    // training data; there need be no run of it. False: that is another page's part.
    virtual bool showAlignment(const config::Experiment& /*experiment*/, std::int64_t /*line*/) { return false; }

    // What the person has arranged on the page. The window keeps it per workspace and gives it back at the next start.
    [[nodiscard]] virtual QJsonObject savedState() const { return {}; }
    virtual void restoreState(const QJsonObject& /*state*/) {}

Q_SIGNALS:
    void stateChanged(); // savedState() differs from before
    // The dialog of a new experiment with this plan, which core/config/plan/plan.h defines.
    void experimentRequested(const dskd::config::Plan& plan);
    // showAlignment() of the page that has it, which is then shown.
    void alignmentRequested(const dskd::config::Experiment& experiment, qint64 line);
    void selectRequested(const std::vector<std::string>& runIds); // in the list of runs
    // What the person has changed on the page and may take back (ui/feed/workspace_feed.h). Its functions do nothing
    // once the page is gone.
    void edited(const dskd::ui::Edit& edit);
};

} // namespace dskd::ui
