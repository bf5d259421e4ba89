// What the editors do when a field has several values: FieldEditors, the part about axes.

#include "core/config/methods/method_table.h"
#include "ui/experiment/axis_values.h"
#include "ui/experiment/field_editors.h"
#include "ui/look/theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QToolButton>
#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

namespace dskd::ui
{

std::vector<config::Axis>::iterator FieldEditors::axisOf(const std::string& path)
{
    return std::find_if(m_axes.begin(), m_axes.end(), [&](const config::Axis& axis) { return axis.field == path; });
}

bool FieldEditors::isVaried(const std::string& path) const
{
    return std::any_of(m_axes.begin(), m_axes.end(), [&](const config::Axis& axis) { return axis.field == path; });
}

void FieldEditors::addVariation(Row& row, const config::FieldInfo& field, const QString& label, QWidget* parent)
{
    const std::string path = field.path;
    row.values = new AxisValues(field, label, parent);
    row.vary = new QToolButton(parent);
    row.vary->setObjectName("vary:" + QString::fromStdString(path));
    row.vary->setText(tr("vary"));
    row.vary->setCheckable(true);
    row.vary->setToolTip(tr("Give %1 several values: a run for each").arg(QString::fromStdString(path)));
    row.vary->setAccessibleName(tr("Vary %1").arg(label));
    const AxisValues* values = row.values;
    connect(row.vary, &QToolButton::clicked, this, [this, path](bool on) { vary(path, on); });
    connect(values, &AxisValues::edited, this, [this, path, values] { takeValues(path, values->values()); });
}

void FieldEditors::vary(const std::string& path, bool on)
{
    const auto axis = axisOf(path);
    if (on == (axis != m_axes.end())) {
        return;
    }
    if (!on) {
        const std::vector<std::string> values = axis->values;
        m_axes.erase(axis);
        m_problems.erase(path);
        if (!values.empty()) {
            (void)config::setField(m_experiment, path, values.front()); // one that it refuses leaves the value of before
        }
        for (const auto& [field, row] : m_rows) {
            if (field == path || path == config::kMethodByName) { // a method sets many fields
                show(field, row);
            }
        }
    } else {
        const nlohmann::json value = config::fieldValue(m_experiment, path);
        const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
        m_axes.push_back({path, text.empty() ? std::vector<std::string>() : std::vector<std::string>{text}});
        if (const QString problem = problemOf(m_axes.back()); problem.isEmpty()) {
            m_problems.erase(path); // of a text that is not shown any more
        } else {
            m_problems[path] = problem;
        }
    }
    showAxis(path);
    if (on) {
        focusValues(path);
    }
    Q_EMIT changed();
}

void FieldEditors::setAxes(std::vector<config::Axis> axes)
{
    std::set<std::string> fields;
    for (const std::vector<config::Axis>* list : {&m_axes, &axes}) {
        for (const config::Axis& axis : *list) {
            fields.insert(axis.field);
            m_problems.erase(axis.field);
        }
    }
    m_axes.clear();
    for (config::Axis& axis : axes) {
        m_axes.push_back({axis.field, {}});
        takeValues(axis.field, std::move(axis.values));
    }
    for (const std::string& field : fields) {
        showAxis(field);
    }
    Q_EMIT changed();
}

void FieldEditors::takeValues(const std::string& path, std::vector<std::string> values)
{
    const auto axis = axisOf(path);
    if (axis == m_axes.end()) {
        return;
    }
    axis->values = std::move(values);
    if (const QString problem = problemOf(*axis); !problem.isEmpty()) {
        m_problems[path] = problem;
    } else {
        m_problems.erase(path);
    }
    showAxis(path);
    Q_EMIT changed();
}

QString FieldEditors::problemOf(const config::Axis& axis) const
{
    if (axis.values.empty()) {
        return tr("Choose or type the values that %1 takes.").arg(QString::fromStdString(axis.field));
    }
    std::set<std::string> seen;
    for (const std::string& value : axis.values) {
        config::Experiment copy = m_experiment;
        if (const auto stored = config::setField(copy, axis.field, value); !stored) {
            return QString::fromStdString(stored.failure().what);
        }
        if (!seen.insert(value).second) {
            return tr("%1 has the value %2 twice.")
                .arg(QString::fromStdString(axis.field), QString::fromStdString(value));
        }
    }
    return {};
}

void FieldEditors::showAxis(const std::string& path)
{
    const auto axis = axisOf(path);
    const bool varied = axis != m_axes.end();
    const auto [first, last] = m_rows.equal_range(path);
    for (auto at = first; at != last; ++at) {
        const Row& row = at->second;
        if (row.vary == nullptr) {
            continue;
        }
        row.vary->setChecked(varied);
        row.editor->setVisible(!varied);
        row.values->setVisible(varied);
        if (row.meaning != nullptr) {
            row.meaning->setVisible(!varied);
        }
        if (varied) {
            row.values->setValues(axis->values);
        }
    }
    showProblem(path);
}

void FieldEditors::focusValues(const std::string& path) const
{
    const auto [first, last] = m_rows.equal_range(path);
    for (auto row = first; row != last; ++row) {
        if (row->second.values != nullptr && row->second.values->isVisible()) {
            row->second.values->setFocus();
            return;
        }
    }
}

} // namespace dskd::ui
