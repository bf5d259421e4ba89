#include "ui/pages/samples/samples_page.h"

#include "core/text/numbers.h"
#include "ui/feed/background.h"
#include "ui/feed/run_title.h"
#include "ui/feed/workspace_feed.h"
#include "ui/look/format.h"
#include "ui/look/theme.h"
#include "ui/pages/samples/answer_card.h"
#include "ui/pages/shared/muted_label.h"
#include "ui/pages/shared/page_stack.h"
#include "ui/pages/shared/step_slider.h"

#include <QBoxLayout>
#include <QEvent>
#include <QLabel>
#include <QPlainTextEdit>
#include <QScrollArea>
#include <QSignalBlocker>
#include <QSpinBox>
#include <algorithm>
#include <filesystem>
#include <set>
#include <utility>

namespace dskd::ui
{
namespace
{

constexpr int kPollMs = 2000; // validations are seldom
constexpr int kColumnWidth = 300;
constexpr int kPromptLines = 7;

} // namespace

SamplesPage::SamplesPage(const WorkspaceFeed& workspace, Background& background, QWidget* parent)
    : Page(parent), m_workspace(workspace), m_answers(workspace, background, this, kPollMs, readAnswers,
                                                      [this](bool changed) { changed ? fillSteps() : showEmpty(); }),
      m_stack(new PageStack(this)), m_prompt(new QPlainTextEdit), m_reference(new QLabel), m_gridWidget(new QWidget)
{
    setObjectName(QStringLiteral("samplesPage"));
    m_prompt->setObjectName(QStringLiteral("prompt"));
    m_prompt->setReadOnly(true);
    m_prompt->setTabChangesFocus(true);
    m_prompt->setAccessibleName(tr("Prompt"));
    m_prompt->setFixedHeight(kPromptLines * m_prompt->fontMetrics().lineSpacing() + 2 * kSpace2);
    m_reference->setObjectName(QStringLiteral("reference"));
    m_reference->setTextFormat(Qt::PlainText);
    m_reference->setWordWrap(true);
    m_reference->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_grid = new QGridLayout(m_gridWidget);
    m_grid->setContentsMargins(0, 0, 0, 0);
    m_grid->setSpacing(kSpace2);

    auto* content = new QWidget(m_stack);
    auto* all = new QVBoxLayout(content);
    all->setContentsMargins(kSpace2, kSpace2, kSpace2, kSpace2);
    all->setSpacing(kSpace2);
    makeToolBar(*all);
    auto* texts = new QGridLayout;
    texts->setHorizontalSpacing(kSpace3);
    texts->addWidget(new MutedLabel(tr("Prompt")), 0, 0, Qt::AlignTop);
    texts->addWidget(m_prompt, 0, 1);
    texts->addWidget(new MutedLabel(tr("Reference")), 1, 0, Qt::AlignTop);
    texts->addWidget(m_reference, 1, 1);
    texts->setColumnStretch(1, 1);
    all->addLayout(texts);
    auto* scroll = new QScrollArea;
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidgetResizable(true);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    auto* answers = new QWidget;
    auto* column = new QVBoxLayout(answers);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(m_gridWidget);
    column->addStretch(1);
    scroll->setWidget(answers);
    all->addWidget(scroll, 1);
    m_stack->setContent(content);
    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(m_stack);

    showEmpty();
}

void SamplesPage::makeToolBar(QBoxLayout& into)
{
    m_sample = new QSpinBox;
    m_sample->setObjectName(QStringLiteral("sample"));
    m_sample->setAccessibleName(tr("Sample"));
    m_sampleCount = new MutedLabel;
    m_step = new StepSlider(StepSlider::Playback::Off);
    auto* bar = new QHBoxLayout;
    bar->setSpacing(kSpace2);
    bar->addWidget(new MutedLabel(tr("Sample")));
    bar->addWidget(m_sample);
    bar->addWidget(m_sampleCount);
    bar->addSpacing(kSpace4);
    bar->addWidget(m_step, 1);
    into.addLayout(bar);
    connect(m_sample, &QSpinBox::valueChanged, this, &SamplesPage::fillSteps);
    connect(m_step, &StepSlider::stepChanged, this, &SamplesPage::showAnswers);
}

void SamplesPage::setRuns(std::vector<std::string> shown, std::vector<std::string> selected)
{
    m_selected = std::move(selected);
    m_answers.setShown(std::move(shown));
    fillSteps();
}

void SamplesPage::fillSteps()
{
    std::set<std::int64_t> samples;
    for (const std::string& id : m_answers.shown()) {
        if (const AnswerCatalogue* run = m_answers.find(id)) {
            for (const auto& [sample, steps] : run->bySample) {
                samples.insert(sample);
            }
        }
    }
    m_samples.assign(samples.begin(), samples.end());
    {
        const QSignalBlocker blocker(m_sample);
        m_sample->setRange(1, std::max(1, static_cast<int>(m_samples.size())));
    }
    m_sampleCount->setText(tr("of %1").arg(m_samples.size()));
    std::set<std::int64_t> steps;
    if (!m_samples.empty()) {
        const std::int64_t sample = m_samples[static_cast<std::size_t>(m_sample->value() - 1)];
        for (const std::string& id : m_answers.shown()) {
            if (const AnswerCatalogue* run = m_answers.find(id); run && run->bySample.contains(sample)) {
                for (const auto& [step, place] : run->bySample.at(sample)) {
                    steps.insert(step);
                }
            }
        }
    }
    m_step->setSteps({steps.begin(), steps.end()});
    showAnswers();
}

void SamplesPage::showAnswers()
{
    showEmpty();
    const auto step = m_step->step();
    if (m_samples.empty() || !step) {
        return;
    }
    const std::int64_t sample = m_samples[static_cast<std::size_t>(m_sample->value() - 1)];
    const store::AnswerRow* any = nullptr;
    std::size_t used = showBaselines(sample);
    for (const std::string& id : m_answers.shown()) {
        const RunRecord* record = m_workspace.find(id);
        const AnswerCatalogue* run = m_answers.find(id);
        if (!record || !run) {
            continue;
        }
        AnswerCard& card = cardAt(used++);
        card.setRun(runTitle(*record), runColor(record->color),
                    std::find(m_selected.begin(), m_selected.end(), id) != m_selected.end());
        const store::AnswerRow* answer = answerNear(*run, sample, *step);
        any = answer ? answer : any;
        if (!answer) {
            card.setMissing(run->answers.empty() ? tr("This run generates no answers: its "
                                                      "validation.generate_samples is 0 or it has not "
                                                      "validated yet.")
                                                 : tr("No answer to this sample."));
            continue;
        }
        const QString when = answer->step == *step ? QString() : tr("nearest %1 \u00b7 ").arg(answer->step);
        card.setAnswer(when + tr("ROUGE-L %1").arg(QString::fromStdString(text::number(answer->rougeL))),
                       QString::fromStdString(answer->answer).trimmed());
    }
    while (m_cards.size() > used) {
        delete m_cards.back();
        m_cards.pop_back();
        m_columns = 0;
    }
    if (any) {
        const QString prompt = QString::fromStdString(any->prompt).trimmed();
        if (m_prompt->toPlainText() != prompt) { // keeps the scroll position while a run goes on
            m_prompt->setPlainText(prompt);
        }
        m_reference->setText(QString::fromStdString(any->reference));
    }
    place();
}

AnswerCard& SamplesPage::cardAt(std::size_t place)
{
    if (place == m_cards.size()) {
        m_cards.push_back(new AnswerCard(m_gridWidget));
        m_columns = 0;
    }
    return *m_cards[place];
}

// One card for each teacher and untrained student of the shown runs: seeds and methods share theirs.
std::size_t SamplesPage::showBaselines(std::int64_t sample)
{
    std::set<std::pair<store::ModelSide, std::string>> known; // by the model's folder
    std::size_t used = 0;
    for (const store::ModelSide of : {store::ModelSide::Teacher, store::ModelSide::Student}) {
        for (const std::string& id : m_answers.shown()) {
            const RunRecord* record = m_workspace.find(id);
            const AnswerCatalogue* run = m_answers.find(id);
            if (!record || !run) {
                continue;
            }
            const bool isTeacher = of == store::ModelSide::Teacher;
            for (const store::BaselineAnswerRow& row : run->baselines) {
                if (row.of != of || row.answer.sample != sample) {
                    continue;
                }
                const std::string& folder = isTeacher ? record->row.teacher : record->row.student;
                if (!known.emplace(of, folder + "\n" + row.answer.answer).second) {
                    continue;
                }
                const QString model = shownName(std::filesystem::path(folder).filename().string());
                const QString name = isTeacher ? tr("teacher") : tr("untrained student");
                AnswerCard& card = cardAt(used++);
                card.setRun(model.isEmpty() ? name : name + QStringLiteral(" \u00b7 ") + model, ui::palette().muted,
                            /*selected=*/false);
                card.setAnswer(tr("ROUGE-L %1").arg(QString::fromStdString(text::number(row.answer.rougeL))),
                               QString::fromStdString(row.answer.answer).trimmed());
            }
        }
    }
    return used;
}

void SamplesPage::place()
{
    const int count = std::max(1, static_cast<int>(m_cards.size()));
    const int most = std::clamp((width() - kSpace2) / (kColumnWidth + kSpace2), 1, count);
    const int rows = (count + most - 1) / most;
    const int columns = (count + rows - 1) / rows;
    if (columns == m_columns) {
        return;
    }
    m_columns = columns;
    for (int column = 0; column < m_grid->columnCount(); ++column) {
        m_grid->setColumnStretch(column, 0);
    }
    for (std::size_t i = 0; i < m_cards.size(); ++i) {
        m_grid->removeWidget(m_cards[i]);
        m_grid->addWidget(m_cards[i], static_cast<int>(i) / columns, static_cast<int>(i) % columns);
        m_grid->setColumnStretch(static_cast<int>(i) % columns, 1);
    }
}

void SamplesPage::showEmpty()
{
    if (!m_samples.empty()) {
        m_stack->showContent();
        return;
    }
    m_stack->showSentence(m_answers.whyEmpty(
        tr("No run is shown. Check the boxes of runs in the list to read their answers side by side."),
        tr("No shown run has generated answers yet. Runs with validation.generate_samples above 0 do so at every "
           "validation.")));
}

void SamplesPage::showEvent(QShowEvent* event)
{
    Page::showEvent(event);
    m_answers.refresh();
}

void SamplesPage::resizeEvent(QResizeEvent* event)
{
    Page::resizeEvent(event);
    place();
}

void SamplesPage::changeEvent(QEvent* event)
{
    Page::changeEvent(event);
    if (event->type() == QEvent::PaletteChange) {
        showAnswers(); // the colours of the runs depend on the theme
    }
}

} // namespace dskd::ui
