#pragma once

#include <QDialog>

class QLabel;

namespace dskd::ui
{

// Versions of what the workbench consists of, and the devices that the worker finds. GUI thread only.
class AboutDialog final : public QDialog
{
    Q_OBJECT
public:
    explicit AboutDialog(QWidget* parent);

private:
    void askWorker();

    QLabel* m_worker;
};

} // namespace dskd::ui
