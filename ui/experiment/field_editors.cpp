#include "ui/experiment/field_editors.h"

#include "core/config/methods/field_use.h"
#include "core/config/methods/method_table.h"
#include "ui/experiment/axis_values.h"
#include "ui/look/theme.h"
#include "ui/look/window_words.h"

#include <QCheckBox>
#include <QComboBox>
#include <QEvent>
#include <QFileDialog>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QStyle>
#include <QToolButton>
#include <QVBoxLayout>
#include <nlohmann/json.hpp>

namespace dskd::ui
{

namespace
{

// A wheel over a list that has not the focus scrolls the form.
class WheelGuard final : public QObject
{
public:
    using QObject::QObject;
    bool eventFilter(QObject* watched, QEvent* event) override
    {
        if (event->type() != QEvent::Wheel || static_cast<QWidget*>(watched)->hasFocus()) {
            return false;
        }
        event->ignore(); // goes on to the form
        return true;
    }
};

// The value of a field as a person would type it.
QString typed(const config::Experiment& experiment, const std::string& path)
{
    const nlohmann::json value = config::fieldValue(experiment, path);
    return QString::fromStdString(value.is_string() ? value.get<std::string>() : value.dump());
}

QString tip(const config::FieldInfo& field)
{
    QString text = QString::fromStdString(field.path + " – " + field.explanation);
    if (!field.allowed.empty()) {
        text += QObject::tr("\nAllowed: %1").arg(QString::fromStdString(field.allowed));
    }
    return text + QObject::tr("\nDefault: %1").arg(QString::fromStdString(field.defaultText));
}

// Names, groups and seeds are the plan's own business.
bool canVary(const std::string& path)
{
    return path != "name" && path != "group" && path != "seed";
}

// What a choice does; empty where the names speak for themselves.
QString meaningOf(std::string_view path, std::string_view choice)
{
    for (const config::ChoiceMeaning& meaning : config::choiceMeanings()) {
        if (meaning.field == path && meaning.value == choice) {
            return windowWords(std::string(meaning.sentence));
        }
    }
    return {};
}

} // namespace

void scrollPast(QComboBox& box)
{
    box.setFocusPolicy(Qt::StrongFocus);
    box.installEventFilter(new WheelGuard(&box));
}

FieldEditors::FieldEditors(config::Experiment& experiment, QObject* parent) : QObject(parent), m_experiment(experiment)
{
    for (config::FieldInfo& field : config::fieldReference()) {
        m_fields.emplace(field.path, std::move(field));
    }
}

void FieldEditors::addRow(QFormLayout& form, const std::string& path, const QString& label, Browse browse)
{
    const config::FieldInfo& field = m_fields.at(path);
    auto* parent = form.parentWidget();
    Row row;
    if (field.type == "choice") {
        auto* box = new QComboBox(parent);
        scrollPast(*box);
        for (const std::string& choice : field.choices) {
            box->addItem(QString::fromStdString(choice));
            box->setItemData(box->count() - 1, meaningOf(path, choice), Qt::ToolTipRole);
        }
        if (!meaningOf(path, field.choices.front()).isEmpty()) {
            row.meaning = new QLabel(parent);
            row.meaning->setWordWrap(true);
            row.meaning->setTextFormat(Qt::PlainText);
            setTone(*row.meaning, "muted");
        }
        connect(box, &QComboBox::textActivated, this,
                [this, path, box](const QString& text) { take(path, text, box); });
        row.editor = box;
    } else if (field.type == "boolean") {
        auto* box = new QCheckBox(parent);
        connect(box, &QCheckBox::clicked, this, [this, path, box](bool on) { take(path, on ? "true" : "false", box); });
        row.editor = box;
    } else {
        auto* line = new QLineEdit(parent);
        connect(line, &QLineEdit::textEdited, this,
                [this, path, line](const QString& text) { take(path, text, line); });
        row.editor = line;
    }
    row.editor->setObjectName(QString::fromStdString(path));
    row.editor->setToolTip(tip(field));
    row.editor->setAccessibleName(label);
    row.editor->setAccessibleDescription(QString::fromStdString(field.explanation));
    row.problem = new QLabel(parent);
    row.problem->setProperty("tone", "bad");
    row.problem->setWordWrap(true);
    row.problem->setTextFormat(Qt::PlainText);
    row.problem->hide();

    auto* line = new QHBoxLayout;
    line->setSpacing(kSpace1);
    line->addWidget(row.editor, 1);
    if (browse != Browse::No) {
        auto* button = new QToolButton(parent);
        button->setIcon(icon(browse == Browse::Samples ? "samples" : "folder"));
        button->setToolTip(browse == Browse::Folder ? tr("Choose a folder")
                           : browse == Browse::File ? tr("Choose a file")
                                                    : tr("Choose samples by their texts"));
        button->setAccessibleName(button->toolTip());
        connect(button, &QToolButton::clicked, this, [this, path, browse, parent] {
            if (browse == Browse::Samples) {
                Q_EMIT samplesRequested();
                return;
            }
            auto* dialog = new QFileDialog(parent, browse == Browse::Folder ? tr("Model folder") : tr("Data (JSONL)"));
            dialog->setAttribute(Qt::WA_DeleteOnClose);
            dialog->setFileMode(browse == Browse::Folder ? QFileDialog::Directory : QFileDialog::ExistingFile);
            connect(dialog, &QFileDialog::fileSelected, this,
                    [this, path](const QString& file) { set(path, file.toStdString()); });
            dialog->open();
        });
        button->setObjectName("browse:" + QString::fromStdString(path));
        line->addWidget(button);
        row.browse = button;
    }
    if (canVary(path)) {
        addVariation(row, field, label, parent);
        line->insertWidget(1, row.values, 1);
        line->addWidget(row.vary, 0, Qt::AlignTop);
    }
    auto* box = new QWidget(parent); // hides and shows with its row, whatever of it is hidden
    auto* cell = new QVBoxLayout(box);
    cell->setContentsMargins(0, 0, 0, 0);
    cell->setSpacing(0);
    cell->addLayout(line);
    if (row.meaning != nullptr) {
        cell->addWidget(row.meaning);
    }
    cell->addWidget(row.problem);
    row.caption = new QLabel(label, parent);
    row.caption->setBuddy(row.editor);
    row.caption->setToolTip(row.editor->toolTip());
    form.addRow(row.caption, box);
    m_rows.emplace(path, row);
    show(path, row);
    showAxis(path);
}

void FieldEditors::take(const std::string& path, const QString& text, const QWidget* from)
{
    const auto stored = config::setField(m_experiment, path, text.trimmed().toStdString());
    if (stored) {
        m_problems.erase(path);
    } else {
        m_problems[path] = QString::fromStdString(stored.failure().what);
    }
    const auto [first, last] = m_rows.equal_range(path);
    for (auto row = first; row != last; ++row) {
        if (row->second.editor != from && stored) {
            show(path, row->second);
        } else {
            showMeaning(path, row->second);
        }
    }
    showProblem(path);
    Q_EMIT changed();
}

// The experiment, and what it is with each single value of the axes: a field that has an effect in one is used.
std::vector<config::Experiment> FieldEditors::variants() const
{
    std::vector<config::Experiment> variants{m_experiment};
    for (const config::Axis& axis : m_axes) {
        for (const std::string& value : axis.values) {
            config::Experiment variant = m_experiment;
            if (config::setField(variant, axis.field, value)) {
                variants.push_back(std::move(variant));
            }
        }
    }
    return variants;
}

void FieldEditors::showUnused()
{
    const std::vector<config::Experiment> all = variants();
    for (const auto& [path, row] : m_rows) {
        std::string_view why = config::whyUnused(m_experiment, path);
        for (std::size_t i = 1; i < all.size() && !why.empty(); ++i) {
            why = config::whyUnused(all[i], path);
        }
        const config::FieldInfo& field = m_fields.at(path);
        const bool isDefault = config::fieldValue(m_experiment, path).dump() == field.defaultText;
        const bool enabled =
            why.empty() || !isDefault || m_problems.contains(path) || row.editor->hasFocus() || isVaried(path);
        row.editor->setEnabled(enabled);
        row.caption->setEnabled(enabled);
        if (row.browse != nullptr) {
            row.browse->setEnabled(enabled);
        }
        if (row.vary != nullptr) {
            row.vary->setEnabled(enabled);
        }
        row.editor->setToolTip(why.empty() ? tip(field) : QString::fromUtf8(why));
        row.caption->setToolTip(row.editor->toolTip());
    }
}

void FieldEditors::set(const std::string& path, const std::string& text)
{
    vary(path, false);
    take(path, QString::fromStdString(text), nullptr);
}

void FieldEditors::reload()
{
    m_problems.clear();
    for (const config::Axis& axis : m_axes) {
        if (const QString problem = problemOf(axis); !problem.isEmpty()) {
            m_problems[axis.field] = problem;
        }
    }
    for (const auto& [path, row] : m_rows) {
        show(path, row);
        showProblem(path);
    }
    Q_EMIT changed();
}

void FieldEditors::show(const std::string& path, const Row& row)
{
    const QString text = typed(m_experiment, path);
    if (auto* box = qobject_cast<QComboBox*>(row.editor)) {
        box->setCurrentText(text);
    } else if (auto* check = qobject_cast<QCheckBox*>(row.editor)) {
        check->setChecked(text == "true");
    } else if (auto* line = qobject_cast<QLineEdit*>(row.editor)) {
        line->setText(text);
        line->setCursorPosition(0); // of a long path the beginning, like a person reads
    }
    showMeaning(path, row);
}

void FieldEditors::showMeaning(const std::string& path, const Row& row)
{
    if (row.meaning != nullptr) {
        row.meaning->setText(meaningOf(path, typed(m_experiment, path).toStdString()));
    }
}

void FieldEditors::showProblem(const std::string& path)
{
    const auto problem = m_problems.find(path);
    const bool bad = problem != m_problems.end();
    const auto [first, last] = m_rows.equal_range(path);
    for (auto row = first; row != last; ++row) {
        row->second.problem->setText(bad ? problem->second : QString());
        row->second.problem->setVisible(bad);
        row->second.editor->setProperty("problem", bad);
        row->second.editor->style()->unpolish(row->second.editor);
        row->second.editor->style()->polish(row->second.editor);
        if (row->second.values != nullptr) {
            row->second.values->setProblem(bad);
        }
    }
}

QString FieldEditors::firstProblem() const
{
    return m_problems.empty() ? QString() : m_problems.begin()->second;
}

} // namespace dskd::ui
