#pragma once

#include <QWidget>
#include <memory>

class QCheckBox;
class QLabel;
class QPushButton;

namespace dskd::ui
{
class Background;
}

namespace dskd::workbench
{

// What stands there when no workspace is known: try the demo, open one or make one, or one of those that were open
// before. A workspace's folder that is dropped on it is opened. GUI thread only.
class StartWindow final : public QWidget
{
    Q_OBJECT
public:
    explicit StartWindow(const QString& trouble = {}, QWidget* parent = nullptr);
    ~StartWindow() override;

    // Makes the demo's runs in `folder`, has them worked on, and opens the window there.
    void startDemo(const QString& folder);

protected:
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;

private:
    [[nodiscard]] QWidget* makeRecent();
    void open(const QString& folder);
    void say(const QString& sentence, bool bad);

    std::unique_ptr<ui::Background> m_background;
    QLabel* m_text;
    QPushButton* m_demo;
    QCheckBox* m_quick;
};

// Asks for a folder; opens it in a window of its own, making it a workspace when it is none and the person agrees.
void askForWorkspace(QWidget* parent);

// Opens the window on that workspace. False, with a sentence in `trouble`, when it is none.
bool openWorkspace(const QString& folder, QString* trouble = nullptr);

} // namespace dskd::workbench
