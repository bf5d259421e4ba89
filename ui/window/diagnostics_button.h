#pragma once

#include "core/base/run_layout.h"

#include <QToolButton>

namespace dskd::ui
{

class Background;

// Copies what a report of a problem with a run needs (core/jobs/diagnostics.h), which is read in the background, and
// says on itself whether it did. GUI thread only.
class DiagnosticsButton final : public QToolButton
{
    Q_OBJECT
public:
    explicit DiagnosticsButton(Background& background, QWidget* parent = nullptr);

    void setRun(const RunLayout& run);

private:
    void copy();
    void invite(); // to copy: its first text

    Background& m_background;
    RunLayout m_run;
};

} // namespace dskd::ui
