#include "ui/experiment/experiment_dialog.h"

#include "core/config/methods/field_use.h"
#include "core/config/methods/method_table.h"
#include "ui/experiment/method_page.h"
#include "ui/experiment/preflight_panel.h"
#include "ui/look/format.h"
#include "ui/look/theme.h"

#include <QComboBox>
#include <QFileDialog>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QMessageBox>
#include <QPushButton>
#include <QRegularExpression>
#include <QSaveFile>
#include <QScrollArea>
#include <QShortcut>
#include <QSplitter>
#include <QStandardItemModel>
#include <QTabWidget>
#include <QVBoxLayout>
#include <set>

namespace dskd::ui
{

namespace
{

config::Experiment startingPoint(const std::optional<config::Experiment>& from)
{
    if (from) {
        return *from;
    }
    config::Experiment fresh;
    fresh.checkpoint.every = 100; // what was computed is kept when a machine goes down
    fresh.name = "dual";
    return fresh;
}

QScrollArea* scrolled(QWidget* content)
{
    auto* scroll = new QScrollArea;
    scroll->setWidgetResizable(true);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setWidget(content);
    return scroll;
}

// The methods by name under their headings; the data of an item is the method's number.
void fillMethods(QComboBox& box)
{
    const auto methods = config::namedMethods();
    auto* model = qobject_cast<QStandardItemModel*>(box.model());
    for (std::size_t i = 0; i < methods.size(); ++i) {
        if (i == 0 || methods[i].kind != methods[i - 1].kind) {
            auto* heading = new QStandardItem(QString::fromUtf8(config::title(methods[i].kind)));
            heading->setFlags(Qt::NoItemFlags);
            model->appendRow(heading);
        }
        box.addItem(QString::fromUtf8(methods[i].title), static_cast<uint>(i));
        box.setItemData(box.count() - 1, QString::fromUtf8(methods[i].sentence), Qt::ToolTipRole);
    }
}

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

} // namespace

ExperimentDialog::ExperimentDialog(const std::optional<config::Experiment>& from, QWidget* parent)
    : QDialog(parent), m_experiment(startingPoint(from)), m_fields(new FieldEditors(m_experiment, this)),
      m_preflight(new PreflightPanel(this))
{
    setObjectName("experimentDialog");
    setWindowTitle(from ? tr("New experiment from \"%1\"").arg(shownName(from->name)) : tr("New experiment"));
    auto* pages = new QTabWidget(this);
    pages->setDocumentMode(true);
    pages->addTab(makeSections(), tr("Experiment"));
    m_method = new MethodPage(*m_fields);
    pages->addTab(scrolled(m_method), tr("Method"));
    pages->addTab(makeAllFields(), tr("All fields"));
    auto* right = new QWidget(this);
    auto* rightLayout = new QVBoxLayout(right);
    rightLayout->setContentsMargins(kSpace3, kSpace2, 0, 0);
    rightLayout->addWidget(m_preflight);
    auto* split = new QSplitter(this);
    split->addWidget(pages);
    split->addWidget(right);
    split->setStretchFactor(0, 3);
    split->setStretchFactor(1, 2);
    split->setChildrenCollapsible(false);
    split->setSizes({560, 420});
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(kSpace3, kSpace3, kSpace3, kSpace3);
    layout->addWidget(split, 1);
    makeButtons(*layout);
    resize(1020, 660);

    connect(m_fields, &FieldEditors::changed, this, &ExperimentDialog::onChanged);
    connect(m_preflight, &PreflightPanel::finished, this, &ExperimentDialog::updateStart);
    connect(m_preflight, &PreflightPanel::remedyChosen, this, [this](const preflight::Remedy& remedy) {
        for (const auto& [path, value] : remedy.fields) {
            m_fields->set(path, value);
        }
    });
    onChanged();
    // typing begins at once: at the pair, or at the name of what differs from the run that this one starts from
    if (auto* first = pages->widget(0)->findChild<QLineEdit*>(from ? "name" : "teacher.model")) {
        first->setFocus();
        first->selectAll();
    }
}

QFormLayout* ExperimentDialog::addSection(QVBoxLayout& into, const QString& title)
{
    auto* heading = new QLabel(title, into.parentWidget());
    heading->setFont(titleFont());
    into.addWidget(heading);
    auto* form = new QFormLayout;
    form->setHorizontalSpacing(kSpace3);
    form->setVerticalSpacing(kSpace1);
    form->setFieldGrowthPolicy(QFormLayout::ExpandingFieldsGrow);
    into.addLayout(form);
    into.addSpacing(kSpace3);
    return form;
}

QWidget* ExperimentDialog::makeSections()
{
    using Browse = FieldEditors::Browse;
    auto* content = new QWidget;
    auto* layout = new QVBoxLayout(content);
    layout->setContentsMargins(kSpace2, kSpace3, kSpace3, kSpace2);

    QFormLayout* pair = addSection(*layout, tr("Pair"));
    m_fields->addRow(*pair, "teacher.model", tr("Teacher"), Browse::Folder);
    m_fields->addRow(*pair, "student.model", tr("Student"), Browse::Folder);
    m_fields->addRow(*pair, "student.init", tr("Student starts from"));

    QFormLayout* texts = addSection(*layout, tr("Data"));
    m_fields->addRow(*texts, "data.train", tr("Training"), Browse::File);
    m_fields->addRow(*texts, "data.validation", tr("Validation"), Browse::File);
    m_fields->addRow(*texts, "data.max_length", tr("Longest sample, tokens"));

    QFormLayout* method = addSection(*layout, tr("Method"));
    m_preset = new QComboBox(content);
    m_preset->setObjectName("methodPreset");
    scrollPast(*m_preset);
    m_preset->setAccessibleName(tr("Method"));
    m_preset->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    m_preset->setPlaceholderText(tr("a composition of your own")); // shown for index -1
    fillMethods(*m_preset);
    auto* presetLabel = new QLabel(tr("&Method"), content);
    presetLabel->setBuddy(m_preset);
    method->addRow(presetLabel, m_preset);
    m_sentence = new QLabel(content);
    m_sentence->setObjectName("methodSentence");
    m_sentence->setWordWrap(true);
    m_sentence->setTextFormat(Qt::PlainText);
    setTone(*m_sentence, "muted");
    method->addRow(QString(), m_sentence);
    connect(m_preset, &QComboBox::activated, this, [this](int index) {
        const QVariant number = m_preset->itemData(index);
        if (number.isValid()) { // not a heading
            config::applyMethod(m_experiment, config::namedMethods()[number.toUInt()]);
            m_fields->reload();
        }
    });
    m_fields->addRow(*method, "method.alignment", tr("Different tokenizers"));
    m_fields->addRow(*method, "method.distance", tr("Distance"));
    m_fields->addRow(*method, "method.temperature", tr("Temperature"));
    m_fields->addRow(*method, "method.kd_rate", tr("Share of distillation"));

    QFormLayout* training = addSection(*layout, tr("Training"));
    m_fields->addRow(*training, "train.epochs", tr("Epochs"));
    m_fields->addRow(*training, "train.steps", tr("Steps (0: by epochs)"));
    m_fields->addRow(*training, "train.batch_size", tr("Batch size"));
    m_fields->addRow(*training, "train.lr", tr("Learning rate"));
    m_fields->addRow(*training, "train.precision", tr("Precision"));
    m_fields->addRow(*training, "train.device", tr("Device"));
    m_fields->addRow(*training, "validation.every", tr("Validate every, steps"));
    m_fields->addRow(*training, "checkpoint.every", tr("Checkpoint every, steps"));

    QFormLayout* runs = addSection(*layout, tr("Runs"));
    m_fields->addRow(*runs, "name", tr("Name"));
    m_fields->addRow(*runs, "group", tr("Group"));
    m_seeds = new QLineEdit(QString::number(m_experiment.seed), content);
    m_seeds->setObjectName("seeds");
    m_seeds->setAccessibleName(tr("Seeds"));
    m_seeds->setToolTip(tr("One run for each, for example 10, 20, 30: their mean and deviation tell luck from method"));
    auto* seedsLabel = new QLabel(tr("S&eeds"), content);
    seedsLabel->setBuddy(m_seeds);
    runs->addRow(seedsLabel, m_seeds);
    connect(m_seeds, &QLineEdit::textChanged, this, &ExperimentDialog::onChanged);
    layout->addStretch();
    return scrolled(content);
}

QWidget* ExperimentDialog::makeAllFields()
{
    auto* page = new QWidget;
    auto* search = new QLineEdit(page);
    search->setObjectName("fieldSearch");
    search->setPlaceholderText(tr("Search: name or explanation of a field"));
    search->setClearButtonEnabled(true);
    search->addAction(icon("search"), QLineEdit::LeadingPosition);
    auto* content = new QWidget(page);
    auto* form = new QFormLayout(content);
    form->setHorizontalSpacing(kSpace3);
    form->setVerticalSpacing(kSpace1);
    QStringList words;
    for (const config::FieldInfo& field : config::fieldReference()) {
        if (field.path != "version" && field.path != "seed") { // the seeds stand in the first page
            m_fields->addRow(*form, field.path, QString::fromStdString(field.path));
            words += QString::fromStdString(field.path + " " + field.explanation);
            for (const std::string_view meaning : field.meanings) {
                words.back() += QChar(' ') + QString::fromUtf8(meaning);
            }
        }
    }
    connect(search, &QLineEdit::textChanged, this, [form, words](const QString& text) {
        for (int row = 0; row < form->rowCount(); ++row) {
            form->setRowVisible(row, words[row].contains(text, Qt::CaseInsensitive));
        }
    });
    auto* layout = new QVBoxLayout(page);
    layout->setContentsMargins(kSpace2, kSpace3, kSpace3, kSpace2);
    layout->addWidget(search);
    layout->addWidget(scrolled(content), 1);
    return page;
}

void ExperimentDialog::makeButtons(QVBoxLayout& into)
{
    m_why = new QLabel(this);
    m_why->setObjectName("whyNot");
    m_why->setProperty("tone", "bad");
    m_why->setWordWrap(true);
    m_why->setTextFormat(Qt::PlainText);
    auto* open = new QPushButton(tr("&Open configuration …"), this);
    auto* save = new QPushButton(tr("Sa&ve configuration …"), this);
    auto* cancel = new QPushButton(tr("Cancel"), this);
    m_start = new QPushButton(this);
    m_start->setObjectName("start");
    m_start->setProperty("primary", true);
    m_start->setDefault(true);
    for (auto* button : {open, save, cancel}) {
        button->setAutoDefault(false);
    }
    auto* row = new QHBoxLayout;
    row->addWidget(open);
    row->addWidget(save);
    row->addWidget(m_why, 1);
    row->addWidget(cancel);
    row->addWidget(m_start);
    into.addLayout(row);
    connect(open, &QPushButton::clicked, this, &ExperimentDialog::openFile);
    connect(save, &QPushButton::clicked, this, &ExperimentDialog::saveFile);
    connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
    connect(m_start, &QPushButton::clicked, this, &ExperimentDialog::submit);
    for (const auto key : {Qt::Key_Return, Qt::Key_Enter}) {
        auto* shortcut = new QShortcut(QKeySequence(Qt::CTRL | key), this);
        connect(shortcut, &QShortcut::activated, m_start, &QPushButton::click);
    }
}

std::vector<std::uint64_t> ExperimentDialog::seeds() const
{
    std::set<std::uint64_t> seen;
    std::vector<std::uint64_t> result;
    static const QRegularExpression separators(QStringLiteral("[,;\\s]+"));
    for (const QString& word : m_seeds->text().split(separators, Qt::SkipEmptyParts)) {
        bool ok = false;
        const std::uint64_t seed = word.toULongLong(&ok);
        if (!ok) {
            return {};
        }
        if (seen.insert(seed).second) {
            result.push_back(seed);
        }
    }
    return result;
}

void ExperimentDialog::onChanged()
{
    const auto named = config::methodOf(m_experiment);
    m_preset->setCurrentIndex(named ? m_preset->findData(static_cast<uint>(*named)) : -1);
    m_method->follow(m_experiment);
    m_fields->showUnused();
    m_sentence->setText(named ? QString::fromUtf8(config::namedMethods()[*named].sentence)
                              : tr("The switches in \"Method\" are composed in a way that has no name."));
    const auto typed = seeds();
    const auto count = typed.size();
    if (!typed.empty()) {
        m_experiment.seed = typed.front(); // what is saved and checked
    }
    m_start->setText(count == 1 ? tr("Start 1 run") : tr("Start %1 runs").arg(count));
    m_notDone.clear();
    m_preflight->check(m_experiment);
    updateStart();
}

// Off while something speaks against the experiment, with the reason as its tool tip.
void ExperimentDialog::updateStart()
{
    QString why = m_fields->firstProblem();
    if (why.isEmpty() && seeds().empty()) {
        why = tr("Seeds are whole numbers, for example 10, 20, 30.");
    }
    const QString missing = why.isEmpty() ? missingFiles(m_experiment) : QString();
    // While a check is in work, what is known is of the experiment before the change. Nobody has to wait for it.
    const QString problem = m_preflight->busy() ? QString() : m_preflight->firstProblem();
    QString tip = why + missing;
    if (tip.isEmpty() && !problem.isEmpty()) {
        tip = problem;
        why = tr("The worker would refuse this: %1.").arg(problem.section(QLatin1Char(':'), 0, 0));
    }
    m_start->setEnabled(tip.isEmpty() && !m_submitted);
    m_start->setToolTip(tip.isEmpty() ? tr("Queue the runs (Ctrl+Return)") : tip);
    setTone(*m_why, why.isEmpty() && m_notDone.isEmpty() ? "muted" : "bad");
    m_why->setText(m_notDone.isEmpty() ? why + missing : m_notDone);
}

void ExperimentDialog::submit()
{
    std::vector<config::Experiment> experiments;
    for (const std::uint64_t seed : seeds()) {
        experiments.push_back(m_experiment);
        experiments.back().seed = seed;
    }
    m_submitted = true;
    m_notDone.clear();
    updateStart();
    Q_EMIT submitted(experiments);
}

void ExperimentDialog::refused(const QString& sentence)
{
    m_submitted = false;
    m_notDone = sentence;
    updateStart();
}

void ExperimentDialog::load(const config::Experiment& experiment)
{
    m_experiment = experiment;
    m_seeds->setText(QString::number(experiment.seed));
    m_fields->reload();
}

bool ExperimentDialog::saveTo(const QString& file) const
{
    QSaveFile out(file);
    return out.open(QIODevice::WriteOnly) && out.write(QByteArray::fromStdString(config::toText(m_experiment))) > 0 &&
           out.commit();
}

void ExperimentDialog::openFile()
{
    auto* dialog = new QFileDialog(this, tr("Open configuration"), {}, tr("Configurations (*.json)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& file) {
        const auto experiment = config::loadExperiment(file.toStdString());
        if (experiment) {
            load(*experiment);
            return;
        }
        auto* box = new QMessageBox(QMessageBox::Warning, tr("Open configuration"),
                                    QString::fromStdString(experiment.failure().what), QMessageBox::Ok, this);
        box->setInformativeText(QString::fromStdString(experiment.failure().hint));
        box->setAttribute(Qt::WA_DeleteOnClose);
        box->open();
    });
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
