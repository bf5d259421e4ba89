// What the dialog does: names, plans, checks, files. Its layout is in experiment_dialog.cpp.

#include "core/config/methods/field_use.h"
#include "core/config/methods/method_table.h"
#include "core/config/methods/method_traits.h"
#include "core/config/plan/ablation.h"
#include "core/config/plan/seeds.h"
#include "core/config/schema/experiment_json.h"
#include "core/jobs/experiment_file.h"
#include "core/store/chosen_names.h"
#include "ui/experiment/axes_panel.h"
#include "ui/experiment/expanded_plan.h"
#include "ui/experiment/experiment_dialog.h"
#include "ui/experiment/method_page.h"
#include "ui/experiment/plan_estimate.h"
#include "ui/experiment/preflight_panel.h"
#include "ui/experiment/sample_chooser.h"
#include "ui/look/format.h"
#include "ui/look/theme.h"
#include "ui/look/window_words.h"

#include <QComboBox>
#include <QFileDialog>
#include <QFileInfo>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSaveFile>
#include <QScrollArea>
#include <QTabWidget>
#include <algorithm>
#include <memory>

namespace dskd::ui
{

namespace
{

constexpr std::size_t kMostCounted = 10'000; // combinations that are looked at one by one

// What a form that has only just been opened still lacks.
QString missingFiles(const config::Experiment& experiment)
{
    QStringList missing;
    if (config::whyUnused(experiment, "teacher.model").empty() && experiment.teacher.model.empty()) {
        missing += ExperimentDialog::tr("a teacher");
    }
    if (experiment.student.model.empty()) {
        missing += ExperimentDialog::tr("a student");
    }
    if (experiment.data.train.empty()) {
        missing += ExperimentDialog::tr("training data");
    }
    return missing.isEmpty()
               ? QString()
               : ExperimentDialog::tr("Still to choose: %1. \"Duplicate\" (Ctrl+D) starts from a run instead.")
                     .arg(missing.join(QStringLiteral(", ")));
}

bool excludes(const config::Exclusion& exclusion, const config::Exclusion& combination)
{
    return std::all_of(exclusion.begin(), exclusion.end(), [&](const auto& value) {
        const auto own = combination.find(value.first);
        return own != combination.end() && own->second == value.second;
    });
}

// `wanted`, with " 2", " 3" … when taken.
std::string freeName(const std::string& wanted, const std::vector<std::string>& taken)
{
    std::string name = wanted;
    for (int number = 2; std::find(taken.begin(), taken.end(), name) != taken.end(); ++number) {
        name = wanted + " " + std::to_string(number);
    }
    return name;
}

} // namespace

void ExperimentDialog::setWorkspace(const std::filesystem::path& workspace, std::vector<std::string> taken)
{
    m_taken = std::move(taken);
    m_estimate->setWorkspace(workspace);
    m_preflight->setWorkspace(workspace);
    if (m_isNew && !m_experiment.name.empty()) {
        m_fields->set("name", freeName(m_experiment.name, m_taken));
    } else {
        onChanged();
    }
}

void ExperimentDialog::connectAxes()
{
    connect(m_axes, &AxesPanel::excludedChanged, this, [this] {
        m_excluded = m_axes->excluded();
        onChanged();
    });
    connect(m_axes, &AxesPanel::endRequested, this, [this](const std::string& field) { m_fields->vary(field, false); });
    connect(m_axes, &AxesPanel::editRequested, this, &ExperimentDialog::showAxisValues);
    connect(m_axes, &AxesPanel::ablationRequested, this, [this] {
        if (!config::distils(m_experiment.method)) {
            m_fields->set("method.objective", "kd"); // nothing else compares in spaces
        }
        std::vector<config::Axis> axes = config::spacesAndDistances();
        for (const config::Axis& other : m_fields->axes()) {
            if (std::none_of(axes.begin(), axes.end(),
                             [&](const config::Axis& axis) { return axis.field == other.field; })) {
                axes.push_back(other);
            }
        }
        m_fields->setAxes(std::move(axes));
        const auto typed = config::parseSeeds(m_seeds->text().toStdString());
        const std::uint64_t first = typed ? typed->front() : m_experiment.seed;
        m_seeds->setText(QString::fromStdString(config::seedsText(config::ablationSeeds(first))));
    });
}

// Goes to the page that has the field, and to its values.
void ExperimentDialog::showAxisValues(const std::string& field)
{
    for (int page = 0; page < m_pages->count(); ++page) {
        auto* values = m_pages->widget(page)->findChild<QWidget*>("values:" + QString::fromStdString(field));
        if (values == nullptr) {
            continue;
        }
        m_pages->setCurrentIndex(page);
        for (QWidget* outer = values->parentWidget(); outer != nullptr; outer = outer->parentWidget()) {
            if (auto* scroll = qobject_cast<QScrollArea*>(outer)) {
                scroll->ensureWidgetVisible(values);
                break;
            }
        }
        values->setFocus();
        return;
    }
}

config::Plan ExperimentDialog::plan() const
{
    config::Plan plan{m_experiment, m_fields->axes(), m_fixed, m_excluded, {}};
    plan.base.name = m_baseName;
    plan.base.group = m_baseGroup;
    if (const auto seeds = config::parseSeeds(m_seeds->text().toStdString())) {
        if (m_seedOfBase && seeds->size() == 1) {
            plan.base.seed = seeds->front();
        } else {
            plan.seeds = *seeds;
        }
    }
    return plan;
}

config::Experiment ExperimentDialog::firstRun() const
{
    const config::Plan all = plan();
    config::Experiment first = all.base;
    const auto apply = [&](bool methods) { // in the order of config::expand; what is refused is shown elsewhere
        for (const config::Axis& axis : all.axes) {
            if ((axis.field == config::kMethodByName) == methods && !axis.values.empty()) {
                (void)config::setField(first, axis.field, axis.values.front());
            }
        }
    };
    apply(true);
    for (const auto& [field, value] : all.fixed) {
        (void)config::setField(first, field, value);
    }
    apply(false);
    first.name = m_experiment.name;
    return first;
}

std::size_t ExperimentDialog::runCount() const
{
    const config::Plan counted = plan();
    const std::size_t seeds = std::max<std::size_t>(1, counted.seeds.size());
    std::size_t product = 1;
    for (const config::Axis& axis : counted.axes) {
        product *= axis.values.size();
    }
    if (counted.excluded.empty() || product > kMostCounted) { // of so many, what is left out is counted in the estimate
        return product * seeds;
    }
    std::vector<config::Exclusion> combinations(1);
    for (const config::Axis& axis : counted.axes) {
        std::vector<config::Exclusion> wider;
        for (const config::Exclusion& combination : combinations) {
            for (const std::string& value : axis.values) {
                wider.push_back(combination);
                wider.back()[axis.field] = value;
            }
        }
        combinations = std::move(wider);
    }
    std::erase_if(combinations, [&](const config::Exclusion& combination) {
        return std::any_of(counted.excluded.begin(), counted.excluded.end(),
                           [&](const config::Exclusion& exclusion) { return excludes(exclusion, combination); });
    });
    return combinations.size() * seeds;
}

std::string ExperimentDialog::suggestedName() const
{
    std::string name;
    for (const config::Axis& axis : m_fields->axes()) {
        name += (name.empty() ? "" : " × ") + std::string(config::lastPart(axis.field));
    }
    name = name.empty() ? config::methodNameOf(m_experiment).label : name;
    return m_isNew ? freeName(name, m_taken) : name;
}

void ExperimentDialog::suggestName()
{
    if (m_name->isModified()) { // typed just now; cleared, it is suggested again with the next change
        m_nameTyped = !m_name->text().trimmed().isEmpty();
        m_name->setModified(false);
        return;
    }
    if (const std::string name = suggestedName(); !m_nameTyped && m_experiment.name != name) {
        m_fields->set("name", name);
    }
}

void ExperimentDialog::onChanged()
{
    suggestName();
    const auto named = config::methodOf(m_experiment);
    m_preset->setCurrentIndex(named ? m_preset->findData(static_cast<uint>(*named)) : -1);
    m_method->follow(m_experiment);
    m_fields->showUnused();
    m_sentence->setText(named ? QString::fromUtf8(config::namedMethods()[*named].sentence)
                              : tr("The switches in \"Method\" are composed in a way that has no name."));
    m_axes->setPlan(m_fields->axes(), m_excluded);
    m_notDone.clear();
    const auto expanded = std::make_shared<const ExpandedPlan>(plan()); // for both, so that it is expanded once
    m_preflight->check(firstRun(), expanded);
    m_estimate->follow(m_experiment.name, expanded);
    updateStart();
}

QString ExperimentDialog::whyNoPlan() const
{
    if (const QString problem = m_fields->firstProblem(); !problem.isEmpty()) {
        return problem;
    }
    if (const auto seeds = config::parseSeeds(m_seeds->text().toStdString()); !seeds) {
        return QString::fromStdString(seeds.failure().text());
    }
    if (m_experiment.name.empty()) {
        return tr("Give the experiment a name.");
    }
    // One that is there keeps the name that it has.
    const std::string why = m_experiment.name == m_savedAs ? std::string() : store::whyUnusableName(m_experiment.name);
    return why.empty() ? QString()
                       : tr("%1 For example: %2.")
                             .arg(shownName(why), shownName(freeName(store::usableName(m_experiment.name), m_taken)));
}

// Off while the experiment has a problem, with the reason as its tool tip and beside it.
void ExperimentDialog::updateStart()
{
    const std::size_t count = m_estimate->runs().value_or(runCount()); // of runs that are the same one counts
    m_start->setText(count == 1 ? tr("Start 1 run") : tr("Start %1 runs").arg(count));
    QString why = whyNoPlan();
    const QString missing = why.isEmpty() ? missingFiles(firstRun()) : QString();
    if (why.isEmpty() && missing.isEmpty()) {
        why = m_estimate->refusal();
    }
    m_save->setEnabled(why.isEmpty() && missing.isEmpty() && !m_submitted);
    m_save->setToolTip(why.isEmpty() && missing.isEmpty() ? tr("Keep it without running it") : why + missing);
    // While a check is in work, what is known is of the experiment before the change. Nobody has to wait for it.
    const QString problem = m_preflight->busy() ? QString() : m_preflight->firstProblem();
    QString tip = why + missing;
    if (tip.isEmpty() && !problem.isEmpty()) {
        tip = problem;
        why = tr("The worker would refuse this: %1.").arg(problem.section(QLatin1Char(':'), 0, 0));
    }
    m_start->setEnabled(tip.isEmpty() && !m_submitted);
    m_start->setToolTip(tip.isEmpty() ? tr("Queue the runs (Ctrl+Return)") : tip);
    // It takes the memory of a run: not while the experiment has a problem, nor beside another.
    m_probe->setVisible(tip.isEmpty() && m_estimate->canProbe());
    setTone(*m_why, why.isEmpty() && m_notDone.isEmpty() ? "muted" : "bad");
    m_why->setText(m_notDone.isEmpty() ? why + missing : m_notDone);
}

void ExperimentDialog::submit(bool run)
{
    m_submitted = true;
    m_notDone.clear();
    updateStart();
    Q_EMIT submitted(m_experiment.name, plan(), run);
}

void ExperimentDialog::refused(const QString& sentence)
{
    m_submitted = false;
    m_notDone = windowWords(sentence);
    updateStart();
}

void ExperimentDialog::take(const config::Plan& plan, const std::string& name)
{
    m_experiment = plan.base;
    m_experiment.name = name;
    m_experiment.group.clear(); // runs are grouped by their experiment
    m_fixed = plan.fixed;
    m_excluded = plan.excluded;
    m_baseName = m_isNew ? std::string() : plan.base.name;
    m_baseGroup = m_isNew ? std::string() : plan.base.group;
    m_seedOfBase = plan.seeds.empty();
    m_name->setModified(false);
    m_nameTyped = true; // until it is known what would be suggested
    m_fields->setAxes(plan.axes);
    const auto own = std::vector<std::uint64_t>{plan.base.seed};
    m_seeds->setText(QString::fromStdString(config::seedsText(plan.seeds.empty() ? own : plan.seeds)));
    m_nameTyped = !m_isNew || (!name.empty() && name != suggestedName());
    m_fields->reload();
}

void ExperimentDialog::load(const config::Plan& plan)
{
    take(plan, plan.base.name);
}

void ExperimentDialog::load(const config::Experiment& experiment)
{
    load(config::Plan{experiment, {}, {}, {}, {}});
}

void ExperimentDialog::loadFile(const QString& file)
{
    auto read = jobs::readExperimentFile(file.toStdString());
    if (!read) {
        refused(QString::fromStdString(read.failure().text()));
        return;
    }
    take(read->plan, read->name);
    setWindowTitle(QFileInfo(file).fileName());
    if (!read->note.empty() || !read->tags.empty()) {
        refused(tr("The note and the tags of this file are not taken over; \"dskd experiment import\" does that."));
    }
}

bool ExperimentDialog::saveTo(const QString& file) const
{
    const config::Plan plan = this->plan();
    const bool plain = plan.axes.empty() && plan.excluded.empty() && plan.fixed.empty() && plan.seeds.size() <= 1;
    config::Experiment single = m_experiment;
    single.seed = plan.seeds.empty() ? plan.base.seed : plan.seeds.front();
    const std::string text =
        plain ? config::toText(single) : jobs::toText(jobs::ExperimentFile{m_experiment.name, {}, {}, plan});
    QSaveFile out(file);
    return out.open(QIODevice::WriteOnly) && out.write(QByteArray::fromStdString(text)) > 0 && out.commit();
}

void ExperimentDialog::chooseSamples()
{
    auto* dialog = new SampleChooser(m_experiment.data, m_experiment.log.probeLines, this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QDialog::accepted, this, [this, dialog] { m_fields->set("log.probe_lines", dialog->lines()); });
    dialog->open();
}

void ExperimentDialog::openFile()
{
    auto* dialog = new QFileDialog(this, tr("Open configuration"), {}, tr("Configurations (*.json)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QFileDialog::fileSelected, this, &ExperimentDialog::loadFile);
    dialog->open();
}

void ExperimentDialog::saveFile()
{
    auto* dialog = new QFileDialog(this, tr("Save configuration"), {}, tr("Configurations (*.json)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix("json");
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& file) {
        if (!saveTo(file)) {
            m_notDone = tr("%1 could not be written.").arg(file);
            updateStart();
        }
    });
    dialog->open();
}

} // namespace dskd::ui
