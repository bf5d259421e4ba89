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
// out, with the reason in place of an explanation. GUI thread only.
class MethodPage final : public QWidget
{
    Q_OBJECT
public:
    MethodPage(FieldEditors& fields, QWidget* parent = nullptr);

    // Which fields have an effect follows the experiment.
    void follow(const config::Experiment& experiment);

private:
    struct Group {
        QGroupBox* box;
        QLabel* note; // what the group is for, or why it has no effect
    };
    FieldEditors& m_fields;
    std::vector<Group> m_groups;
    QLabel* m_fidelity = nullptr; // what the chosen fidelity changes
};

} // namespace dskd::ui
