#pragma once

#include <QDialog>
#include <QPointer>

class QLabel;
class QProcess;

namespace dskd::ui
{

// Versions of what the workbench consists of, and the devices that the worker finds. GUI thread only.
class AboutDialog final : public QDialog
{
    Q_OBJECT
public:
    explicit AboutDialog(QWidget* parent);
    ~AboutDialog() override; // the worker that is being asked ends with it

private:
    void askWorker();

    QLabel* m_worker;
    QPointer<QProcess> m_process;
};

} // namespace dskd::ui
