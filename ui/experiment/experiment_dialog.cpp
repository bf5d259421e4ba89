#include "ui/experiment/experiment_dialog.h"

#include "core/config/methods/method_table.h"
#include "core/config/plan/seeds.h"
#include "ui/experiment/axes_panel.h"
#include "ui/experiment/method_page.h"
#include "ui/experiment/plan_estimate.h"
#include "ui/experiment/preflight_panel.h"
#include "ui/look/format.h"
#include "ui/look/theme.h"

#include <QComboBox>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QShortcut>
#include <QSplitter>
#include <QStandardItemModel>
#include <QTabWidget>
#include <QVBoxLayout>
#include <algorithm>
#include <vector>

namespace dskd::ui
{

namespace
{

config::Experiment startingPoint(const std::optional<config::Plan>& from)
{
    if (from) {
        return from->base;
    }
    config::Experiment fresh;
    fresh.checkpoint.every = 100; // what was computed is kept when a machine goes down
    return fresh;
}

std::optional<config::Plan> planOf(const std::optional<config::Experiment>& from)
{
    return from ? std::optional(config::Plan{*from, {}, {}, {}, {}}) : std::nullopt;
}

QScrollArea* scrolled(QWidget* content)
{
    auto* scroll = new QScrollArea;
    scroll->setWidgetResizable(true);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setWidget(content);
    return scroll;
}

// The fields of all sections begin at one x.
void alignFields(const QVBoxLayout& sections)
{
    std::vector<QWidget*> captions;
    int widest = 0;
    for (int i = 0; i < sections.count(); ++i) {
        const auto* form = qobject_cast<QFormLayout*>(sections.itemAt(i)->layout());
        for (int row = 0; form != nullptr && row < form->rowCount(); ++row) {
            const QLayoutItem* item = form->itemAt(row, QFormLayout::LabelRole);
            if (item != nullptr && item->widget() != nullptr) {
                captions.push_back(item->widget());
                widest = std::max(widest, item->widget()->sizeHint().width());
            }
        }
    }
    for (QWidget* caption : captions) {
        caption->setMinimumWidth(widest);
    }
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

} // namespace

ExperimentDialog::ExperimentDialog(const std::optional<config::Experiment>& from, QWidget* parent)
    : ExperimentDialog({}, planOf(from), parent)
{
}

ExperimentDialog::ExperimentDialog(const std::string& name, const std::optional<config::Plan>& from, QWidget* parent)
    : QDialog(parent), m_experiment(startingPoint(from)), m_savedAs(name),
      m_fields(new FieldEditors(m_experiment, this)), m_isNew(name.empty()), m_preflight(new PreflightPanel(this)),
      m_estimate(new PlanEstimateLine(this)), m_axes(new AxesPanel(this))
{
    setObjectName("experimentDialog");
    if (!name.empty()) {
        setWindowTitle(tr("Edit \"%1\"").arg(shownName(name)));
    } else {
        setWindowTitle(from && !from->base.name.empty()
                           ? tr("New experiment from \"%1\"").arg(shownName(from->base.name))
                           : tr("New experiment"));
    }
    makeLayout();
    connectAxes();
    if (from) {
        take(*from, m_isNew ? from->base.name : name);
    } else {
        m_fields->reload();
    }
    // typing begins at once: at the pair, or at the name of what differs from the run that this one starts from
    if (auto* first = m_pages->widget(0)->findChild<QLineEdit*>(from ? "name" : "teacher.model")) {
        first->setFocus();
        first->selectAll();
    }
}

void ExperimentDialog::makeLayout()
{
    m_pages = new QTabWidget(this);
    m_pages->setDocumentMode(true);
    m_pages->addTab(makeSections(), tr("Experiment"));
    m_method = new MethodPage(*m_fields);
    m_pages->addTab(scrolled(m_method), tr("Method"));
    m_pages->addTab(makeAllFields(), tr("All fields"));
    auto* right = new QWidget(this);
    auto* rightLayout = new QVBoxLayout(right);
    rightLayout->setContentsMargins(kSpace3, kSpace2, 0, 0);
    rightLayout->addWidget(m_preflight);
    auto* split = new QSplitter(this);
    split->addWidget(m_pages);
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
    connect(m_fields, &FieldEditors::samplesRequested, this, &ExperimentDialog::chooseSamples);
    connect(m_preflight, &PreflightPanel::finished, this, &ExperimentDialog::updateStart);
    connect(m_estimate, &PlanEstimateLine::finished, this, &ExperimentDialog::updateStart);
    connect(m_preflight, &PreflightPanel::remedyChosen, this, [this](const preflight::Remedy& remedy) {
        for (const auto& [path, value] : remedy.fields) {
            m_fields->set(path, value);
        }
    });
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
    m_fields->addRow(*texts, "log.probe_lines", tr("Samples to record, lines"), Browse::Samples);

    QFormLayout* method = addSection(*layout, tr("Method"));
    addMethod(*method, content);
    m_fields->addRow(*method, "method.space", tr("Compared in"));
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

    addRuns(*layout);
    alignFields(*layout);
    layout->addStretch();
    return scrolled(content);
}

void ExperimentDialog::addMethod(QFormLayout& form, QWidget* content)
{
    m_preset = new QComboBox(content);
    m_preset->setObjectName("methodPreset");
    scrollPast(*m_preset);
    m_preset->setAccessibleName(tr("Method"));
    m_preset->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    m_preset->setPlaceholderText(tr("a composition of your own")); // shown for index -1
    fillMethods(*m_preset);
    auto* presetLabel = new QLabel(tr("&Method"), content);
    presetLabel->setBuddy(m_preset);
    form.addRow(presetLabel, m_preset);
    m_sentence = new QLabel(content);
    m_sentence->setObjectName("methodSentence");
    m_sentence->setWordWrap(true);
    m_sentence->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred); // as wide as the list above it
    m_sentence->setTextFormat(Qt::PlainText);
    setTone(*m_sentence, "muted");
    form.addRow(QString(), m_sentence);
    connect(m_preset, &QComboBox::activated, this, [this](int index) {
        const QVariant number = m_preset->itemData(index);
        if (number.isValid()) { // not a heading
            config::applyMethod(m_experiment, config::namedMethods()[number.toUInt()]);
            m_fields->reload();
        }
    });
}

void ExperimentDialog::addRuns(QVBoxLayout& layout)
{
    QFormLayout* runs = addSection(layout, tr("Runs"));
    m_fields->addRow(*runs, "name", tr("Name"));
    m_name = layout.parentWidget()->findChild<QLineEdit*>("name");
    m_seeds = new QLineEdit(QString::number(m_experiment.seed), layout.parentWidget());
    m_seeds->setObjectName("seeds");
    m_seeds->setAccessibleName(tr("Seeds"));
    m_seeds->setToolTip(
        tr("One run for each, for example 10, 20, 30 or 10-14: their deviation shows how much is chance"));
    auto* seedsLabel = new QLabel(tr("S&eeds"), layout.parentWidget());
    seedsLabel->setBuddy(m_seeds);
    runs->addRow(seedsLabel, m_seeds);
    auto* axesLabel = new QLabel(tr("Varied"), layout.parentWidget());
    runs->addRow(axesLabel, m_axes);
    connect(m_seeds, &QLineEdit::textChanged, this, &ExperimentDialog::onChanged);
}

QWidget* ExperimentDialog::makeAllFields()
{
    auto* page = new QWidget;
    auto* search = new QLineEdit(page);
    search->setObjectName("fieldSearch");
    search->setPlaceholderText(tr("Search: name or explanation of a field"));
    search->setAccessibleName(tr("Search of the fields"));
    search->setClearButtonEnabled(true);
    search->addAction(icon("search"), QLineEdit::LeadingPosition);
    auto* content = new QWidget(page);
    auto* form = new QFormLayout(content);
    form->setHorizontalSpacing(kSpace3);
    form->setVerticalSpacing(kSpace1);
    QStringList words;
    for (const config::FieldInfo& field : config::fieldReference()) {
        // the first page has name and seeds; the group of the runs is the experiment
        if (field.path == "version" || field.path == "seed" || field.path == "name" || field.path == "group") {
            continue;
        }
        m_fields->addRow(*form, field.path, QString::fromStdString(field.path));
        words += QString::fromStdString(field.path + " " + field.explanation);
        for (const std::string_view meaning : field.meanings) {
            words.back() += QChar(' ') + QString::fromUtf8(meaning);
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
    auto* toFile = new QPushButton(tr("Sa&ve configuration …"), this);
    auto* cancel = new QPushButton(tr("Cancel"), this);
    m_save = new QPushButton(tr("Save"), this);
    m_save->setObjectName("save");
    m_start = new QPushButton(this);
    m_start->setObjectName("start");
    m_start->setProperty("primary", true);
    m_start->setDefault(true);
    for (auto* button : {open, toFile, cancel, m_save}) {
        button->setAutoDefault(false);
    }
    m_probe = new QPushButton(tr("Measure"), this);
    m_probe->setObjectName("probe");
    m_probe->setAutoDefault(false);
    m_probe->setToolTip(tr("Train a few steps of a run that no time is known of; nothing of it is kept"));
    connect(m_probe, &QPushButton::clicked, m_estimate, &PlanEstimateLine::probe);
    auto* estimate = new QHBoxLayout;
    estimate->addWidget(m_estimate, 1);
    estimate->addWidget(m_probe);
    into.addLayout(estimate);
    auto* row = new QHBoxLayout;
    row->addWidget(open);
    row->addWidget(toFile);
    row->addWidget(m_why, 1);
    row->addWidget(cancel);
    row->addWidget(m_save);
    row->addWidget(m_start);
    into.addLayout(row);
    connect(open, &QPushButton::clicked, this, &ExperimentDialog::openFile);
    connect(toFile, &QPushButton::clicked, this, &ExperimentDialog::saveFile);
    connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
    connect(m_save, &QPushButton::clicked, this, [this] { submit(false); });
    connect(m_start, &QPushButton::clicked, this, [this] { submit(true); });
    for (const auto key : {Qt::Key_Return, Qt::Key_Enter}) {
        auto* shortcut = new QShortcut(QKeySequence(Qt::CTRL | key), this);
        connect(shortcut, &QShortcut::activated, m_start, &QPushButton::click);
    }
}

} // namespace dskd::ui
