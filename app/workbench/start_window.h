#pragma once

#include <QWidget>

namespace dskd::workbench
{

// What stands there when no workspace is known: open one, or make one. GUI thread only.
class StartWindow final : public QWidget
{
    Q_OBJECT
public:
    explicit StartWindow(const QString& trouble = {}, QWidget* parent = nullptr);
};

// Asks for a folder; opens it in a window of its own, making it a workspace when it is none and the person agrees.
void askForWorkspace(QWidget* parent);

// Opens the window on that workspace. False, with a sentence in `trouble`, when it is none.
bool openWorkspace(const QString& folder, QString* trouble = nullptr);

} // namespace dskd::workbench
