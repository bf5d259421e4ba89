#include "ui/window/diagnostics_button.h"

#include "core/jobs/diagnostics.h"
#include "ui/feed/background.h"
#include "ui/look/format.h"
#include "ui/look/theme.h"
#include "ui/look/window_words.h"

#include <QClipboard>
#include <QGuiApplication>
#include <atomic>
#include <string>

namespace dskd::ui
{

DiagnosticsButton::DiagnosticsButton(Background& background, QWidget* parent)
    : QToolButton(parent), m_background(background)
{
    setObjectName(QStringLiteral("copyDiagnostics"));
    setIcon(ui::icon("copy")); // QToolButton has an icon() too
    setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    setFocusPolicy(Qt::TabFocus);
    invite();
    connect(this, &QToolButton::clicked, this, &DiagnosticsButton::copy);
}

void DiagnosticsButton::setRun(const RunLayout& run)
{
    if (m_run.root != run.root) {
        m_run = run;
        invite();
    }
}

void DiagnosticsButton::invite()
{
    setText(tr("Copy diagnostics"));
    setAccessibleName(text());
    setToolTip(tr("Status, failure, the last lines of the log, versions, device and configuration, for a report of the "
                  "problem. The folders of your files are left out where the configuration names them; look through "
                  "the log before you send it."));
}

void DiagnosticsButton::copy()
{
    m_background.run(
        this,
        [run = m_run](const std::atomic<bool>&) -> Result<std::string> {
            const Result<jobs::Diagnostics> found = jobs::diagnose(run);
            return found ? Result<std::string>(jobs::toText(*found)) : Result<std::string>(found.failure());
        },
        [this, of = m_run.root](const Result<std::string>& diagnostics) {
            if (diagnostics) {
                QGuiApplication::clipboard()->setText(QString::fromStdString(*diagnostics));
            }
            if (of != m_run.root) {
                return; // another run is shown by now
            }
            setText(diagnostics ? tr("Diagnostics copied") : tr("Diagnostics not copied"));
            setAccessibleName(text());
            if (!diagnostics) {
                setToolTip(plainHint(windowWords(diagnostics.failure().text())));
            }
        });
}

} // namespace dskd::ui
