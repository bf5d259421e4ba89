#pragma once

#include <QWidget>
#include <vector>

class QGroupBox;
class QLabel;

namespace dskd::config
{
struct Experiment;
}

namespace dskd::ui
{

class FieldEditors;

// Every switch that a method is composed of, in groups. What has no effect in the experiment as it stands is greyed
// out (FieldEditors::showUnused). GUI thread only.
class MethodPage final : public QWidget
{
    Q_OBJECT
public:
    MethodPage(FieldEditors& fields, QWidget* parent = nullptr);

    // Shows what every group is for or why it has no effect, and what the chosen fidelity changes.
    void follow(const config::Experiment& experiment);

private:
    struct Group {
        QGroupBox* box;
        QLabel* note; // what the group is for, or why it has no effect
    };
    std::vector<Group> m_groups;
    QLabel* m_fidelity = nullptr; // what the chosen fidelity changes
};

} // namespace dskd::ui
