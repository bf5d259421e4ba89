#pragma once

#include "core/config/plan/plan.h"
#include "core/config/schema/experiment.h"
#include "core/config/schema/experiment_json.h"

#include <QObject>
#include <functional>
#include <map>
#include <string>
#include <vector>

class QComboBox;
class QFormLayout;
class QLabel;
class QToolButton;
class QWidget;

namespace dskd::ui
{

class AxisValues;

// Editors for configuration fields, made from the field table: label, allowed values, default and explanation come from
// there, and so does the judgement whether a text is accepted. All editors of a field show the same value. What was
// typed stays, also when it is refused; then the problem stands below the field. A button beside each turns it into a
// list of values that runs vary. GUI thread only.
class FieldEditors final : public QObject
{
    Q_OBJECT
public:
    explicit FieldEditors(config::Experiment& experiment, QObject* parent);

    // Adds a row for the field `path`: label, editor, and a place for the problem. `browse`: a button that asks for a
    // folder or a file, or for samples (samplesRequested).
    enum class Browse { No, Folder, File, Samples };
    void addRow(QFormLayout& form, const std::string& path, const QString& label, Browse browse = Browse::No);

    // Sets a field as if it had been typed; one that is varied has this one value then.
    void set(const std::string& path, const std::string& text);
    // Greys out the fields without effect on the experiment (config/field_use.h), with the reason as the tool tip, and
    // enables the others. What a person must be able to take back stays enabled: a value that is not the default, or
    // is wrong, and the field that is being typed in.
    void showUnused();
    // Shows the experiment anew, after it was changed from outside.
    void reload();

    // What runs vary, in the order in which it was chosen; also with values that are refused. The experiment keeps its
    // own values of these fields.
    [[nodiscard]] const std::vector<config::Axis>& axes() const { return m_axes; }
    void setAxes(std::vector<config::Axis> axes);
    // Turns the field into an axis that begins with its value, or back into one value, the first of them.
    void vary(const std::string& path, bool on);
    // Goes to the values of a field, where they are shown.
    void focusValues(const std::string& path) const;

    [[nodiscard]] bool valid() const { return m_problems.empty(); }
    // "train.lr: must be > 0" for the first field that is refused; empty when all are accepted.
    [[nodiscard]] QString firstProblem() const;
    [[nodiscard]] const config::Experiment& experiment() const { return m_experiment; }

Q_SIGNALS:
    void changed();          // a value, or whether the values are accepted
    void samplesRequested(); // for log.probe_lines; whoever asks a person for them sets it

private:
    struct Row {
        QLabel* caption = nullptr;
        QWidget* editor = nullptr; // QLineEdit, QComboBox or QCheckBox
        QLabel* meaning = nullptr; // of the choice; null for fields that are typed
        QLabel* problem = nullptr;
        QToolButton* browse = nullptr; // null: there is nothing to choose from
        QToolButton* vary = nullptr;   // null: runs cannot vary it
        AxisValues* values = nullptr;  // in place of the editor while they do
    };
    void take(const std::string& path, const QString& text, const QWidget* from);
    void show(const std::string& path, const Row& row);
    void showProblem(const std::string& path);
    void showMeaning(const std::string& path, const Row& row);
    [[nodiscard]] std::vector<config::Axis>::iterator axisOf(const std::string& path);
    [[nodiscard]] bool isVaried(const std::string& path) const;
    void addVariation(Row& row, const config::FieldInfo& field, const QString& label, QWidget* parent);
    void takeValues(const std::string& path, std::vector<std::string> values);
    [[nodiscard]] QString problemOf(const config::Axis& axis) const;
    void showAxis(const std::string& path);
    [[nodiscard]] std::vector<config::Experiment> variants() const;

    config::Experiment& m_experiment;
    std::map<std::string, config::FieldInfo> m_fields;
    std::multimap<std::string, Row> m_rows;
    std::map<std::string, QString> m_problems;
    std::vector<config::Axis> m_axes;
};

// Lets the wheel over a list that has not the focus scroll the form instead of changing the choice.
void scrollPast(QComboBox& box);

} // namespace dskd::ui
