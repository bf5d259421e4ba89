#include "ui/pages/samples/samples_page.h"

#include "core/base/run_layout.h"
#include "core/text/numbers.h"
#include "ui/feed/background.h"
#include "ui/feed/workspace_feed.h"
#include "ui/look/theme.h"
#include "ui/pages/samples/answer_card.h"
#include "ui/pages/shared/quiet_label.h"
#include "ui/pages/shared/read_each.h"

#include <QBoxLayout>
#include <QEvent>
#include <QPlainTextEdit>
#include <QScrollArea>
#include <QSignalBlocker>
#include <QSlider>
#include <QSpinBox>
#include <QStackedWidget>
#include <algorithm>

namespace dskd::ui
{
namespace
{

constexpr int kPollMs = 2000; // validations are seldom
constexpr int kColumnWidth = 300;
constexpr int kPromptLines = 7;

} // namespace

SamplesPage::SamplesPage(const WorkspaceFeed& workspace, Background& background, QWidget* parent)
    : QWidget(parent), m_workspace(workspace), m_background(background), m_stack(new QStackedWidget(this)),
      m_empty(newEmptyState({}, m_stack)), m_prompt(new QPlainTextEdit), m_reference(new QLabel),
      m_gridWidget(new QWidget)
{
    setObjectName(QStringLiteral("samplesPage"));
    m_empty->setObjectName(QStringLiteral("emptyState"));
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
    texts->addWidget(new QuietLabel(tr("Prompt")), 0, 0, Qt::AlignTop);
    texts->addWidget(m_prompt, 0, 1);
    texts->addWidget(new QuietLabel(tr("Reference")), 1, 0, Qt::AlignTop);
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
    m_stack->addWidget(m_empty);
    m_stack->addWidget(content);
    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(m_stack);

    m_poll.setInterval(kPollMs);
    connect(&m_poll, &QTimer::timeout, this, &SamplesPage::readShown);
    m_poll.start();
    showEmpty();
}

void SamplesPage::makeToolBar(QBoxLayout& into)
{
    m_sample = new QSpinBox;
    m_sample->setObjectName(QStringLiteral("sample"));
    m_sample->setAccessibleName(tr("Sample"));
    m_sampleCount = new QuietLabel;
    m_slider = new QSlider(Qt::Horizontal);
    m_slider->setObjectName(QStringLiteral("step"));
    m_slider->setAccessibleName(tr("Step"));
    m_slider->setPageStep(1);
    m_slider->setTickPosition(QSlider::TicksBelow);
    m_slider->setTickInterval(1);
    m_stepText = new QLabel;
    m_stepText->setObjectName(QStringLiteral("stepText"));
    m_stepText->setMinimumWidth(m_stepText->fontMetrics().horizontalAdvance(QStringLiteral("step 100000 of 100000")));
    auto* bar = new QHBoxLayout;
    bar->setSpacing(kSpace2);
    bar->addWidget(new QuietLabel(tr("Sample")));
    bar->addWidget(m_sample);
    bar->addWidget(m_sampleCount);
    bar->addSpacing(kSpace4);
    bar->addWidget(m_slider, 1);
    bar->addWidget(m_stepText);
    into.addLayout(bar);
    connect(m_sample, &QSpinBox::valueChanged, this, &SamplesPage::fillSteps);
    connect(m_slider, &QSlider::valueChanged, this, &SamplesPage::showAnswers);
}

void SamplesPage::setRuns(std::vector<std::string> shown, std::vector<std::string> selected)
{
    m_shown = std::move(shown);
    m_selected = std::move(selected);
    fillSteps();
    readShown();
}

void SamplesPage::readShown()
{
    std::erase_if(m_final, [this](const std::string& id) { // resumed: goes on
        const RunRecord* record = m_workspace.find(id);
        return !record || jobs::isAlive(record->status.status);
    });
    if (!isVisible() || m_reading) {
        return;
    }
    std::vector<std::string> ids;
    std::set<std::string> ended;
    for (const std::string& id : m_shown) {
        const RunRecord* record = m_workspace.find(id);
        if (record && !m_final.contains(id)) {
            ids.push_back(id);
            if (!jobs::isAlive(record->status.status)) {
                ended.insert(id);
            }
        }
    }
    if (ids.empty()) {
        showEmpty();
        return;
    }
    m_reading = true;
    using Read = ReadRuns<AnswerCatalogue>;
    m_background.run(
        this,
        [ids, layout = WorkspaceLayout{m_workspace.workspace()}](const std::atomic<bool>& cancelled) {
            return readEach<AnswerCatalogue>(ids, layout, cancelled, readAnswers);
        },
        [this, ended](Result<Read> read) {
            m_reading = false;
            m_trouble = read ? read->trouble : QString::fromStdString(read.failure().text());
            bool changed = std::erase_if(m_answers, [this](const auto& entry) { // what nobody looks at needs no memory
                               return std::find(m_shown.begin(), m_shown.end(), entry.first) == m_shown.end();
                           }) > 0;
            for (auto& [id, answers] : read ? read->byRun : std::map<std::string, AnswerCatalogue>()) {
                const auto last = [](const AnswerCatalogue& of) {
                    return of.answers.empty() ? 0 : of.answers.back().id;
                };
                if (ended.contains(id)) {
                    m_final.insert(id);
                }
                changed = changed || !m_answers.contains(id) || last(m_answers[id]) != last(answers);
                m_answers[id] = std::move(answers);
            }
            std::erase_if(m_final, [this](const std::string& id) { return !m_answers.contains(id); });
            if (changed) {
                fillSteps();
            } else {
                showEmpty();
            }
        });
}

void SamplesPage::fillSteps()
{
    std::set<std::int64_t> samples;
    for (const std::string& id : m_shown) {
        if (const auto run = m_answers.find(id); run != m_answers.end()) {
            for (const auto& [sample, steps] : run->second.bySample) {
                samples.insert(sample);
            }
        }
    }
    m_samples.assign(samples.begin(), samples.end());
    {
        const QSignalBlocker quiet(m_sample);
        m_sample->setRange(1, std::max(1, static_cast<int>(m_samples.size())));
    }
    m_sampleCount->setText(tr("of %1").arg(m_samples.size()));
    std::set<std::int64_t> steps;
    if (!m_samples.empty()) {
        const std::int64_t sample = m_samples[static_cast<std::size_t>(m_sample->value() - 1)];
        for (const std::string& id : m_shown) {
            if (const auto run = m_answers.find(id); run != m_answers.end() && run->second.bySample.contains(sample)) {
                for (const auto& [step, place] : run->second.bySample.at(sample)) {
                    steps.insert(step);
                }
            }
        }
    }
    const bool atEnd = m_steps.empty() || m_slider->value() == m_slider->maximum();
    const std::int64_t before = m_steps.empty() ? 0 : m_steps[static_cast<std::size_t>(m_slider->value())];
    m_steps.assign(steps.begin(), steps.end());
    {
        const QSignalBlocker quiet(m_slider);
        m_slider->setRange(0, std::max(0, static_cast<int>(m_steps.size()) - 1));
        const auto at = std::lower_bound(m_steps.begin(), m_steps.end(), before) - m_steps.begin();
        m_slider->setValue(atEnd ? m_slider->maximum() : static_cast<int>(at)); // at the end it follows the runs
        m_slider->setEnabled(m_steps.size() > 1);
    }
    showAnswers();
}

void SamplesPage::showAnswers()
{
    showEmpty();
    if (m_samples.empty() || m_steps.empty()) {
        return;
    }
    const std::int64_t sample = m_samples[static_cast<std::size_t>(m_sample->value() - 1)];
    const std::int64_t step = m_steps[static_cast<std::size_t>(m_slider->value())];
    m_stepText->setText(tr("step %1 of %2").arg(step).arg(m_steps.back()));
    const store::AnswerRow* any = nullptr;
    std::size_t used = 0;
    for (const std::string& id : m_shown) {
        const RunRecord* record = m_workspace.find(id);
        const auto run = m_answers.find(id);
        if (!record || run == m_answers.end()) {
            continue;
        }
        if (used == m_cards.size()) {
            m_cards.push_back(new AnswerCard(m_gridWidget));
            m_columns = 0;
        }
        AnswerCard& card = *m_cards[used++];
        card.setRun(QString::fromStdString(record->row.name.empty() ? id : record->row.name), runColor(record->color),
                    std::find(m_selected.begin(), m_selected.end(), id) != m_selected.end());
        const store::AnswerRow* answer = answerNear(run->second, sample, step);
        any = answer ? answer : any;
        if (!answer) {
            card.setMissing(run->second.answers.empty() ? tr("This run generates no answers: its "
                                                             "validation.generate_samples is 0 or it has not "
                                                             "validated yet.")
                                                        : tr("No answer to this sample."));
            continue;
        }
        const QString when = answer->step == step ? QString() : tr("nearest %1 \u00b7 ").arg(answer->step);
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
    m_stack->setCurrentIndex(m_samples.empty() ? 0 : 1);
    if (!m_samples.empty()) {
        return;
    }
    const bool read = std::all_of(m_shown.begin(), m_shown.end(), [this](const std::string& id) {
        return m_answers.contains(id) || !m_workspace.find(id);
    });
    m_empty->setText(!m_trouble.isEmpty() ? m_trouble
                     : m_shown.empty()    ? tr("No run is shown. Switch on the eyes of runs in the list to read their "
                                                  "answers side by side.")
                     : !read              ? tr("Reading\u2026")
                                          : tr("No shown run has generated answers yet. Runs with "
                                                            "validation.generate_samples above 0 do so at every validation."));
}

void SamplesPage::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    readShown();
}

void SamplesPage::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    place();
}

void SamplesPage::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange) {
        showAnswers(); // the colours of the runs depend on the theme
    }
}

} // namespace dskd::ui
