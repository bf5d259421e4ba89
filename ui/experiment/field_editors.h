#pragma once

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

// Editors for configuration fields, made from the field table: label, allowed values, default and explanation come from
// there, and so does the judgement whether a text is accepted. All editors of a field show the same value. What was
// typed stays, also when it is refused; then the problem stands below the field. GUI thread only.
class FieldEditors final : public QObject
{
    Q_OBJECT
public:
    explicit FieldEditors(config::Experiment& experiment, QObject* parent);

    // Adds a row for the field `path`: label, editor, and a place for the problem. `browse`: a button that asks for a
    // folder or a file.
    enum class Browse { No, Folder, File };
    void addRow(QFormLayout& form, const std::string& path, const QString& label, Browse browse = Browse::No);

    // Sets a field as if it had been typed.
    void set(const std::string& path, const std::string& text);
    // Greys out the fields without effect on the experiment (config/field_use.h), with the reason as the tool tip, and
    // enables the others. What a person must be able to take back stays enabled: a value that is not the default, or
    // is wrong, and the field that is being typed in.
    void showUnused();
    // Shows the experiment anew, after it was changed from outside.
    void reload();

    [[nodiscard]] bool valid() const { return m_problems.empty(); }
    // "train.lr: must be > 0" for the first field that is refused; empty when all are accepted.
    [[nodiscard]] QString firstProblem() const;
    [[nodiscard]] const config::Experiment& experiment() const { return m_experiment; }

Q_SIGNALS:
    void changed(); // a value, or whether the values are accepted

private:
    struct Row {
        QWidget* editor = nullptr; // QLineEdit, QComboBox or QCheckBox
        QLabel* meaning = nullptr; // of the choice; null for fields that are typed
        QLabel* problem = nullptr;
        QToolButton* browse = nullptr; // null: there is nothing to choose from
    };
    void take(const std::string& path, const QString& text, const QWidget* from);
    void show(const std::string& path, const Row& row);
    void showProblem(const std::string& path);
    void showMeaning(const std::string& path, const Row& row);

    config::Experiment& m_experiment;
    std::map<std::string, config::FieldInfo> m_fields;
    std::multimap<std::string, Row> m_rows;
    std::map<std::string, QString> m_problems;
};

// Lets the wheel over a list that has not the focus scroll the form instead of changing the choice.
void scrollPast(QComboBox& box);

} // namespace dskd::ui
