#include "ui/experiment/axis_values.h"

#include "ui/look/theme.h"

#include <QCheckBox>
#include <QGridLayout>
#include <QLineEdit>
#include <QStyle>
#include <algorithm>

namespace dskd::ui
{

namespace
{

constexpr int kColumns = 3;

std::vector<std::string> choicesOf(const config::FieldInfo& field)
{
    return field.type == "boolean" ? std::vector<std::string>{"true", "false"} : field.choices;
}

} // namespace

AxisValues::AxisValues(const config::FieldInfo& field, const QString& label, QWidget* parent) : QWidget(parent)
{
    const QString path = QString::fromStdString(field.path);
    setObjectName("values:" + path);
    auto* layout = new QGridLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(kSpace1);
    const auto choices = choicesOf(field);
    for (std::size_t i = 0; i < choices.size(); ++i) {
        const QString choice = QString::fromStdString(choices[i]);
        auto* box = new QCheckBox(choice, this);
        box->setObjectName("value:" + path + "=" + choice);
        box->setAccessibleName(tr("%1: %2").arg(label, choice));
        connect(box, &QCheckBox::clicked, this, &AxisValues::edited);
        layout->addWidget(box, static_cast<int>(i) / kColumns, static_cast<int>(i) % kColumns);
        m_boxes.emplace_back(choices[i], box);
    }
    if (m_boxes.empty()) {
        m_line = new QLineEdit(this);
        m_line->setObjectName("line:" + path);
        if (field.type == "string") { // which may have commas in it
            m_separator = QLatin1Char(';');
        }
        const QString how = m_separator == QLatin1Char(';') ? tr("values, separated by semicolons")
                                                            : tr("values, separated by commas");
        m_line->setPlaceholderText(how);
        m_line->setAccessibleName(tr("%1: %2").arg(label, how));
        connect(m_line, &QLineEdit::textEdited, this, &AxisValues::edited);
        layout->addWidget(m_line, 0, 0);
    }
    setFocusProxy(m_boxes.empty() ? static_cast<QWidget*>(m_line) : m_boxes.front().second);
}

void AxisValues::setValues(const std::vector<std::string>& values)
{
    for (const auto& [choice, box] : m_boxes) {
        box->setChecked(std::find(values.begin(), values.end(), choice) != values.end());
    }
    if (m_line != nullptr && this->values() != values) { // what is being typed keeps its spaces
        QStringList texts;
        for (const std::string& value : values) {
            texts += QString::fromStdString(value);
        }
        m_line->setText(texts.join(QString(m_separator) + QLatin1Char(' ')));
    }
}

std::vector<std::string> AxisValues::values() const
{
    std::vector<std::string> values;
    for (const auto& [choice, box] : m_boxes) {
        if (box->isChecked()) {
            values.push_back(choice);
        }
    }
    if (m_line != nullptr) {
        for (const QString& text : m_line->text().split(m_separator)) {
            if (const QString value = text.trimmed(); !value.isEmpty()) {
                values.push_back(value.toStdString());
            }
        }
    }
    return values;
}

void AxisValues::setProblem(bool bad)
{
    if (m_line != nullptr && m_line->property("problem").toBool() != bad) {
        m_line->setProperty("problem", bad);
        m_line->style()->unpolish(m_line);
        m_line->style()->polish(m_line);
    }
}

} // namespace dskd::ui
