#pragma once

#include "core/base/run_layout.h"
#include "core/export/export_plan.h"
#include "ui/feed/background.h"

#include <QObject>

class QWidget;

namespace dskd::ui
{

// Writes the student of one run to a folder, in a thread of its own: weights are large, and an adapter is merged by the
// worker. Closing the window cancels it and leaves the folder as it was. Deletes itself when it is done. GUI thread
// only.
class StudentExport final : public QObject
{
    Q_OBJECT
public:
    StudentExport(RunLayout run, QWidget* window);

    void askForFolder();
    void exportTo(const QString& folder); // which need not exist; asks before it overwrites

Q_SIGNALS:
    void started(const QString& what);
    void finished(bool done, const QString& what, const QString& hint);

private:
    void askBeforeOverwriting(const exporting::ExportPlan& plan);
    void carryOut(const exporting::ExportPlan& plan, exporting::Existing existing);
    void finish(bool done, const QString& what, const QString& hint);
    void fail(const Failure& failure);

    RunLayout m_run;
    QWidget* m_window;
    Background m_background;
};

} // namespace dskd::ui
